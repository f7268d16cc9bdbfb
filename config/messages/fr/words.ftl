# Ce qui est dit d’un mot qu’un texte de loi réserve. Chaque loi de `config/wording/laws.toml` nomme son message.
#
# `.remedy-dated` dit quoi faire quand la prochaine vente est connue ; le jour y est écrit comme le lisent les clients du marché.

words-soldes-outside-period = `{ $words }` désigne des soldes, et il n’y en a pas en cours ({ $market }) au moment où ce texte est lu
    .remedy = écrivez « journées magiques », ou un autre nom qui ne vienne pas de « solde »
    .remedy-dated = écrivez « journées magiques », ou donnez la date dans la même phrase : « Soldes à partir du { $start } »

words-soldes-in-belgium = `{ $words }` désigne une vente réglementée, et il n’y en a pas en cours ({ $market }) au moment où ce texte est lu
    .remedy = choisissez un nom qui ne signifie ni soldes, ni solden, ni opruiming, ni Schlussverkauf
    .remedy-dated = choisissez un autre nom, ou donnez le jour dans la même phrase : « Soldes à partir du { $start } »

words-soldes-in-luxembourg = `{ $words }` désigne une vente réglementée, et on n’en connaît pas en cours ({ $market }) au moment où ce texte est lu
    .remedy = choisissez un nom qui n’évoque pas des soldes, ou dites clairement qu’il s’agit des prochains

words-soldes-elsewhere = `{ $words }` désigne une vente réglementée, et on n’en connaît pas en cours ({ $market }) au moment où ce texte est lu
    .remedy = choisissez un nom qui n’évoque pas des soldes, ou demandez à l’administration locale si le mot est libre
    .remedy-dated = choisissez un autre nom, ou donnez le jour dans la même phrase : « Soldes à partir du { $start } »

words-soldes-derivative = `{ $words }` est formé sur « soldes » et désigne autre chose ; aucune date ne le rend licite
    .remedy = écrivez « journées magiques », « offres d’avant-saison » ou « promotions »

words-soldes-equivalent = `{ $words }` est un équivalent de « soldes », et il n’y a pas de soldes en cours ({ $market }) au moment où ce texte est lu
    .remedy = choisissez un nom qui ne signifie ni soldes, ni solden, ni opruiming, ni Schlussverkauf

words-soldes-mentioned = `{ $words }` dit que ce ne sont pas des soldes, mais c’est encore les nommer dans une publicité
    .remedy = gardez-le si c’est vrai, ou décrivez l’offre sans ce mot

words-solden-in-belgium = `{ $words }` désigne une vente réglementée, et il n’y en a pas en cours ({ $market }) au moment où ce texte est lu
    .remedy = choisissez un nom qui ne signifie ni solden, ni opruiming, ni soldes, ni Schlussverkauf
    .remedy-dated = choisissez un autre nom, ou donnez le jour dans la même phrase : « Solden vanaf { $start } »

words-sale-name-in-luxembourg = `{ $words }` désigne une vente réglementée, et on n’en connaît pas en cours ({ $market }) au moment où ce texte est lu
    .remedy = choisissez un nom qui n’évoque pas des soldes, ou dites clairement qu’il s’agit de la prochaine vente

words-saldi-outside-period = `{ $words }` désigne des soldes de fin de saison, et il n’y en a pas en cours ({ $market }) au moment où ce texte est lu
    .remedy = choisissez un nom qui ne signifie pas saldi, par exemple « giorni magici »
    .remedy-dated = choisissez un autre nom, ou donnez le jour dans la même phrase : « Saldi dal { $start } »

words-ekptoseis-outside-period = `{ $words }` désigne les soldes de saison, et il n’y en a pas en cours ({ $market }) au moment où ce texte est lu
    .remedy = écrivez « προσφορές », qui est libre toute l’année

words-soldari-outside-period = `{ $words }` désigne un déstockage réglementé, et il n’y en a pas en cours ({ $market }) au moment où ce texte est lu
    .remedy = écrivez « reduceri » ou « promoție », qui sont libres toute l’année

words-sezonsko-outside-period = `{ $words }` désigne la vente saisonnière réglementée, et il n’y en a pas en cours ({ $market }) au moment où ce texte est lu
    .remedy = écrivez « akcija », dans les limites qui lui sont propres

