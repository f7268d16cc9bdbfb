# Ce qui est dit de `carillon.toml`, et d’une boutique qui n’est pas encore installée.

config-value = `{ $key }` sous `[{ $table }]` : { $why }

config-no-web-address = ce n’est pas une adresse web : { $why }
    .remedy = écrivez une adresse qui commence par https://, par exemple "https://www.example.fr"

config-address-of-this-machine = cette adresse n’est pas chiffrée, et les courriels partent pour de vrai
    .remedy = écrivez https:// et faites répondre à cette adresse le serveur ou le proxy placé devant lui

config-address-not-encrypted = cette adresse n’est pas chiffrée, et les courriels et les pages y mènent les gens
    .remedy = écrivez https:// et faites répondre à cette adresse le serveur ou le proxy placé devant lui

config-url-with-query = les liens commencent par elle, elle ne peut donc contenir ni `?` ni `#`
    .remedy = écrivez l’adresse par laquelle les pages commencent, par exemple "https://news.example.fr"

config-listen = ce n’est pas une adresse suivie d’un port
    .remedy = écrivez par exemple "127.0.0.1:8080"

config-private-listen = ce n’est ni une adresse en chiffres suivie d’un port, ni une socket du système de fichiers
    .remedy = écrivez par exemple "127.0.0.1:9464" ou "unix:carillon.sock"

config-token-unreadable = `{ $path }` ne peut pas être lu : { $why }

config-token-unfit = `{ $path }` ne contient pas de jeton : au moins { $least } lettres, chiffres et signes, sans espace

config-check-token-file = écrivez un long mot tiré au hasard dans ce fichier, comme le fait `openssl rand -hex 24`, et que personne d’autre ne le lise (`chmod 600`)

config-private-other-machines = d’autres machines peuvent atteindre cette adresse, et qui l’atteint apprend comment va la boutique
    .remedy = écrivez une adresse de cette machine, par exemple "127.0.0.1:9464" ; ou, si un pare-feu ne laisse passer que la supervision, `other_machines = true` en dessous

config-lmtp-other-machines = d’autres machines peuvent atteindre cette adresse, et un serveur de courriel n’y dit pas de mot de passe
    .remedy = écrivez une adresse de cette machine, par exemple "127.0.0.1:2424", ou une socket : "unix:/var/spool/postfix/carillon/lmtp"

store-url-unknown = `{ $url }` ne désigne aucune base : il faut `sqlite:CHEMIN` ou `postgres://UTILISATEUR@HÔTE/BASE`
    .remedy = écrivez un fichier, "sqlite:carillon.db", ou un serveur, "postgres://…"

store-url-without-postgres = `{ $url }` ne désigne aucune base utilisable : ce programme a été compilé sans PostgreSQL ; compilez-le avec `--features postgres`
    .remedy = écrivez un fichier, "sqlite:carillon.db", ou un serveur, "postgres://…"

config-password-exposed = cette adresse contient un mot de passe, et `{ $path }` est ouvert à d’autres utilisateurs (mode { $mode })
    .remedy = exécutez `chmod 600 { $path }`, ou définissez plutôt CARILLON_STORE_URL

config-password-perhaps-exposed = cette adresse contient un mot de passe, et l’on ne peut pas voir qui a le droit de lire `{ $path }` : { $why }
    .remedy = définissez plutôt CARILLON_STORE_URL

config-backup-days = il faut un nombre de jours de 0 à { $most }
    .remedy = écrivez après combien de jours sans sauvegarde `carillon doctor` doit le dire ; { $usual } d’ordinaire, 0 pour jamais

config-usable = `{ $file }` est utilisable

config-usual = non réglé

config-minutes-without-store = il faut un nombre de minutes de 0 à { $most }
    .remedy = écrivez pendant combien de minutes les ventes peuvent être répondues de mémoire quand la base est injoignable ; { $usual } d’ordinaire

