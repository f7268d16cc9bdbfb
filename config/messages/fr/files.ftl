# Ce qui est dit des fichiers : s’ils peuvent être lus, et comment s’écrivent les tableaux et les fichiers TOML.

io-not-found = { $words }

io-permission = { $words }

io-is-a-folder = { $words }

file-unreadable = la lecture est impossible : { $why }
    .remedy = vérifiez le chemin et qui a le droit de lire ce fichier

file-is-utf-16 = ce fichier est en UTF-16, et non en UTF-8
    .remedy = enregistrez de nouveau le fichier avec l’encodage UTF-8

file-is-not-utf-8 = à partir d’ici, le texte n’est plus de l’UTF-8 : il a été enregistré dans un autre encodage
    .remedy = enregistrez de nouveau le fichier avec l’encodage UTF-8

file-is-damaged = le texte de ce fichier est abîmé
    .remedy = enregistrez de nouveau le fichier avec l’encodage UTF-8

table-is-not-utf-8 = à partir d’ici, le texte n’est plus de l’UTF-8 : il a été enregistré dans un autre encodage
    .remedy = enregistrez le fichier en UTF-8 (dans Excel, « CSV UTF-8 ») ; les commandes d’importation acceptent aussi `--encoding windows-1252`

table-is-unicode = ce fichier est en UTF-8 ou en UTF-16, et non en Windows-1252
    .remedy = retirez `--encoding`

header-none = le fichier est vide : il n’a pas de ligne d’en-tête

header-quotes = la ligne d’en-tête est illisible : un guillemet n’est pas refermé
    .remedy = enregistrez le fichier en CSV UTF-8

header-damaged = la ligne d’en-tête est illisible : son texte est abîmé
    .remedy = enregistrez le fichier en CSV UTF-8

header-row = la première ligne n’est pas un en-tête : il s’y trouve une adresse
    .remedy = écrivez au-dessus une ligne avec les noms des colonnes

header-lacks = il manque à l’en-tête { $lacking } ; ses colonnes sont { $columns }

header-unnamed = l’en-tête n’a pas de colonne `{ $name }` ; ses colonnes sont { $columns }
    .remedy = nommez l’une d’elles : `--column { $column }=NOM`

header-twice = l’en-tête nomme deux fois la colonne `{ $column }`
    .remedy = n’en gardez qu’une

secret-unreadable = `{ $path }` ne peut pas être lu

secret-exposed = `{ $path }` est ouvert à d’autres utilisateurs (mode { $mode }) ; exécutez `chmod 600 { $path }`

offer-no-price-history = les prix antérieurs n’ont pas été vérifiés : il n’y a pas de configuration ici, donc pas d’historique des prix
    .remedy = lancez la commande dans le dossier de la boutique, où `carillon price import FILE` tient l’historique

offer-price-file-unreadable = le fichier de prix `{ $path }` ne peut pas être lu : { $why }
    .remedy = nommez un fichier CSV placé à côté du fichier de campagne, avec les colonnes sku et price

toml-twice = ceci figure deux fois dans le fichier
    .remedy = n’en gardez qu’un

toml-missing-key = `{ $key }` manque dans { $table }
    .remedy = écrivez-y une ligne `{ $key } = …`

toml-missing-at-top = `{ $key }` manque dans { $table }
    .remedy = ajoutez une ligne `{ $key } = …`, ou une section `[{ $key }]`

toml-unknown-word = { word-unknown }
    .remedy = écrivez l’un d’eux, entre guillemets droits

toml-other = { $why }
    .remedy = corrigez cette ligne et relancez la commande

wanted-number-up-to = un nombre entier de 0 à { $most }

wanted-whole-number = un nombre entier

wanted-day = un jour tel que `2027-01-06`, sans guillemets

cannot-read = `{ $path }` ne peut pas être lu

cannot-write = `{ $path }` ne peut pas être écrit

cannot-make-folder = le dossier `{ $path }` ne peut pas être créé

columns-unused = ces colonnes ne servent pas : { $columns }

columns-unused-of = ces colonnes de `{ $file }` ne servent pas : { $columns }

report-line = ligne

report-reason = raison

row-no-value = `{ $column }` n’a pas de valeur : la feuille montre `{ $shown }`

workbook-old = c’est un classeur d’un ancien format (`.xls`), ou protégé par un mot de passe
    .remedy = enregistrez-le en `.xlsx` sans mot de passe, ou en CSV UTF-8

workbook-open-document = ce n’est pas un `.xlsx` mais un fichier OpenDocument
    .remedy = enregistrez-le en `.xlsx`, ou en CSV UTF-8

workbook-too-large = le classeur dépasse ce qui est lu : { $packed } Mio, { $unpacked } Mio une fois décompressé, et un tableau de 128 Mio
    .remedy = enregistrez la feuille en CSV UTF-8 : ces fichiers peuvent avoir n’importe quelle taille

workbook-damaged = le classeur ne peut pas être lu : { $why }
    .remedy = ouvrez-le dans le tableur et enregistrez-le de nouveau en `.xlsx`, ou en CSV UTF-8

workbook-no-such-sheet = il n’y a pas de feuille `{ $sheet }` ; il y a { $sheets }
    .remedy = nommez l’une d’elles, ou donnez son numéro

workbook-empty = aucune feuille du classeur ne contient quoi que ce soit
    .remedy = enregistrez le classeur avec son tableau

workbook-which-sheet = plusieurs feuilles sont remplies : { $sheets }
    .remedy = dites laquelle avec `--sheet`, dans un fichier de campagne avec `sheet = "…"` sous `prices`

workbook-is-none = une feuille est nommée, et ce n’est pas un classeur
    .remedy = retirez la feuille : un fichier CSV est un seul tableau
