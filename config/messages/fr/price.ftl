# Ce qui est dit des prix : réductions annoncées, revente à perte, ancienneté des articles, fichiers de prix et d’offres.

price-no-reduction = `{ $sku }` à { $price } n’est pas une réduction : le prix le plus bas pratiqué auparavant est de { $prior }
    .remedy = descendez au-dessous de { $prior }, ou laissez cet article hors de l’annonce

price-no-prior-price = `{ $sku }` ne peut pas être annoncé en réduction : { $reason }
    .remedy = importez l’historique de ses prix, ou laissez cet article hors de l’annonce

price-planned = { $count ->
    [one] le prix de référence de `{ $sku }` n’est encore qu’un projet
   *[other] les prix de référence de { $count } articles ne sont encore que des projets
} : `{ $sku }` ne sera vendu à { $prior } qu’à partir du { $from }

price-planned-remedy = vérifiez de nouveau après le { $last } : seul compte le prix le plus bas réellement pratiqué dans les jours qui précèdent, et non un prix prévu

price-review = `{ $sku }` demande votre attention : { $reason }
    .remedy = tranchez, et gardez une trace de vos raisons

price-below-cost = `{ $sku }` est vendu à { $price }, au-dessous de son seuil de revente à perte de { $cost } (prix net d’achat sur facture, moins les autres avantages du fournisseur, plus les taxes et le transport) ; cette vente a lieu hors des soldes, qui seuls en sont exemptés
    .remedy = remontez le prix à { $cost } ou plus, ou accordez une dérogation en nommant l’exception qui s’applique : cessation d’activité, articles saisonniers en fin de saison, articles démodés ou dépassés, réapprovisionnement à la baisse, alignement de prix d’un petit magasin, denrées périssables menacées d’altération

price-below-cost-other-name = `{ $sku }` est vendu à { $price }, au-dessous de son seuil de revente à perte de { $cost } (prix net d’achat sur facture, moins les autres avantages du fournisseur, plus les taxes et le transport) ; les soldes en sont exemptés, mais cette vente ne porte pas leur nom
    .remedy = { price-below-cost.remedy }

price-stock-age = `{ $sku }` est { $column ->
    [paid_on] payé
   *[on_sale_since] en vente
} depuis le { $day }, c’est-à-dire après le { $latest }, limite fixée { $age } avant le premier jour de la vente, le { $first_day }
    .remedy = laissez cet article hors de la vente ; il peut être vendu en promotion ordinaire, sous un autre nom

price-stock-age-unknown = { $count ->
    [one] { $count } offre sur { $offers } ne dit pas depuis quand l’article est { $column ->
        [paid_on] payé
       *[on_sale_since] en vente
    }
   *[other] { $count } offres sur { $offers } ne disent pas depuis quand l’article est { $column ->
        [paid_on] payé
       *[on_sale_since] en vente
    }
} (`{ $column }`), à commencer par la ligne { $line }
    .remedy = remplissez `{ $column }`, et gardez le justificatif sous la main : les contrôleurs le demandent

age-in-days = { $count ->
    [one] un jour
   *[other] { $count } jours
}

age-in-months = { $count ->
    [one] un mois
   *[other] { $count } mois
}

price-offer-twice = `{ $sku }` est déjà proposé à la ligne { $line }
    .remedy = gardez l’une des deux lignes

price-corrected = le prix de référence de `{ $sku }` repose sur un prix que { $who } a corrigé le { $on }, de { $was } à { $price } : { $reason }
    .remedy = gardez la preuve de ce qui a été pratiqué ; `carillon price check FILE --known-on DAY` donne la réponse d’avant

correct-no-row = aucun prix n’en est enregistré là : vérifiez le marché, le canal et l’audience, ou importez son prix avec `carillon price import FILE`

correct-other-rows = aucune ligne n’en commence à cet instant ; des lignes commencent le { $starts }

correct-not-offered = la ligne dit que l’article n’était pas en vente, et non à quel prix

correct-other-currency = la ligne est en { $currency }

correct-same = c’est le prix enregistré

correct-no-reason = une correction demande une raison que quelqu’un d’autre puisse apprécier, en quelques mots au moins

correct-refused = `{ $sku }` n’est pas corrigé : { $why }

correct-done = `{ $sku }`, à partir du { $from } : { $price } compte à la place de { $was } ; les deux sont gardés

correct-campaigns = ces campagnes ont commencé après, et leurs prix de référence ont pu changer : { $campaigns } ; `carillon price check --campaign SLUG` dit lesquels, et avec `--known-on DAY` ce qu’ils étaient

price-mend-the-line = corrigez cette ligne et relancez la commande

# Pourquoi une réduction peut être annoncée, ou non.

verdict-reduced = le prix est inférieur au prix de référence

verdict-no-reduction = le prix n’est pas inférieur au plus bas de la période de référence : il n’y a pas de réduction à annoncer

verdict-no-price-in-window = l’article n’était pas en vente pendant la période de référence : il n’a donc pas de prix de référence

verdict-no-history = aucun prix n’est connu pour cet article ; importez d’abord l’historique de ses prix

verdict-not-announced = aucune réduction n’est annoncée

verdict-personal = une réduction personnelle se passe de prix de référence

verdict-closed-group = ici, une réduction pour un groupe fermé se passe de prix de référence

verdict-open-members = ici, une réduction pour les membres se passe de prix de référence

verdict-no-rule = ce marché n’a pas de règle sur le prix de référence ; la réduction doit rester loyale

verdict-law-unknown = on ne sait pas ce que ce marché exige d’une réduction ; une personne décide

verdict-not-in-force = la règle du prix de référence s’applique à partir du { $from }

verdict-new-goods-exempt = un article mis en vente pour la première fois se passe de prix de référence

