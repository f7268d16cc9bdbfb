# Ce qui est dit des courriels : les modèles, leurs contrôles et les messages composés.

language-name = { $language ->
    [fr] français
   *[other] anglais
}

# Les fichiers des modèles.

template-passed-over = ce fichier est laissé de côté : le système ou un éditeur l’y a laissé
    .remedy = supprimez-le si vous voulez

template-unknown-file = ce fichier ne fait pas partie des modèles

template-file-names = nommez-le comme dans `docs/mail.md` : le dossier d’une sorte de courriel avec `subject.txt`, `body.txt`, `body.html`, ou `base.html`, `base.txt`

template-half-replaced = le courriel `{ $kind }` en { language-name } n’est remplacé qu’en partie : { $count ->
    [one] il manque le fichier
   *[other] il manque les fichiers
} { $missing }
    .remedy = ajoutez ce qui manque, ou retirez les autres fichiers de cette langue

template-fault = le modèle est fautif : { $why }
    .remedy = corrigez le modèle ; ceux qui sont fournis avec Carillon montrent comment faire (`docs/mail.md`, `docs/gate.md`)

template-too-long = il en sort plus de { $longest } octets
    .remedy = raccourcissez le modèle, et cherchez une boucle qui ne finit pas

template-subject = l’objet ne peut pas être envoyé : { $why }
    .remedy = écrivez une seule ligne de { $limit } caractères au plus

template-sample = l’exemple fourni ne peut pas être composé : { $why }
    .remedy = c’est une erreur du programme, pas d’un modèle

template-unknown-name = il n’y a pas de `{ $name }` dans ce courriel
    .remedy = employez un champ que `docs/mail.md` donne pour cette sorte de courriel

# Les pages d’une boutique.

page-file-names = nommez-le comme le fichier de `config/pages` qu’il remplace

page-words-unreadable = les textes ne peuvent pas être lus : { $why }

page-text-missing = `{ $key }` manque

page-text-unknown = il n’y a pas de texte `{ $key }`

page-compare-with-ours = comparez avec les fichiers fournis avec Carillon, `config/pages`

# Les courriels d’un envoi.

mailing-unwritten = les courriels de l’envoi `{ $mailing }` ne peuvent pas être composés : { $why }
    .remedy = corrigez ce que la phrase indique, puis vérifiez de nouveau

mailing-subject = l’objet du courriel en { language-name } de l’envoi `{ $mailing }` ne peut pas être envoyé : { $why }
    .remedy = raccourcissez ce `subject`

mailing-subject-of-template = l’objet du courriel en { language-name } de l’envoi `{ $mailing }` ne peut pas être envoyé : { $why }
    .remedy = écrivez un `subject` pour cet envoi, ou un titre plus court ; `{ $file }` l’entoure d’autres mots

letter-template = le courriel en { language-name } : { $why }

letter-no-language = l’envoi n’a pas de langue

letter-unsubscribe-not-private = l’adresse de désinscription n’est pas en HTTPS, comme le demande la RFC 8058 ; voyez `url` sous `[public]`

letter-date = un message ne peut pas porter la date `{ $date }`

# Un message à un auditeur ou à un délégué à la protection des données, en français et en anglais, avec des lignes du fichier d’ancrages.
anchors-letter-subject = Registre des consentements : ancrages au { $day }
anchors-letter = Au { $day }, le registre des consentements de { $shop } se terminait à la ligne { $line }. Ajoutez les lignes ci-dessous à votre fichier d’ancrages, une par ligne, sauf celles qui s’y trouvent déjà ; `carillon consent check-anchors FILE --public-key KEYS` le vérifie, sur n’importe quelle machine. Elles ne contiennent aucune donnée personnelle.

letter-refused = le message ne peut pas être assemblé : { $why }

mail-directory = `transport = "directory"` : les courriels deviennent des fichiers dans `{ $folder }`, et personne ne reçoit rien
    .remedy = pour une répétition, rien ; pour écrire aux gens, `transport = "smtp"` avec `[mail.smtp]`