words-rebajas-defined = `{ $words }` ne peut désigner qu’une vente conforme à la définition légale de ce mot
    .remedy = vérifiez que les articles étaient déjà dans l’assortiment habituel, ne sont pas abîmés et n’ont pas été achetés pour la vente, et affichez les dates ; ou choisissez un autre nom

words-saldos-declared = `{ $words }` désigne une vente à déclarer, qui compte dans les 124 jours par an
    .remedy = déclarez-la à l’ASAE et comptez ses jours, ou écrivez « promoções » et ne mêlez pas les deux

words-private-but-public-in-france = `{ $words }` dit aux lecteurs que tout le monde n’est pas admis, et l’audience est `public`
    .remedy = écrivez « journées magiques, ouvertes à tous », ou réservez la vente à un groupe fermé, arrêté avant l’ouverture

words-private-but-open-in-france = `{ $words }` promet un cercle restreint, et il suffit de s’inscrire pour en être
    .remedy = écrivez ce qui est vrai : « réservé aux inscrits, inscription gratuite et ouverte à tous », ou fermez le groupe avant la vente

words-private-but-public = `{ $words }` dit aux lecteurs que tout le monde n’est pas admis, et l’audience est `public`
    .remedy = dites que la vente est ouverte à tous, ou réservez-la à un groupe fermé, arrêté avant l’ouverture

words-private-but-open = `{ $words }` promet un cercle restreint, et il suffit de s’inscrire pour en être
    .remedy = dites dans la même phrase que l’inscription est gratuite et ouverte à tous, par exemple « inscription gratuite et ouverte à tous », ou fermez le groupe avant la vente

# Ce qui est annoncé des prix, et ce que sont les prix de la campagne.

words-reduction-not-reached = `{ $words }` annonce { $percent } %, et { $articles ->
    [1] le seul article dont la réduction est connue ({ $market }) n’y arrive pas
   *[other] aucun des { $articles } articles dont la réduction est connue ({ $market }) n’y arrive
} : la plus forte est de { $most } %
    .remedy = { $may ->
        [0] n’annoncez pas de pourcentage : trop peu d’articles sont en réduction
       *[other] écrivez « jusqu’à −{ $may } % », ce qui est vrai, ou baissez les prix
    }

words-reduction-not-everywhere = `{ $words }` annonce { $percent } % sur tout ce dont la phrase parle, et { $reached ->
    [one] { $reached } article sur { $articles } ({ $market }) y arrive
   *[other] { $reached } articles sur { $articles } ({ $market }) y arrivent
}
    .remedy = { $may ->
        [0] dites quels articles sont concernés
       *[other] { $least ->
            [0] écrivez « jusqu’à −{ $may } % », ou dites quels articles sont concernés
           *[other] écrivez « jusqu’à −{ $may } % », ou « −{ $least } % » si tous sont concernés
        }
    }

words-reduction-rarely-reached = `{ $words }` : { $reached ->
    [one] { $reached } article
   *[other] { $reached } articles
} sur { $articles } ({ $market }) { $reached ->
    [one] arrive
   *[other] arrivent
} à { $percent } %, soit moins d’un sur dix
    .remedy = { $may ->
        [0] dites quels articles sont concernés
       *[other] écrivez « jusqu’à −{ $may } % », ce qu’atteint au moins un article sur dix, ou dites quels articles sont concernés
    }

words-price-not-offered = `{ $words }` : aucune offre ({ $market }) n’est à { $claimed } ou moins, le prix le plus bas est { $lowest }
    .remedy = écrivez « dès { $lowest } », ou baissez un prix

words-price-not-everywhere = `{ $words }` dit que rien ne coûte plus de { $claimed }, et { $dearer ->
    [one] { $dearer } article sur { $articles } ({ $market }) coûte plus cher
   *[other] { $dearer } articles sur { $articles } ({ $market }) coûtent plus cher
}, jusqu’à { $highest }
    .remedy = écrivez « jusqu’à { $highest } », ou dites de quels articles c’est vrai

words-figure-not-read = ce que `{ $words }` dit des prix n’a pas pu être lu : rien n’y a été confronté
    .remedy = voyez vous-même que c’est vrai de chaque article dont il parle, ou écrivez-le « −30 % sur … » ou « dès 29 € »