config-lifetime = on ne peut s’appuyer sur un consentement que 36 mois au plus
    .remedy = écrivez un nombre de mois de 1 à 36

config-log-months = les remises d’un envoi sont listées une à une pendant 1 à 36 mois
    .remedy = écrivez un nombre de mois de 1 à 36 ; 12 est habituel

config-valid-hours = on peut se fier au fichier signé du calendrier pendant { $least } à { $most } heures
    .remedy = écrivez un nombre d’heures de { $least } à { $most } ; { $usual } est habituel

config-leap-days = un saut de l’horloge peut être admis pour { $least } à { $most } jours
    .remedy = écrivez combien de jours le service peut rester arrêté avant qu’une personne doive confirmer l’heure ; 7 est habituel

config-connections = ce n’est pas un nombre de 1 à { $most }
    .remedy = écrivez combien de connexions il peut y avoir à la fois ; { $usual } est habituel

config-no-calendars = ce dossier n’existe pas, et aucun arrêté ne compterait
    .remedy = créez le dossier, ou écrivez où sont vos corrections du calendrier

config-no-messages = une connexion qui ne porte aucun message ne sert à rien
    .remedy = écrivez combien de messages une connexion porte au plus, 1 ou davantage ; 100 est habituel

text-no-rate = ce n’est pas un débit
    .remedy = écrivez un nombre entier par seconde, minute, heure ou jour, par exemple "1800/min"

text-no-daily-hours = ce ne sont pas des heures de la journée
    .remedy = écrivez quand elles commencent et quand elles finissent, par exemple "21:00-08:00"

config-warm-up-none = aucun courriel ne partirait le premier jour, ni aucun autre jour
    .remedy = écrivez combien de courriels partent le premier jour, par exemple 200

config-warm-up-top = ce n’est pas plus que les { $first_day } du premier jour : il n’y aurait pas de montée en charge
    .remedy = écrivez à partir de combien de courriels par jour il n’est plus besoin de compter, ou retirez `[mail.warm_up]`

config-return-domain = ce n’est pas un nom de domaine
    .remedy = écrivez un domaine dont le courrier arrive à cette boutique, par exemple "b.example.fr"

config-no-relay = il n’y a pas de `[mail.smtp]` pour envoyer
    .remedy = ajoutez `[mail.smtp]` avec l’hôte et le port du relais

config-fallback-of-fallback = un relais de secours n’a pas lui-même de relais de secours
    .remedy = écrivez-les tous comme `[[mail.smtp.fallback]]`, dans l’ordre où ils doivent servir

config-relay-twice = le relais `{ $relay }` est déjà là
    .remedy = écrivez un autre relais, ou retirez celui-ci

config-dkim-domain = ce n’est ni `{ $domain }`, le domaine de `from`, ni un domaine au-dessus de lui
    .remedy = écrivez l’un d’eux : la signature d’un autre domaine ne dit rien de qui écrit

config-dkim-selector = ce n’est pas un nom sous lequel une clé peut être trouvée
    .remedy = écrivez des lettres, des chiffres et des traits d’union, par exemple "carillon1"

config-dkim-record = ce n’est pas le nom d’une clé avec laquelle un relais signe
    .remedy = écrivez où le DNS l’a, par exemple "mail._domainkey.news.example.fr"

config-dkim-selector-twice = les deux clés ne peuvent pas avoir le même nom
    .remedy = écrivez-en un autre, par exemple "carillon1-ed25519"

config-dkim-half = il manque `{ $other }` à côté
    .remedy = écrivez les deux, ou aucun

config-dkim-no-key = `{ $path }` ne contient pas de clé privée en PEM, PKCS#8

config-dkim-no-rsa = la clé de `{ $path }` n’est pas une clé RSA de 2048 à 4096 bits

config-dkim-no-ed25519 = la clé de `{ $path }` n’est pas une clé Ed25519