# Les règles de `carillon mail lint`. Chacune a son remède ; quand une règle peut être enfreinte de plusieurs façons, c’est la première qui le porte.

mail-lang = `html` n’indique ni sa langue ni son sens d’écriture
    .remedy = écrivez `lang` et `dir` sur `html`, puis de nouveau sur le premier élément de `body` : beaucoup de messageries suppriment le premier

mail-lang-inside = le premier élément de `body` n’indique ni sa langue ni son sens d’écriture

mail-title = il n’y a pas de titre
    .remedy = écrivez l’objet dans `title`

mail-heading = { $count ->
    [0] il n’y a pas de titre principal
   *[other] il y a { $count } titres principaux
}
    .remedy = gardez exactement un `h1`

mail-table-role = un tableau n’indique pas qu’il ne sert qu’à la mise en page
    .remedy = écrivez `role="presentation"` sur les tableaux qui ne servent qu’à la mise en page

mail-alt = une image n’a pas de `alt`
    .remedy = écrivez `alt` ; laissez-le vide pour un ornement

mail-contrast = le contraste du texte avec ce qui est derrière lui n’est que de { $whole },{ $tenth } pour 1
    .remedy = choisissez des couleurs dont le contraste est d’au moins 4,5 pour 1, ou 3 pour 1 en gros caractères

mail-small-type = du texte est composé en { $size } px
    .remedy = utilisez 14 px ou plus

mail-color-scheme = le courriel n’indique pas qu’il peut s’afficher en sombre
    .remedy = ajoutez `<meta name="color-scheme" content="light dark">`

mail-preheader = il n’y a pas de texte d’aperçu
    .remedy = dites en 100 caractères au plus ce que l’objet ne dit pas, et faites-le suivre de blancs, comme dans le `base.html` fourni

mail-preheader-long = le texte d’aperçu dépasse 100 caractères

mail-preheader-short = dans la liste des courriels, les mots qui suivent apparaissent après le texte d’aperçu : avec les blancs qui le suivent, il n’occupe que { $shown } caractères sur { $room }

mail-preheader-repeats = le texte d’aperçu répète l’objet

mail-size = le HTML pèse { $bytes } octets
    .remedy = gardez le HTML sous 80 ko : Gmail coupe vers 102 ko, et le lien de désinscription avec

mail-remote = un `{ $what }` va chercher quelque chose ailleurs
    .remedy = n’envoyez rien qui soit chargé à l’ouverture : du texte, des couleurs, une image jointe au message, ou le logo de `[brand]`, dont l’adresse est la même pour tous

mail-remote-style = un style va chercher quelque chose ailleurs

mail-remote-background = une image de fond est chargée depuis un autre serveur

mail-remote-image = une image est chargée à l’ouverture

mail-remote-style-sheet = `{ $what }` dans la feuille de style va chercher quelque chose ailleurs

mail-pixel = une image d’un pixel dit qui ouvre le courriel
    .remedy = retirez-la ; Carillon ne mesure pas les ouvertures

mail-script = il y a un `{ $element }`
    .remedy = retirez-le ; les messageries le suppriment ou s’en méfient

mail-script-attribute = `{ $attribute }` lance un script

mail-form = il y a un `{ $element }`
    .remedy = mettez un lien vers une page qui porte le formulaire

mail-position = `position` est utilisé
    .remedy = mettez en page avec des tableaux et des marges ; les messageries l’ignorent

mail-link = un lien n’est pas une adresse complète
    .remedy = mettez des liens qui commencent par `https://`

mail-link-not-encrypted = un lien n’est pas chiffré

mail-link-script = un lien lance un script

mail-redirector = un lien passe par un autre site, qui peut compter les clics
    .remedy = menez directement à la page ; Carillon ne compte pas les clics

mail-urls-differ = { $part ->
    [text] il manque à la partie texte un lien de l’autre
   *[html] il manque à la partie HTML un lien de l’autre
}
    .remedy = dites la même chose dans les deux parties, liens compris

mail-part = les parties ne sont pas le texte, puis le HTML
    .remedy = envoyez une partie texte, puis une partie HTML, en `multipart/alternative`

mail-part-no-html = il n’y a pas de partie HTML

