# Ce que dit `carillon doctor` de ce que le monde sait de cette boutique.

dns-absent = il n’y en a pas

dns-several = il y en a { $count }, alors qu’il n’en faut qu’un

dns-word = on n’y comprend pas `{ $word }`

dns-lookups = il demande { $count } recherches, et 10 sont le plus

dns-lacks = il n’a pas de `{ $tag }=`

dns-revoked = la clé y est vide, ce qui la révoque

dns-no-name = ce n’est pas un nom qui puisse se demander

dns-silent = personne ne répond ({ $servers })

dns-failed = { $servers } ne peut pas le dire ({ $code })

dns-machine = cette machine n’a pas de nombres aléatoires

doctor-dns-unasked = ce que le DNS a sous `{ $name }` ({ $kind }) n’est pas connu : { $why }
    .remedy = voyez qui cette machine interroge (`/etc/resolv.conf`), ou demandez à un autre : `carillon doctor --resolver ADRESSE`

doctor-dns-no-resolver = qui cette machine interroge n’est pas connu : `/etc/resolv.conf` est illisible : { $why }
    .remedy = laissez l’utilisateur du service le lire, ou demandez à un autre : `carillon doctor --resolver ADRESSE`

doctor-spf-good = `{ $domain }` dit qui peut envoyer pour lui, et de tous les autres `{ $all }` ; si votre relais y est nommé n’est pas vérifié

doctor-spf-elsewhere = `{ $domain }` laisse `{ $other }` dire qui peut envoyer pour lui ; si votre relais y est nommé n’est pas vérifié

doctor-spf-loose = l’enregistrement SPF de `{ $domain }` ne dit rien de ceux qu’il ne nomme pas
    .remedy = terminez-le par `-all` ou `~all`

doctor-spf-open = l’enregistrement SPF de `{ $domain }` laisse tout le monde envoyer pour lui (`+all`)
    .remedy = nommez-y les adresses du relais, et terminez-le par `-all`

doctor-spf-wrong = l’enregistrement SPF de `{ $domain }` est inutilisable : { $why }
    .remedy = publiez sous `{ $domain }` un seul enregistrement TXT, par exemple `v=spf1 ip4:192.0.2.1 -all`, avec les adresses d’où le relais envoie

doctor-dkim-own = `{ $name }` a la clé avec laquelle les courriels sont signés ici ({ $algorithm })

doctor-dkim-relay = `{ $name }` a une clé ({ $kind }) pour le relais ; s’il signe avec elle, `carillon mail lint` le voit sur une copie reçue

doctor-dkim-tried = la clé sous `{ $name }` se dit à l’essai (`t=y`) : les destinataires tiennent ses signatures pour nulles
    .remedy = retirez `t=y` de l’enregistrement quand les signatures sont bonnes

doctor-dkim-other = `{ $name }` a une autre clé que celle avec laquelle les courriels sont signés ici : aucune signature n’est bonne
    .remedy = publiez ce qu’affiche `carillon mail dkim-record`

doctor-dkim-wrong = la clé sous `{ $name }` est inutilisable : { $why }
    .remedy-own = publiez ce qu’affiche `carillon mail dkim-record`
    .remedy-relay = demandez à qui s’occupe du relais d’y publier sa clé, ou corrigez `dkim_record`

doctor-dkim-unknown = les courriels ne sont pas signés ici, et rien ne dit où le DNS a la clé du relais
    .remedy = écrivez-le dans `dkim_record` de `[mail.smtp]`, par exemple "mail._domainkey.{ $domain }" ; ou signez ici : docs/mail.md

doctor-dmarc-good = `{ $place }` demande aux destinataires `{ $policy }`

doctor-dmarc-wrong = l’enregistrement DMARC sous `{ $place }` est inutilisable : { $why }
    .remedy = publiez-y un seul enregistrement TXT qui commence par `v=DMARC1; p=none` ; les grandes messageries le demandent à qui envoie beaucoup

doctor-return-good = ce qui revient à `{ $domain }` va à { $hosts }

doctor-return-nobody = personne ne prend le courrier de `{ $domain }` : le DNS n’a pour lui ni MX ni adresse, et aucun avis de non-remise n’arrive
    .remedy = publiez un enregistrement MX pour lui, voir docs/bounces.md ; beaucoup de relais refusent un expéditeur à qui l’on ne peut pas répondre

doctor-return-refused = `{ $domain }` dit qu’il ne prend pas de courrier, et aucun avis de non-remise n’arrive
    .remedy = publiez un enregistrement MX qui nomme la machine qui le prend, voir docs/bounces.md

doctor-return-lost = `{ $host }`, qui doit prendre le courrier de `{ $domain }`, n’a pas d’adresse
    .remedy = corrigez son nom dans l’enregistrement MX, ou donnez-lui une adresse

doctor-public-unknown = le DNS n’a pas d’adresse pour `{ $host }`, où mènent tous les liens
    .remedy = publiez son adresse, ou écrivez un autre `url` dans `[public]`

doctor-backup-good = la dernière copie date du { $at }

doctor-backup-old = la dernière copie date du { $at }, d’il y a plus de { $days } jours
    .remedy = `carillon db backup FICHIER` en fait une ; docs/operations.md dit combien de fois, et où
    .remedy-server = faites-en une avec vos outils, puis dites-le : `carillon db backup --made-elsewhere` ; voir docs/operations.md

doctor-backup-never = aucune copie n’a jamais été faite, autant que la base le sache
    .remedy = `carillon db backup FICHIER` en fait une ; docs/operations.md dit combien de fois, et où
    .remedy-server = faites-en une avec vos outils, puis dites-le : `carillon db backup --made-elsewhere` ; voir docs/operations.md

doctor-files-shut = le journal des départs et ce qui est à côté de la base ne sont qu’à leur propriétaire

doctor-file-open = d’autres peuvent lire `{ $file }` (mode { $mode })
    .remedy = tapez `chmod 600 { $file }`, et voyez qui l’a ouvert, et qui a pu le lire

doctor-time-kept = un service de temps tient l’horloge de cette machine

doctor-time-unseen = si un service de temps tient l’horloge ne se voit pas d’ici ; dans un conteneur, c’est l’affaire de l’hôte

doctor-time-not-kept = aucun service de temps ne tient l’horloge de cette machine, et tout ici se règle sur elle
    .remedy = faites-la tenir, par exemple par `systemd-timesyncd` ou `chrony` ; `timedatectl` montre où elle en est

doctor-clocks-agree = le serveur de la base et les services montrent la même heure

doctor-clock-of-server = le serveur de la base montre une heure éloignée de { $seconds } s de celle de cette machine
    .remedy = voyez laquelle des deux horloges est tenue par un service de temps, et corrigez l’autre

doctor-clock-of-daemon = un autre service a écrit une heure en avance de { $seconds } s sur celle de cette machine
    .remedy = voyez laquelle des machines est tenue par un service de temps, et corrigez l’autre

doctor-zones-ours = la machine n’a pas de fuseaux horaires ; ceux de ce programme servent ({ $ours })

doctor-zones-unnamed = version sans nom

doctor-zones-agree = ceux de la machine ({ $theirs }) et ceux de ce programme ({ $ours }) ont les mêmes heures partout où cette boutique en a

doctor-zones-differ = ceux de la machine ({ $theirs }) ont d’autres heures que ceux de ce programme ({ $ours }) pour { $zones }
    .remedy = mettez ceux de la machine à jour (sur Debian le paquet `tzdata`), puis relancez le service ; ce sont eux qui servent
