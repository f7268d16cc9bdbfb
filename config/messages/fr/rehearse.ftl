# Ce que dit la répétition d’une saison qui n’est pas encore là.

rehearse-title = Une répétition à partir du { $day }, sur une horloge simulée et une copie de la base : personne ne reçoit rien. Les heures sont celles du fuseau { $zone }.

rehearse-members = Avec { $count ->
    [one] { $count } membre à qui
   *[other] les { $count } membres à qui
} l’on peut écrire aujourd’hui ; qui s’inscrira ou partira d’ici là, nul ne le sait.

rehearse-made-up = AVEC { $count } MEMBRES INVENTÉS : la base n’a personne à qui l’on puisse écrire aujourd’hui.

rehearse-gate = la vente « { $campaign } » est { $is } (une milliseconde plus tôt : { $was })

rehearse-order = l’arrêté indiqué paraît

rehearse-reaped = ce qui était réservé et n’avait pas commencé retourne à la file ; { $doubt } en doute

rehearse-interrupted = la répétition est interrompue ; sa copie de la base est effacée

rehearse-past = une répétition ne peut pas commencer le { $day }, qui est passé : ce que la base contenait alors n’est plus connu

rehearse-nothing = il n’y a rien à répéter : aucune campagne appliquée n’est à venir. Indiquez un fichier de campagne

rehearse-letters-in = courriels : { $letters }

rehearse-untold = { $deliveries } : { $reason ->
    [consent-gone] leur accord n’est plus là
    [suppressed] leur accord est échu, ou ils sont sur la liste des exclus
    [paused] ils ont demandé une pause
    [not-on-the-list] ils ne figurent plus sur aucune de ses listes
    [campaign-cancelled] la campagne a été annulée
    [mailing-cancelled] l’envoi a été retiré
   *[other] { $reason }
}

rehearse-made-up-lists = ils figurent tous sur { $lists }, puisque personne n’y est réel

rehearse-left-out = pas pour : { $parts }

rehearse-folder = Les courriels : { $folder } ({ $count ->
    [one] { $count } courriel
   *[other] { $count } courriels
} ; leurs liens n’ouvrent rien)

rehearse-well = rien ne serait en retard, refusé, retenu ou sans destinataire

rehearse-well-but = rien de ce qui a été répété ne serait en retard, refusé, retenu ou sans destinataire ; lisez les avertissements ci-dessus

rehearse-not-well = tout n’irait pas comme il faut : voyez ci-dessus

rehearse-refused = le fichier ne serait pas appliqué : sa campagne n’est pas dans cette répétition
    .remedy = corrigez ce que disent les autres constats

rehearse-holding = aujourd’hui rien ne part ; la répétition continue comme si c’était réglé
    .remedy = `carillon status` dit pourquoi, et que faire

rehearse-no-way-out = aujourd’hui on ne peut pas se désinscrire, et aucun envoi ne commence avant que ce soit possible ; la répétition continue comme si c’était réglé
    .remedy = `carillon status` dit pourquoi, et que faire

rehearse-held = « { $campaign } » est retenue, et aucun de ses envois ne part : { $reason }
    .remedy = voyez ce que `carillon campaign plan` dit de son fichier, puis appliquez-le de nouveau

rehearse-paused = « { $campaign } » est en pause, et aucun de ses envois ne part
    .remedy = `carillon campaign resume` les laisse partir

rehearse-empty = « { $mailing } » n’atteint personne : aucun membre n’a confirmé
    .remedy = importez les membres avant son heure

rehearse-empty-lists = « { $mailing } » n’atteint personne : on ne peut écrire à personne sur ses listes ({ $lists })

rehearse-empty-kept-out = « { $mailing } » n’atteint personne : tous ceux à qui l’on peut écrire figurent sur une liste que `not` écarte ({ $lists })

rehearse-directory = avec ces réglages, chaque courriel devient un fichier dans `{ $folder }`, et personne ne reçoit rien ; la montée en charge n’est pas comptée
    .remedy = mettez `transport = "smtp"` sous `[mail]` avant la saison

rehearse-unapproved = cette répétition ne l’a pas compté : { $what }

rehearse-unapproved-remedy = faites d’abord approuver : `carillon campaign approve { $slug }`

rehearse-missed = « { $mailing } » manque son heure, et personne ne reçoit rien : { $why }
    .remedy = corrigez la cause avant son heure

rehearse-late = de « { $mailing } », { $count ->
    [one] { $count } courriel ne part pas
   *[other] { $count } courriels ne partent pas
} à temps : la limite est { $deadline }
    .remedy = faites-le commencer plus tôt, ou faites accepter les courriels plus vite par le relais

rehearse-stopped = « { $mailing } » est arrêté, parce que le relais le refuse : { $why }
    .remedy = avec un vrai relais : corrigez ce qu’il reproche, puis `carillon mail retry`

rehearse-unfinished = de « { $mailing } », { $count ->
    [one] { $count } courriel attend
   *[other] { $count } courriels attendent
} encore à la fin de la répétition
    .remedy = rien, ou répétez jusqu’à un jour plus lointain avec `--to`

rehearse-in-doubt = de « { $mailing } », { $count ->
    [one] { $count } courriel est
   *[other] { $count } courriels sont
} en doute : personne ne sait s’il est parti
    .remedy = avec un vrai relais, `carillon mail queue --state in-doubt` les énumère, et aucun ne repart de lui-même

rehearse-untimed = la vitesse à laquelle le relais prend les courriels n’est pas connue : dans cette répétition, ils ne prennent pas de temps
    .remedy = rien ; ou indiquez `rate` dans `[mail.smtp]`, ou essayez `--relay slow`
