# Ce qui est dit de la boutique en marche : l’installer, ce qui vient, ce qui ne va pas.

init-exists = `{ $file }` existe déjà ; rien n’a été changé. Nommez un autre dossier pour repartir de zéro

init-a-file = `{ $file }` est un fichier ; nommez un dossier

init-configuration = les réglages, expliqués ligne par ligne : commencez par [shop]

init-campaign = une première campagne à modifier

init-prices = ses prix

init-members = la place de vos membres, chacun avec la preuve de son accord ; il n’y a encore personne

init-members-example = à quoi ressemble un tel fichier

init-keys = les clés : sauvegardez-les à part, ne les perdez jamais

init-store = la base de données, vide

init-next = Ensuite, dans ce dossier :

outbox-warning = les courriels deviennent des fichiers dans `{ $folder }`, et personne ne reçoit rien : `transport`, sous `[mail]`, vaut `"directory"`

outbox-filed = { $count ->
    [one] { $count } des courriels acceptés est un fichier
   *[other] { $count } des courriels acceptés sont des fichiers
} dans `{ $folder }` ; personne n’a rien reçu

outbox-filed-then = { $count ->
    [one] { $count } des courriels acceptés est un fichier
   *[other] { $count } des courriels acceptés sont des fichiers
} dans le dossier que nommait alors `[mail.directory]` ; personne n’a rien reçu

status-no-campaign = aucune campagne n’est appliquée ; `carillon campaign apply FICHIER` en applique une

status-no-daemon = service : arrêté ; { $last }

status-daemon = service : en marche

status-daemons = services : { $count } en marche

daemon-stopped = il s’est arrêté proprement le { $at }

daemon-seen = il a donné signe de vie pour la dernière fois le { $at }

daemon-none-yet = il n’a encore jamais tourné ici

status-draft = un brouillon de la prochaine édition de `{ $source }` attend : `{ $slug }`, qui ouvre le { $begins } ; `carillon campaign draft { $slug }` le montre

status-mail = courrier : { $warning }

status-relay = relais : { $learned }

status-quiet = heures calmes : aucun courriel d’un envoi ne part avant le { $until }

status-warm-up = montée en charge, jour { $day } : courriels d’envois partis aujourd’hui : { $letters } sur { $most }

status-warm-up-full = montée en charge, jour { $day } : il est parti autant de courriels d’envois qu’il en est permis aujourd’hui, { $most } ; la suite part à partir du { $at }

status-relays = relais, dans l’ordre où ils servent : { $relays }

relay-learned = { $relay } ({ $learned })

learned = il accepte, d’après l’expérience, { $parts }

learned-connections = { $count ->
    [one] { $count } connexion
   *[other] { $count } connexions
} à la fois

learned-mails = { $count ->
    [one] { $count } courriel
   *[other] { $count } courriels
} par connexion

learned-rate = { $rate } courriels par minute

learned-provider = { $rate } par minute vers { $name }

status-sign-ups = inscriptions : { $waiting ->
    [one] { $waiting } attend sa confirmation
   *[other] { $waiting } attendent leur confirmation
} ; { $letters ->
    [one] { $letters } courriel
   *[other] { $letters } courriels
} à envoyer ; { $confirmed ->
    [one] { $confirmed } confirmée
   *[other] { $confirmed } confirmées
} à ce jour

status-turned-away = { $line } ; { $count ->
    [one] { $count } refusée
   *[other] { $count } refusées
} à ce jour, la dernière le { $at }

status-renewals = renouvellements : { $letters ->
    [one] { $letters } courriel
   *[other] { $letters } courriels
} à envoyer ; { $asked ->
    [one] { $asked } membre n’a pas répondu
   *[other] { $asked } membres n’ont pas répondu
} ; { $renewed ->
    [one] { $renewed } accord renouvelé
   *[other] { $renewed } accords renouvelés
} à ce jour