words-free-article-paid = `{ $words }` : { $dearer ->
    [one] { $dearer } article sur { $articles } ({ $market }) est plus cher
   *[other] { $dearer } articles sur { $articles } ({ $market }) sont plus chers
} que le prix le plus bas des jours précédents ; ce qui est dit offert est donc payé
    .remedy = revenez au prix plus bas avant le début de l’offre, ou ne dites rien offert

words-conditional-offer = `{ $words }` est une offre sous condition, et non une réduction de prix : qui n’achète qu’un article n’en a rien
    .remedy = dites la condition à côté, et laissez l’article hors des fichiers de prix

words-conditional-offer-in-figures = `{ $words }` est une offre sous condition : { $percent } % pour qui la remplit, rien pour qui n’achète qu’un article
    .remedy = { words-conditional-offer.remedy }

words-figures-without-offers = `{ $words }` ne peut être confronté à rien : la campagne ne nomme pas de prix
    .remedy = nommez le fichier de prix sous `[[offers]]`, et tenez l’historique des prix pratiqués avec `carillon price import FILE`

words-figures-without-history = `{ $words }` ne peut pas être confronté aux offres : les prix pratiqués auparavant ne sont pas connus ici
    .remedy = lancez la commande dans le dossier de la boutique, où `carillon price import FILE` en tient l’historique

words-figures-without-verdict = `{ $words }` ne peut pas être confronté aux offres : aucune réduction n’est établie ({ $market })
    .remedy = voyez `carillon price check FILE` pour chaque article, et gardez la preuve de ce dont le pourcentage est tiré

# Ce qui est demandé aux gens, et ce qui limite une offre.

words-account-demanded = `{ $words }` demande un compte avant de laisser voir ou acheter, et cette vente est ouverte à qui veut
    .remedy = laissez voir et acheter sans compte, et dites-le : « Prix visibles par tous, sans inscription » ; ne demandez une adresse qu’à qui veut des lettres

words-data-demanded = `{ $words }` demande plus qu’une adresse
    .remedy = ne demandez qu’une adresse électronique ; ce qu’il faut pour livrer ou payer se demande au moment de la commande

words-limit-untrue = `{ $words }` dit qu’il n’y en aura pas pour tout le monde, et le fichier nomme d’autres limites ou aucune
    .remedy = retirez ces mots, ou ajoutez `"stock"` à `limited_by` s’il n’y a rien de plus que ce qui est en stock

words-limit-not-stated = `{ $words }` dit qu’il n’y en aura pas pour tout le monde, et le fichier ne dit pas ce qui limite l’offre
    .remedy = écrivez `limited_by = ["stock"]` s’il n’y a rien de plus que ce qui est en stock, et gardez-en le compte ; sinon retirez ces mots

words-private-without-limit = `{ $words }` promet une vente privée, et rien ne la limite : elle dure { $days ->
    [one] { $days } jour
   *[other] { $days } jours
}, et le fichier ne nomme ni stock ni marques
    .remedy = fermez plus tôt, ou dites ce qui limite l’offre : `limited_by = ["stock"]` ou `limited_by = ["brands"]`

# Qui est dit faire partie d’un groupe fermé.

label-group-is-everybody = `{ $words }` ne décrit aucun cercle : tout le monde en est
    .remedy = dites qui en fait partie et que les autres n’en sont pas, par exemple « les clientes et clients de la boutique de Metz en 2026 », ou écrivez `audience = "public"`

label-group-anyone-joins = `{ $words }` est un cercle où chacun pouvait entrer jusqu’à ce qu’il soit arrêté
    .remedy = dites depuis quand on en est, par exemple « inscrits à la newsletter avant le 1er juin 2026 », ou écrivez `audience = "open-members"`

# Ce qui est annoncé, presse les lecteurs ou promet.

words-sale-dates-unknown = `{ $words }` désigne une vente réglementée, et on ignore s’il y en a une en cours ({ $market }) au moment où ce texte est lu
    .remedy = consultez { $look }, et ajoutez les dates comme l’explique `carillon calendar override add --help` ; d’ici là, choisissez un autre nom

words-sale-day-doubtful = `{ $words }` est annoncé pour un jour incertain en { $market } : { $doubt }
    .remedy = ajoutez ce jour comme l’explique `carillon calendar override add --help` quand vous vous serez renseigné, ou retirez la phrase ; une lettre n’annonce pas comme certain un jour qui ne l’est pas

