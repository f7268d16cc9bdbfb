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