config-dkim-make-rsa = écrivez où est la clé, que seul son propriétaire peut lire ; `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048` en fait une, et `openssl pkcs8 -topk8 -nocrypt` met une ancienne sous cette forme

config-dkim-make-ed25519 = écrivez où est la clé, que seul son propriétaire peut lire ; `openssl genpkey -algorithm ed25519` en fait une

config-write-a-mailbox = écrivez une adresse, par exemple "avant-premieres@news.example.fr"

list-name-unseen = le nom de la liste ne peut pas être affiché : { $why }
    .remedy = écrivez un nom court, par exemple "Avant-premières Exemple"

list-name-signs = le nom de la liste contient des parenthèses, des crochets, des guillemets ou des virgules
    .remedy = écrivez un nom court, par exemple "Avant-premières Exemple"

list-id-form = l’identifiant de la liste n’a pas la forme `presale.example.fr`
    .remedy = écrivez par exemple "presale.example.fr"

config-password-in-clear = un mot de passe traverserait le réseau en clair
    .remedy = écrivez `security = "starttls"` ou "tls"

config-no-password = il n’y a pas de mot de passe pour ce nom
    .remedy = indiquez un `password_file`, ou définissez CARILLON_SMTP_PASSWORD

config-password-unreadable = `{ $path }` ne peut pas être lu : { $why }

config-check-password-file = vérifiez le chemin et qui a le droit de lire ce fichier, ou définissez CARILLON_SMTP_PASSWORD

config-check-credential = donnez ce secret au service : `LoadCredential={ $name }:FICHIER` dans son unité, voir `systemctl edit carillon`

config-no-password-file = il n’y a pas de mot de passe pour ce nom
    .remedy = indiquez un `password_file`

config-alerts-nobody = personne n’y est nommé
    .remedy = écrivez une adresse, `mail_to = "ops@example.org"`, ou un programme, `command = ["/usr/local/bin/tell"]`, ou supprimez la section

config-alerts-no-mailbox = il y a un relais pour les alertes, et aucune adresse à laquelle elles vont
    .remedy = écrivez `mail_to = "ops@example.org"` avant `[alerts.smtp]`, ou supprimez le relais

config-alerts-no-program = aucun programme n’y est nommé
    .remedy = écrivez le programme et ses arguments, par exemple ["/usr/local/bin/tell", "--urgent"]

config-alerts-hours = ce n’est pas un nombre de { $least } à { $most }
    .remedy = écrivez après combien d’heures un problème est annoncé de nouveau ; 24 est habituel

config-webhook-not-encrypted = ce qui y est annoncé ne serait pas chiffré
    .remedy = écrivez une adresse https:// ; pour un programme de cette machine, http://127.0.0.1:PORT/ et `private_addresses = true`

config-webhook-secret-unreadable = `{ $path }` ne peut pas être lu : { $why }

config-webhook-no-secret = il n’y a là aucun secret de la forme `whsec_` suivie du base64 de 24 à 64 octets

config-write-a-webhook-secret = `printf 'whsec_%s\n' "$(head -c 32 /dev/urandom | base64)"` en écrit un ; que seul l’utilisateur du service puisse lire ce fichier

config-put-header = la ligne { $line } de `{ $path }` n’est pas un en-tête, ou en est un que Carillon écrit lui-même

config-write-put-headers = écrivez un en-tête par ligne, comme `x-api-key: 0123`, et que personne d’autre ne lise ce fichier (`chmod 600`)

config-no-wordings = il n’y a ni `fr.toml` ni `en.toml` dans `{ $folder }`
    .remedy = mettez-y une copie de `config/consent/fr.toml` et modifiez-la

config-zone = il n’y a pas de fuseau horaire de ce nom
    .remedy = écrivez par exemple "Europe/Paris"

config-rate = ce n’est pas un nombre de 1 à { $most }
    .remedy = retirez la section `[join]` pour n’avoir aucune inscription