words-sale-day-unknown = `{ $words }` est annoncé pour un jour dont le calendrier ignore si des soldes y commencent en { $market }
    .remedy = comparez avec la source suivante, et ajoutez les dates comme l’explique `carillon calendar override add --help` : { $look }

words-exclusive = `{ $words }` peut laisser croire que peu de gens y ont droit, alors que tout le monde y a droit
    .remedy = rien à faire si c’est vrai dans un autre sens ; sinon, dites en quoi consiste l’offre

words-liquidation-in-france = `{ $words }` désigne une liquidation, à déclarer avant toute publicité, et la campagne n’indique pas de récépissé
    .remedy = déclarez-la à la mairie ou à la préfecture et écrivez son numéro : `[declaration]`, `kind = "liquidation"`, `receipt = "…"` ; ou écrivez « déstockage » ou « fins de série »

words-liquidation-in-belgium = `{ $words }` désigne une vente permise dans les seuls cas de la liste légale, et la campagne n’en indique aucun
    .remedy = écrivez `[declaration]`, `kind = "liquidation"` et, dans `ground`, le cas de la liste que vous pouvez prouver ; ou écrivez « déstockage », « stockverkoop » ou « Lagerverkauf »

words-liquidation-in-italy = `{ $words }` désigne une vente extraordinaire, à signaler d’avance à la mairie, et la campagne n’indique pas de récépissé
    .remedy = signalez-la à la mairie et écrivez le numéro : `[declaration]`, `kind = "liquidation"`, `receipt = "…"` ; ou écrivez « promozione »

words-factory-store = `{ $words }` est réservé aux producteurs qui vendent eux-mêmes au public ce qu’ils ont fabriqué et n’ont pas écoulé
    .remedy = si c’est le cas, écrivez `[declaration]`, `kind = "factory-store"` et, dans `ground`, ce que vous fabriquez et où ; ou écrivez « boutique de fins de série » ou « outlet »

words-scarcity = `{ $words }` presse les lecteurs, ce qui est licite si c’est vrai au moment où ils lisent
    .remedy = comptez avant de l’écrire, et retirez-le si le nombre peut changer avant la lecture

words-last-days = `{ $words }` peut être lu longtemps avant la fermeture de la vente
    .remedy = dites plutôt le jour, `{ "{closes}" }`, ou gardez ces mots pour les derniers jours

words-last-days-before-opening = « { $words } » peut être lu avant l’ouverture de la vente ({ $market }) : rien ne finit encore
    .remedy = gardez ces mots pour un envoi qui part peu avant la fermeture ; d’ici là, dites le jour, `{ "{closes}" }`

words-closing-down = `{ $words }` dit que le commerce ferme, pratique interdite si ce n’est pas vrai
    .remedy = si c’est vrai, c’est une liquidation : écrivez `[declaration]` ; sinon, retirez-le

words-reference-price = `{ $words }` mesure une réduction à un prix qui n’a peut-être jamais été pratiqué
    .remedy = comparez avec le prix le plus bas des 30 jours précédents, ou dites de qui est ce prix et qui le pratique ; n’en tirez aucun pourcentage

words-won = `{ $words }` dit aux lecteurs qu’ils ont gagné, pratique interdite à moins que ce soit vrai de chacun, et sans rien payer
    .remedy = retirez-le, ou dites comment on peut gagner

words-free-but-paid = `{ $words }` appelle gratuit ce qui est payé en partie ; seul le coût inévitable de la livraison peut être demandé
    .remedy = dites à côté le prix de la livraison, et ne demandez rien d’autre

words-feigned-soldes = `{ $words }` parle de promotions menées partout à la fois avec les mots des soldes, hors de leur période
    .remedy = dites en quoi consiste l’offre, avec d’autres mots que ceux des soldes

words-national-event = `{ $words }` a lieu partout à la fois : l’opération ne doit pas ressembler à des soldes hors de leur période
    .remedy = rien à faire, tant qu’aucun texte ne la compare aux soldes ni ne parle de démarque

# Ce que plusieurs mots disent ensemble, et aucun d’eux seul.
words-read-together = { $said } (c’est ce que ces mots donnent à lire ensemble : voyez si c’est bien le sens)