mail-part-no-text = il n’y a pas de partie texte

mail-unsubscribe = une partie n’a pas de lien de désinscription
    .remedy = mettez le lien `recipient.unsubscribe_url` dans les deux parties

mail-unsubscribe-late = le premier lien de désinscription vient après le titre
    .remedy = mettez-en aussi un avant le titre : on doit pouvoir se désinscrire même d’un courriel coupé

mail-recipient-link = un lien change d’un destinataire à l’autre
    .remedy = donnez à tous les mêmes liens ; seules les pages de désinscription et de préférences peuvent différer

mail-recipient-link-tells = un lien dit à qui le courriel est allé

mail-placeholder = `{ $words }` est resté dans le texte
    .remedy = complétez-le

mail-safe = `safe` supprime l’échappement
    .remedy = retirez ce filtre : avec lui, un texte saisi dans une campagne devient du code HTML

mail-french-spacing = une espace ordinaire devant un signe peut couper la ligne à cet endroit
    .remedy = dans un fichier de campagne, écrivez `\u00A0` à la place de cette espace, comme dans `"Bottines\u00A0: tout commence"` ; dans un modèle, tapez une espace insécable

mail-french-spacing-guillemet = il faut une espace insécable après un guillemet ouvrant

mail-french-spacing-lacks = il faut une espace insécable devant le signe

mail-french-spacing-unit = une espace ordinaire entre un nombre et son unité peut couper la ligne à cet endroit

mail-subject-length = l’objet est plus long que ce que les messageries affichent
    .remedy = dites l’essentiel dans les 60 premiers caractères

mail-header-missing = il n’y a pas de `{ $field }`
    .remedy = laissez Carillon composer le message, et le relais ne pas y toucher

mail-header-twice = `{ $field }` y figure { $count } fois
    .remedy = n’envoyez chacun de ces champs qu’une fois ; sinon Gmail refuse le message

mail-recipients = le message nomme plusieurs destinataires
    .remedy = écrivez à une personne à la fois ; les jetons sont personnels

mail-message-id = Gmail peut refuser ce Message-ID
    .remedy = employez des lettres, des chiffres, des points et des traits d’union, puis `@` et un domaine

mail-list-unsubscribe = il n’y a pas exactement une adresse HTTPS de désinscription
    .remedy = mettez en premier une seule adresse HTTPS, entre chevrons

mail-one-click = la désinscription en un clic n’est pas proposée
    .remedy = envoyez `List-Unsubscribe-Post: List-Unsubscribe=One-Click` à côté de List-Unsubscribe

mail-list-id = la liste n’est pas nommée
    .remedy = envoyez `List-Id: Nom <liste.example.fr>`

mail-feedback-id = Gmail ne lit pas ce Feedback-ID
    .remedy = envoyez quatre noms au plus, séparés par des deux-points, le dernier de 5 à 15 caractères

mail-dkim-missing = cette copie est passée par un relais, et personne ne l’a signée
    .remedy = faites signer le relais par DKIM, ou signez ici : docs/mail.md

mail-dkim-foreign = elle n’est signée que pour { $domains }, et { $from } l’écrit
    .remedy = faites signer le relais pour le domaine de `from`, ou un domaine au-dessus : un autre ne prouve rien sur qui écrit

mail-dkim-uncovered = aucune signature ne couvre { $fields }
    .remedy = que celui qui signe nomme ces champs ; il signe trop tôt, ou avec une liste à lui

mail-long-line = une ligne compte { $octets } octets
    .remedy = coupez les lignes à 998 octets au plus

mail-line-end = une ligne ne se termine pas par CR LF
    .remedy = terminez chaque ligne par CR LF lors de l’envoi ; un fichier enregistré par un éditeur a pu les perdre

preview-letter = `{ $kind }` ({ $language }) : { $subject }

preview-not-sent = la campagne n’envoie pas de tel courriel : ce sont les mots du modèle, pour un envoi qui n’est pas dans son fichier

preview-not-in-language = la campagne n’envoie pas ce courriel dans cette langue : les membres qui la lisent reçoivent la première langue de l’envoi