verdict-new-goods-since = article nouveau : précisez que le prix de référence est le plus bas depuis le { $since }

verdict-new-goods-no-rule = l’article n’est en vente que depuis le { $since }, et la loi n’a pas de règle pour les nouveautés ; à vous de décider

verdict-new-goods-future-price = l’article n’est en vente que depuis le { $since } ; il ne peut être comparé qu’à son prix d’après la promotion

verdict-other-campaign = ce prix prolonge ou approfondit celui de la campagne `{ $campaign }` ; si les deux forment une seule réduction, et que le vendeur peut le montrer, le premier prix de référence demeure : `continues = ["{ $campaign }"]` le dit ; sinon, le prix de référence est celui-ci

verdict-other-currency = la période de référence contient des prix en { $currency } ; comparez-les à la main

verdict-comparable-until = la comparaison peut être affichée jusqu’au { $day }, ce jour non compris

verdict-compared-too-long = la comparaison ne peut être affichée que jusqu’au { $day }, ce jour non compris, et la vente dure plus longtemps

# Pourquoi une ligne d’un fichier est refusée.

row-market-unknown = le marché `{ $market }` n’est pas connu ; `docs/calendar.md` dit comment en ajouter un

row-money = `{ $column }` : { $why }

row-unfit = `{ $column }` : { $why }

row-text = `{ $column }` dépasse { $longest } octets ou contient des caractères de contrôle

money-missing = le montant manque

money-no-amount = ce n’est pas un montant ; écrivez-le comme `79,90`, `79.90` ou `79,90 €`

money-digits = { $digits ->
    [0] { $currency } n’a pas de chiffre
    [1] { $currency } n’a qu’un chiffre
   *[other] { $currency } n’a que { $digits } chiffres
} après la virgule ; écrivez les milliers sans point ni virgule

money-zero = un prix de 0 est refusé ; écrivez `not-offered` là où l’article n’était pas en vente

money-negative = un montant négatif est refusé

money-too-large = le montant est trop grand

money-currency = la monnaie s’écrit par un code de trois lettres, comme `EUR`

row-cells = la ligne a { $found } cellules et l’en-tête { $expected } ; il manque peut-être des guillemets droits autour d’une cellule

row-damaged = la ligne contient du texte abîmé, ou écrit dans un autre encodage que le reste ; réécrivez-la en UTF-8

row-empty-cell = `{ $column }` est vide

row-open-quote = un guillemet droit est ouvert sur cette ligne et n’est pas refermé

row-stray-quote = un guillemet droit se trouve à l’intérieur d’une cellule entre guillemets ; doublez-le (`""`)

row-too-long = la ligne dépasse { $longest } octets

written-no-date = `{ $written }` n’est pas une date ; écrivez `2026-11-06`, `2026-11-06T08:00` ou `06/11/2026 08:00`

written-in-a-gap = `{ $written }` n’existe pas : les horloges ont sauté par-dessus en avançant

written-twice = `{ $written }` a eu lieu deux fois : les horloges ont reculé ; ajoutez le décalage, comme dans `2026-10-25T02:30+01:00`

written-far-year = `{ $written }` sort des années 2000 à 2100

price-header-columns = nommez les colonnes dans la première ligne : sku, price, et autant que possible purchase_cost, on_sale_since, paid_on, currency, name, picture, url

price-import-columns = nommez les colonnes dans la première ligne ; ou dites laquelle correspond, par exemple `--column sku=Reference`, et ce qui vaut pour toutes les lignes, par exemple `--value market=FR`

price-no-column = écrivez COLONNE=TEXTE, par exemple sku=Reference ; les colonnes sont { $columns }

price-import-done = { $added ->
    [one] { $added } ligne ajoutée
   *[other] { $added } lignes ajoutées
}, { $known ->
    [one] { $known } déjà connue
   *[other] { $known } déjà connues
}, { $refused ->
    [one] { $refused } refusée
   *[other] { $refused } refusées
}

price-import-planned = { $count ->
    [one] { $count } de ces prix est à venir
   *[other] { $count } de ces prix sont à venir
}, le dernier à partir du { $last } : un prix prévu ne compte pour le prix de référence qu’une fois pratiqué

price-import-ended = { $count ->
    [one] { $count } ligne de `{ $file }` est enregistrée
   *[other] { $count } lignes de `{ $file }` sont enregistrées
} ; relancez la même commande pour le reste

price-import-refused = les lignes refusées de `{ $file }` sont dans `{ $report }`, avec la raison ; corrigez-les là, et importez ce fichier-là avec les mêmes options, sans `--encoding` ni `--sheet` (c’est un CSV en UTF-8)

price-contradicts = l’historique dit déjà { $price } à partir de cet instant (`{ $file }`, ligne { $line }), et ce qui est enregistré reste ; `carillon price correct` corrige une erreur

price-contradicts-campaign = l’historique dit déjà { $price } dans la campagne `{ $campaign }` à partir de cet instant (`{ $file }`, ligne { $line }), et ce qui est enregistré reste ; `carillon price correct` corrige une erreur

price-campaign-unknown = aucune campagne `{ $slug }` n’est appliquée ; nommez son fichier d’offres, ou appliquez-la d’abord

price-campaign-forgotten = le prix antérieur de `{ $sku }` a été annoncé par la campagne `{ $slug }` : si ces offres en sont une étape suivante, demandez avec `--campaign { $slug }`

price-no-offers = la campagne `{ $slug }` n’a pas d’offres là

price-check-file = { $file }, { $market } { $channel }

price-finding-error = { $place } : erreur : { $message }

price-finding-warning = { $place } : attention : { $message }

price-finding-note = { $place } : note : { $message }

price-finding-law = { "  " }loi :     { $law }

price-finding-do = { "  " }à faire : { $remedy }