status-renewals-doubt = renouvellements : { $letters ->
    [one] { $letters } courriel
   *[other] { $letters } courriels
} à envoyer ; { $asked ->
    [one] { $asked } membre n’a pas répondu
   *[other] { $asked } membres n’ont pas répondu
} ({ $doubt } en doute) ; { $renewed ->
    [one] { $renewed } accord renouvelé
   *[other] { $renewed } accords renouvelés
} à ce jour

status-problem = problème : { $words }

status-problem-numbered = problème : { $words } (numéro { $id })

status-problem-seen = problème : { $words } (numéro { $id }), vu par { $who }

status-problem-do = { "     " }à faire : { $remedy }

next-since = { $what } depuis le { $since }

next-why = { $what } : { $why }

problems-never = il n’y a jamais eu de problème

problems-none = aucun problème en ce moment

problem-acknowledged = le problème { $id } est noté comme vu : { $words }

problem-with = { $title } ({ $object })

problem-title = { $kind ->
    [mail-unusable] le relais de courrier, ou le dossier des courriels, est inutilisable
    [relay-away] un des relais de courrier est inutilisable, et le courrier part par un autre
    [sending-failed] l’envoi des courriels s’est arrêté
    [confirmations-unsent] les courriels de confirmation ne peuvent pas partir
    [sign-ups-turned-away] des inscriptions sont refusées
    [sending-held] rien ne commence, ne finit ni ne part
    [store-unwritable] la base de données ne peut pas être écrite
    [store-locked] un autre programme bloque la base de données
    [departures-unwritten] le registre des départs ne peut pas être écrit
    [ledger-unanchored] le registre des accords ne peut pas être ancré
    [anchors-unmailed] les ancres du registre ne peuvent pas être envoyées
    [calendar-unusable] les arrêtés ajoutés au calendrier sont inutilisables
    [gates-untold] la boutique ne peut pas être prévenue des ouvertures et des fermetures
    [schedule-unpublished] les horaires signés ne peuvent pas être écrits dans leur dossier
    [schedule-not-put] les horaires signés les plus récents ne sont pas là où ils doivent être déposés
    [alerts-unsent] personne ne peut être prévenu de ce qui ne va pas
    [claims-left] des courriels sont réservés par un service disparu
    [reports-unread] le courrier revenu ne peut pas être lu
    [ticker-stopped] la minuterie s’est arrêtée
    [upkeep-failed] l’entretien de la base de données s’est arrêté
    [leave-path-broken] on ne peut pas se désinscrire par le lien des courriels, et aucun envoi ne commence
    [daemon-hangs] une partie du service n’avance plus
    [reload-refused] les réglages, tels qu’ils sont, sont inutilisables
    [restart-needed] un réglage changé demande de relancer le service
    [mailing-missed] un envoi a manqué son heure
    [mailing-stopped] un envoi est arrêté
    [mailing-put-off] le relais de courrier remet à plus tard tous les courriels d’un envoi
    [mailing-without-audience] un envoi n’a personne à qui écrire
    [letter-unwritable] les courriels d’un envoi ne peuvent pas être écrits
    [deliveries-in-doubt] on ne sait pas si des courriels sont arrivés
    [deliveries-expired] des courriels ont dépassé l’heure limite et ne sont pas partis
    [deliveries-doubled] des membres ont reçu deux fois un courriel
    [campaign-paused] une campagne est en pause
    [campaign-held] une campagne est suspendue : la loi a bougé
    [no-daemon] le service ne tourne pas, et quelque chose est prévu
    [keys-unusable] les clés sont illisibles, et le service ne pourrait pas redémarrer
    [daemon-silent] le service n’écrit pas dans la base de données
   *[other] { $kind }
}

