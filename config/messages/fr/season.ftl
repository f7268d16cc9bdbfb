# La saison en une image.

timeline-title = La saison du { $first } au { $last }

timeline-title-zone = { $title } (heures : { $zone })

timeline-zone = Heures : { $hours }, sauf quand une autre est indiquée

timeline-made = Établi par Carillon le { $at } ({ $hours }).

timeline-drawing = le dessin, qui peut défiler de côté

timeline-legend = ce que veulent dire les formes

timeline-today = aujourd’hui

timeline-market = { $market }, { $channel }

timeline-month = { $month ->
    [1] janv.
    [2] févr.
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juil.
    [8] août
    [9] sept.
    [10] oct.
    [11] nov.
   *[12] déc.
}

timeline-sign = n°

timeline-sign-open = vente ouverte

timeline-sign-held = à confirmer

timeline-sign-sales = soldes

timeline-sign-blackout = annonces interdites

timeline-sign-letter = envoi, numéroté plus bas

timeline-sign-today = aujourd’hui

timeline-happens = Ce qui se passe

timeline-line = { $at }, { $slug } : { $what }

timeline-law = Dates légales

timeline-law-line = { $market } : { $what }

timeline-law-none = aucune date légale dans ces jours

timeline-period = { $label }, du { $first } au { $last } (dates publiées)

timeline-period-computed = { $label }, du { $first } au { $last } (date { $basis } : un arrêté peut encore la changer)

timeline-period-doubtful = { $label }, du { $first } au { $last } (dates douteuses : à vérifier avant de s’y fier)

timeline-troubles = À regarder

timeline-held = `{ $slug }` est à confirmer : les dates légales ont bougé depuis qu’elle a été appliquée, et ses envois attendent ; appliquez-la de nouveau

timeline-paused = les envois de `{ $slug }` attendent : quelqu’un les a mis en pause ; `carillon campaign resume { $slug }`

timeline-waiting = envois en pause

timeline-cancelled = annulée

timeline-sent = l’envoi `{ $mailing }` est parti, à { $people ->
    [one] { $people } personne
   *[other] { $people } personnes
}

timeline-leaving = l’envoi `{ $mailing }` est en train de partir : { $people } sur { $all } l’ont

timeline-sold-in = Vente pour { $markets }, { $channel }.

timeline-letter-of = envoi `{ $mailing }` : { $sale }

timeline-letter-until = Il doit être parti le { $until }.

timeline-written = écrit : { $path }

timeline-out-suffix = `{ $path }` : le nom du fichier dit ce qui est dessiné, et finit par .html, .svg ou .ics

# Ce qui se passe dans les jours à venir.

ahead-unreadable = `{ $written }` n’est pas une durée ; écrivez un nombre et son unité, comme 7j, 12h ou 2sem

ahead-title = Du { $first } au { $last }

ahead-nothing = Il ne se passe rien.

ahead-hour = { $time }

ahead-hour-there = { $time } ({ $zone })

ahead-at = { $time }  { $what }

ahead-line = { $sale } : { $what }

ahead-people = { $what }, à { $people ->
    [one] { $people } personne à ce jour
   *[other] { $people } personnes à ce jour
}

ahead-law-begins = la loi : { $label }, début ({ $market })

ahead-law-ends = la loi : { $label }, fin ({ $market })

ahead-problems = { $count ->
    [one] { $count } problème en cours
   *[other] { $count } problèmes en cours
} : `carillon status` dit que faire

# Les ventes comme agenda public : un fichier à suivre, et un par vente.

feed-name = { $shop } : les ventes

feed-to-confirm = { $title } (à confirmer)

feed-window = Ouverture le { $opens }, fermeture le { $closes } ({ $zone }).

feed-window-to-confirm = Ces dates restent à confirmer : les dates légales ont changé depuis leur annonce. Ouverture prévue le { $opens }, fermeture prévue le { $closes } ({ $zone }).

feed-cancelled = Cette vente est annulée.