preview-page = tous sur une page : { $path }

preview-not-opened = elle ne peut pas être ouverte d’ici : ouvrez `{ $path }` dans un navigateur

gallery-title = Les courriels tels qu’ils seront

gallery-hint = Chacun sur un téléphone et sur un écran de bureau, en clair, en sombre, et tant que ses images ne sont pas affichées.

gallery-light = en clair

gallery-dark = en sombre

gallery-look = { $width } pixels, { $scheme }

gallery-look-bare = { $width } pixels, { $scheme }, sans images

gallery-text = Le même en texte seul

mail-example-shop = il n’y a pas de `{ $path }` ; une boutique d’exemple signe les courriels

lint-nothing = rien à redire

mail-test-accepted = accepté : { $said }

mail-test-filed = { $said } ; { $warning }

mail-test-deferred = pas maintenant, { $reason }

mail-test-refused = refusé, { $reason }

mail-test-in-doubt = personne ne peut savoir s’il est parti, { $reason } ; regardez dans la boîte aux lettres

queue-none = aucun courriel

queue-more = il y en a peut-être d’autres : `--after { $last }` les montre

queue-stage = { $stage ->
    [recipient] au moment du destinataire
    [sender] au moment de l’expéditeur
   *[other] étape `{ $stage }`
} :

report-none = aucun envoi

report-doubled = { $count ->
    [one] { $count } courriel a été reçu
   *[other] { $count } courriels ont été reçus
} deux fois : un relais l’a dit d’un courriel dont la réservation s’était perdue

report-filed = envoi `{ $mailing }` de `{ $campaign }` : { $filed }

report-part-stopped = envoi `{ $mailing }` de `{ $campaign }` arrêté pour { $provider } depuis { $since } : { $why }

report-removed = envoi `{ $mailing }` de `{ $campaign }` : de { $count ->
    [one] { $count } courriel
   *[other] { $count } courriels
}, seuls les nombres sont gardés

mailing-stopped = arrêté

resolve-done = courriel { $id } : { $state }

resolve-by-log = { $count ->
    [0] aucun courriel n’est incertain
   *[other] sur { $count } courriels incertains, le journal dit que le relais en a pris { $taken }
}

resolve-not-in-log = { $count } absents de ce journal : { $ids }{ $more ->
    [0] {""}
   *[other] {" "}et { $more } autres (`carillon mail queue --state in-doubt`)
}. Si ce journal couvre l’heure où ils ont été remis, et si c’est celui de leur relais, aucun n’est parti : `carillon mail resolve ID … --as resend`

retry-mailings = { $count ->
    [one] { $count } envoi arrêté reprend
   *[other] { $count } envois arrêtés reprennent
}

retry-parts = { $count ->
    [one] { $count } partie arrêtée d’un envoi reprend
   *[other] { $count } parties arrêtées d’envois reprennent
}

retry-deferred = { $count ->
    [one] { $count } courriel reporté part maintenant
   *[other] { $count } courriels reportés partent maintenant
}

retry-refused = { $count ->
    [one] { $count } courriel refusé attend de nouveau
   *[other] { $count } courriels refusés attendent de nouveau
}

retry-and = { $before } ; { $next }

retry-paused = `{ $slug }` est en pause, donc tout attend : `carillon campaign resume { $slug }` laisse repartir ses envois

retry-held = `{ $slug }` est suspendue, donc tout attend : `carillon campaign plan { $file }` montre pourquoi, `carillon campaign apply { $file }` la relance

retry-soon = un service en marche s’en charge dans les 15 secondes

missed-no-audience = il n’y avait aucun membre à qui écrire

missed-unwritten = ses courriels ne pouvaient pas être écrits

missed-not-begun = à son heure, le service ne tournait pas, ou la campagne était en pause ou suspendue, ou rien ne pouvait partir, ou l’on ne pouvait pas se désinscrire, ou ce n’étaient que des heures calmes

dkim-not-signed = les courriels ne sont pas signés ici : le relais les signe, ou personne. Ajoutez `[mail.dkim]` pour signer ici, voir docs/mail.md
