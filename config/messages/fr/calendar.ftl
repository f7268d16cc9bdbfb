# Ce qui est dit des fichiers de calendrier : les dates que fixe la loi, et les fichiers qu’une personne y ajoute.

calendar-there-already = il y a déjà un calendrier pour `{ $country }`
    .remedy = écrivez `amends` et les arrêtés à ajouter plutôt qu’un calendrier entier

calendar-none-to-amend = il n’y a pas de calendrier de `{ $country }` à compléter
    .remedy = décrivez d’abord le pays sous `[country]`

calendar-overlap = { $kind ->
    [sale] les soldes
   *[other] la période protégée avant les soldes
} d’{ season-name } de `{ $market }` (du { $first } au { $last }) : ces dates chevaucheraient celles du { $other_first } au { $other_last }
    .remedy = corrigez les jours, ou fixez aussi l’autre période

calendar-no-rule = il n’y a pas de règle `{ $id }`
    .remedy = écrivez l’identifiant d’une règle `[[sale]]` de ce pays

calendar-no-market = le calendrier ne connaît pas de marché `{ $market }`
    .remedy = `carillon calendar markets` donne la liste de ceux qu’il connaît

calendar-set-already = `{ $file }` fixe déjà les dates d’{ season-name } { $year } de `{ $market }`
    .remedy = gardez un seul des deux arrêtés ; corrigez-le si ses jours ont changé

calendar-code-of-part = le code du pays est celui d’une partie de pays
    .remedy = écrivez deux lettres

calendar-no-zone = il n’y a pas de fuseau horaire `{ $zone }`
    .remedy = écrivez un nom tel que `Europe/Paris`

calendar-market-elsewhere = `{ $market }` ne fait pas partie de `{ $country }`
    .remedy = mettez-le dans le fichier de son pays

calendar-no-season = il n’y a pas de saison `{ $name }` ; ce calendrier connaît { $known }
    .remedy = écrivez l’une d’elles

calendar-to-before-from = `to` est antérieur à `from`
    .remedy = remettez les deux jours dans l’ordre

calendar-no-start = une règle nationale n’a pas d’autre début à suivre
    .remedy = ajoutez `start`

calendar-no-mechanics = il n’y a pas de mécanisme `{ $name }`
    .remedy = décrivez-le sous `[[country.mechanics]]`

calendar-order-without-day = l’arrêté ne fixe aucun jour
    .remedy = ajoutez `first_day`, `last_day` ou les deux

calendar-last-before-first = le dernier jour, le { $last }, précède le premier, le { $first }
    .remedy = corrigez les jours

calendar-days-far-from-year = les jours sont loin de l’année { $year }
    .remedy = écrivez l’année où la vente commence

order-exists = `{ $file }` fixe déjà cette période ; corrigez ce fichier, ou supprimez-le d’abord

order-written = `{ $file }` est écrit

order-source = `--source` est l’adresse du texte officiel, telle que la montre le navigateur : { $why }

override-unfit = { $place } : { $message } ; { $remedy }

override-and = { $before }
    { "  " }{ $next }

overrides-unfit = { $files ->
    [one] l’arrêté ajouté au calendrier ne convient pas
   *[other] les arrêtés ajoutés au calendrier ne conviennent pas
} :
    { "  " }{ $findings }

day-unknown = inconnu

periods-published = toutes les périodes à venir sont publiées

periods-none = aucune période ne touche ces jours. { $says }

periods-none-dated = aucune période datée ne touche ces jours, et tout n’est pas connu de ce temps-là. { $says }

period-perhaps = incertain : { $kind } { $label } ({ $season }) de { $market }, du { $first } au { $last } selon le calendrier, peut-être du { $may_begin } au { $may_end }

period-outside = inconnu : { $market } n’a pas de dates à lui : { $why }

period-bans-unknown = inconnu : ce qui est interdit autour des soldes de { $market } n’est pas dans le calendrier ; voyez { $look }

period-bans-unknown-before = inconnu : ce qui était interdit en { $market } avant le { $since } n’est pas dans le calendrier ; voyez { $look }

period-unknown = inconnu : les dates ({ $season }) de { $market } ne sont pas dans le calendrier et ne se calculent pas ; voyez { $look }

season-of-year = { $season } { $year }

feed-empty = il n’y a rien à mettre dans un agenda : { $why }

period-note = note ({ $seasons }) : { $note }

rules-none = aucune

rules-own = les siennes

rules-country = celles du pays

rules-dates = dates légales

rules-published = dates publiées chaque année

rules-within-limits = libre dans des limites

rules-free = libre

rules-unknown = inconnues

law-moved-period = { $kind ->
    [sale] les soldes
   *[other] la période protégée
} { $season ->
    [winter] d’hiver
    [summer] d’été
   *[other] ({ $season })
} { $year } en { $market }

law-moved = { $period } : c’était le { $was }, c’est maintenant le { $now }

law-gone = { $period } : c’était le { $was }, et ce n’est plus dans le calendrier

law-graded = { $rule } : { $grade }