problem-remedy = { $kind ->
    [relay-away] faites réparer ce relais ; il est essayé de nouveau toutes les quelques minutes, et reprend dès qu’il répond
    [no-daemon] lancez le service : `systemctl start carillon`, ou `carillon run` ; `carillon doctor` dit ce qui l’empêche de démarrer
    [keys-unusable] rendez le fichier des clés lisible par le compte du service, et par lui seul, ou remettez-en la copie ; `carillon doctor` dit ce qui ne va pas
    [campaign-paused] `carillon campaign resume` laisse repartir les envois
    [campaign-held] `carillon campaign plan` montre pourquoi, et appliquer le fichier de nouveau la relance
    [mailing-stopped] faites réparer le relais, puis `carillon mail retry`
    [mailing-put-off] voyez de quoi le relais se plaint ; l’envoi est essayé de nouveau tout seul, jusqu’à son heure limite
    [mailing-without-audience] `carillon member import` ajoute ceux qui ont consenti ; l’envoi attend jusqu’à son heure limite
    [letter-unwritable] `carillon mail lint` et `carillon campaign check` disent ce qui ne va pas dans les textes
    [mailing-missed] rien ne part plus ; `carillon problem acknowledge` note que vous l’avez vu
    [deliveries-expired] rien ne part plus ; `carillon problem acknowledge` note que vous l’avez vu
    [deliveries-in-doubt] `carillon mail queue --state in-doubt` les énumère ; `carillon mail resolve` note ce qu’il en est
   *[other] montrez-le à la personne qui s’occupe de l’ordinateur : `carillon status --lang en` donne le détail, en anglais
}

demo-title = Une saison d’avant-premières avant les soldes d’hiver { $year }, sur une horloge simulée. Les heures sont celles de Paris.

demo-starts = le service démarre ; rien n’est encore dû

demo-restarts = le service est arrêté au milieu de l’envoi, et relancé deux minutes plus tard

demo-begun = l’envoi « { $mailing } » commence : { $planned ->
    [one] { $planned } membre y consent et n’est pas exclu
   *[other] { $planned } membres y consentent et ne sont pas exclus
}

demo-missed = l’envoi « { $mailing } » a manqué son heure : { $why }

demo-expired = envoi « { $mailing } » : { $count } périmés, qui ne partent pas

demo-finished = l’envoi « { $mailing } » est terminé : { $counts }

demo-stopped = l’envoi « { $mailing } » est arrêté : { $why }

demo-reaped = { $back } réservations retournent à la file, { $doubt } sont en doute

demo-nothing-planned = rien n’était prévu

demo-leave-by-link = { $count ->
    [one] { $count } membre se désinscrit par le lien de son courriel
   *[other] { $count } membres se désinscrivent par le lien de leur courriel
}

demo-leave-waiting = { $count ->
    [one] { $count } membre se désinscrit pendant que son courriel
   *[other] { $count } membres se désinscrivent pendant que leur courriel
} attend dans la file

demo-gate = la vente est { $is } (une milliseconde plus tôt : { $was })

demo-gate-soldes = la vente est { $is }, à l’instant où commencent les soldes (une milliseconde plus tôt : { $was })

demo-account = Le compte de chaque courriel :

demo-account-line = prévus { $planned } = acceptés { $accepted } + refusés { $refused } + écartés { $skipped } + périmés { $expired } + en doute { $doubt }

demo-adds-up = { "    " }{ $files ->
    [one] { $files } courriel écrit,
   *[other] { $files } courriels écrits,
} { $accepted ->
    [one] { $accepted } accepté
   *[other] { $accepted } acceptés
} : le compte est bon

demo-does-not-add-up = { "    " }{ $files ->
    [one] { $files } courriel écrit,
   *[other] { $files } courriels écrits,
} { $accepted ->
    [one] { $accepted } accepté
   *[other] { $accepted } acceptés
} : LE COMPTE N’EST PAS BON

demo-account-wrong = le compte n’est pas bon

demo-mails = Les courriels : { $folder } (des fichiers ; personne n’a rien reçu)

demo-gate-file = Les horaires :  { $folder }

demo-shop = La boutique :   { $folder } (essayez-y `carillon status`)

demo-serve = `carillon demo --serve` garde ensuite les pages en ligne

demo-no-winter = le calendrier ne connaît pas d’hiver à venir

demo-page = la page : { $url }

demo-gate-url = les horaires : { $url }

demo-ctrl-c = Ctrl-C y met fin