config-source = un nom se compose de 1 à { $longest } lettres a-z, chiffres, ou `-`, `_`, `.`, `:`
    .remedy = écrivez des noms tels que "footer"

config-origin = une origine se compose d’un protocole et d’un hôte, avec ou sans port, et de rien d’autre
    .remedy = écrivez l’adresse des pages de la boutique jusqu’à l’hôte, par exemple "https://www.example.fr"

config-absent = il n’y a pas de `{ $path }` ici : les courriels ont été composés avec les modèles fournis, pour une boutique d’exemple, sans regarder ni les modèles ni les dérogations de la boutique
    .remedy = lancez la commande dans le dossier de la boutique, ou indiquez sa configuration avec `--config`

shop-sample-name = la boutique s’appelle encore `{ $name }`, comme dans l’exemple : c’est ainsi qu’elle signe ses courriels et ses pages
    .remedy = écrivez vos propres nom, adresse et liens sous `[shop]`

shop-example-links = les courriels et les pages mèneraient à { $hosts } : c’est réservé aux exemples et n’est à personne
    .remedy = écrivez vos propres adresses sous `[shop]` et `[public]`, et dans `url` de la campagne

configuration-unreadable = les réglages `{ $path }` ne peuvent pas être lus ; lancez la commande dans le dossier de la boutique, nommez un autre fichier avec `--config`, ou `carillon init` en écrit un dans un nouveau dossier

config-brand-colour = ce n’est pas une couleur
    .remedy = écrivez-la ainsi : "#14433d", rouge, vert et bleu, deux signes pour chacun

config-brand-word = il n’y a rien de ce nom
    .remedy = écrivez l’un de { $words }

config-logo-unreadable = `{ $path }` ne peut pas être lu : { $why }
    .remedy = vérifiez le chemin, qui part du dossier de ce fichier, et qui peut lire l’image

config-logo-alone = il n’y a pas de `{ $key }` dont ce serait la version sombre
    .remedy = indiquez le logo pour fond clair dans `{ $key }`

config-letter-logo-drawn = Gmail et Outlook n’affichent pas les dessins
    .remedy = indiquez un PNG du logo, deux fois plus grand qu’il ne doit paraître

picture-too-large = l’image dépasse { $most } ko
    .remedy = exportez-la plus petite : un logo paraît sur 220 pixels de large au plus, une photo sur 1 200 environ

picture-no-logo = ce n’est ni un SVG ni un PNG
    .remedy = exportez le logo sous l’une de ces formes

picture-no-photo = ce n’est ni un JPEG ni un PNG
    .remedy = exportez l’image sous l’une de ces formes

picture-size = l’image ne dit ni sa largeur ni sa hauteur
    .remedy = exportez-la avec une `viewBox`, ou en PNG

picture-broken = l’image est tronquée ou abîmée : personne ne pourrait l’afficher
    .remedy = recopiez-la, ou exportez-la de nouveau

picture-active = le dessin contient un programme, ou charge quelque chose d’ailleurs
    .remedy = exportez-le en SVG simple, les lettres vectorisées

picture-address = l’adresse des pages est trop longue pour qu’une image y tienne
    .remedy = voyez `url` dans `[public]`

brand-darker-words = sur fond clair, les liens et autres mots prennent { $shade } : { $colour } y est trop pâle pour être lu
    .remedy = rien ; pour choisir la nuance vous-même, écrivez une `colour` plus foncée dans `[brand]`

brand-darker-buttons = les boutons prennent { $shade } : des mots blancs sur { $colour } se lisent trop mal
    .remedy = rien ; pour choisir la nuance vous-même, écrivez une `colour` plus foncée dans `[brand]`

config-no-pictures = il n’y a pas de dossier de ce nom
    .remedy = créez le dossier, mettez-y les images des ventes, et faites relire les réglages

config-picture = `{ $path }` : { $why }

config-shop-language = ce n’est ni `fr` ni `en`
