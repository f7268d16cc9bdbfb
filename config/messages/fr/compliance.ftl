# Ce qui est dit du droit des dates et des noms : périodes protégées, durées, audiences, et ce que les textes disent des horaires.

blackout-announcement = la vente tombe dans la période protégée avant les soldes en { $market } ({ $label }), du { $first } au { $last } : il est interdit d’annoncer des réductions qui y prennent effet, même aux membres
    .remedy = baissez les prix sans l’annoncer, ou faites finir la vente avant cette période ou commencer avec les soldes

blackout-promotional-sale = la vente tombe dans la période protégée avant les soldes en { $market } ({ $label }), du { $first } au { $last } : les ventes promotionnelles y sont interdites
    .remedy = faites finir la vente avant cette période ou commencer avec les saldi, ou retirez ce marché

blackout-for-trades = { $statement } (pour { $trades })

blackout-for-trades-unstated = { $statement } (pour { $trades } ; la campagne n’indique pas de `sector`)

blackout-doubted = { $statement }. { $doubt }

blackout-excepted = { $statement }. Restent permis : { $exceptions } ; qui est dans un de ces cas le dit avec `carillon campaign waive … --rule { $rule }`

blackout-after-sales = faites ouvrir la vente le { $next } ou plus tard, ou retirez ce marché

blackout-perhaps = la vente tombe peut-être dans la période protégée des soldes en { $market } ({ $label }) : selon les dates du calendrier elle va du { $first } au { $last }, et elle va peut-être du { $may_begin } au { $may_end }. { $doubt }
    .remedy = demandez à la région, ou placez la vente hors des jours du { $may_begin } au { $may_end }

blackout-invitation = l’envoi `{ $mailing }` peut partir dans la période protégée avant les soldes en { $market } ({ $label }), du { $first } au { $last }, où il est interdit d’inviter la clientèle à de meilleures conditions
    .remedy = faites-le partir avant cette période, ou une fois les saldi commencés

a-trade = { $trade ->
    [clothing] les vêtements
    [clothing-accessories] les accessoires
    [fabrics] les tissus
    [leather-goods] la maroquinerie
    [shoes] les chaussures
    [underwear] les sous-vêtements
   *[other] { $trade }
}

season-too-long = la vente dure { $days ->
    [one] { $days } jour ;
   *[other] { $days } jours ;
} en { $market }, la durée est limitée à { $limit } jours ({ $label })
    .remedy = fermez-la après { $limit } jours au plus tard

season-too-long-in-year = la vente dure { $days ->
    [one] { $days } jour ;
   *[other] { $days } jours ;
} en { $market }, l’année ne peut en compter que { $limit } ({ $label })
    .remedy = fermez-la après { $limit } jours

season-counted-days = si cette vente relève des « { $label } », { $days ->
    [one] { $days } jour compte
   *[other] { $days } jours comptent
} dans les { $limit } de l’année
    .remedy = additionnez vous-même les ventes de l’année : Carillon ne connaît que cette campagne

season-lowers-prior-price = la vente ferme { $days ->
    [one] { $days } jour avant
   *[other] { $days } jours avant
} le début des soldes en { $market } ({ $label }) : ses prix deviennent le prix de référence de ces soldes
    .remedy = fermez plus de { $look_back } jours avant, ou à l’instant où ils commencent, ou démarquez davantage à ce moment-là

label-promotion = tout le monde peut acheter à ces prix : en droit, c’est une promotion, quel que soit son nom
    .remedy = affichez le prix de référence avec chaque réduction, et dites que la vente est ouverte à tous

label-open-sign-up = il suffit de s’inscrire : la vente est donc, de fait, ouverte au public
    .remedy = ne dites pas qu’elle est privée

label-open-sign-up-counts = il suffit de s’inscrire : la vente est donc, de fait, ouverte au public, et ses prix comptent comme prix de référence
    .remedy = affichez les prix de référence comme pour une vente ouverte à tous, et ne dites pas qu’elle est privée

label-group-is-open = un groupe que l’on peut rejoindre pendant la vente n’est pas fermé
    .remedy = écrivez `joinable = false` et tenez-vous-y, ou `audience = "open-members"`

label-group-too-late = le groupe est arrêté le { $fixed_on }, après l’ouverture de la vente le { $opens_on }
    .remedy = arrêtez le groupe avant l’ouverture de la vente, et écrivez ce jour-là

label-group-not-stated = ces mots ne permettent pas de savoir qui fait partie du groupe
    .remedy = dites en une phrase qui en fait partie, par exemple « les clientes et clients de la boutique de Metz en 2026 »

label-group-not-yet = le groupe doit être arrêté le { $fixed_on }, jour qui n’est pas encore venu : jusque-là, nul ne peut dire qui en fait partie
    .remedy = vérifiez de nouveau ce jour-là, une fois la liste arrêtée

label-group-just-fixed = le groupe est arrêté le { $fixed_on }, et la vente ouvre le { $opens_on } : qui est venu pour elle en fait partie
    .remedy = arrêtez le groupe quelque temps avant, d’après ce que les gens ont fait avant de connaître la vente

label-group-as-large = le groupe compte { $size ->
    [one] { $size } personne
   *[other] { $size } personnes
}, et l’on peut écrire à { $members ->
    [one] { $members } membre
   *[other] { $members } membres
} : c’est presque tout le monde
    .remedy = écrivez `audience = "open-members"`, ou gardez la trace du choix et de ceux qui n’en sont pas

blackout-unknown = on ignore si quelque chose est interdit avant les soldes de { $market }, et la campagne peut tomber à ce moment-là
    .remedy = demandez à la source suivante et, d’ici là, laissez ce marché de côté : { $look }

season-dates-unknown = les dates des soldes d’{ season-name } { $year } de { $market } ne sont pas dans le calendrier : on ignore si la campagne tombe pendant, avant ou après
    .remedy = consultez { $look }, et ajoutez-les comme l’explique `carillon calendar override add --help` ; d’ici là, passez-vous des noms et des horaires qui en dépendent

season-outside-market = { $market } n’a pas de dates à lui : { $why }
    .remedy = nommez le marché dont les dates sont visées

season-dates-doubtful = les dates des soldes de { $market } ({ $label }), du { $first } au { $last }, sont incertaines : { $doubt }
    .remedy = renseignez-vous : { $look } ; puis ajoutez les dates comme l’explique `carillon calendar override add --help`, et n’en annoncez aucune comme certaine avant

season-doubt-unexplained = elles sont déduites, ou les sources se contredisent

season-declared-too-long = une vente déclarée sous ce nom peut durer { $months } mois en { $market }
    .remedy = fermez plus tôt, ou donnez un autre nom au reste

season-start-unstated = { $mailing } parle des soldes de { $market } ({ $label }), sans dire qu’ils ont commencé le { $first }
    .remedy = écrivez ce jour dans `intro`, dans chaque langue de l’envoi

season-goods-unstated = { $mailing } ne dit pas sur quelles marchandises portent les soldes de { $market }, ce qu’il doit faire si tout n’est pas soldé
    .remedy = rien à faire si tout l’est ; sinon, ajoutez `[[offers]]`, dont les lettres donnent les noms, ou nommez les marchandises dans `intro`

label-regulated-sale = cette vente fait partie des soldes de { $market } ({ $label }) et n’est pas une promotion : leurs conditions valent, et leurs exceptions aussi
    .remedy = vendez ce qui était proposé, et payé, assez longtemps avant leur début ; n’achetez rien de plus pour eux ; affichez le prix de référence avec chaque réduction

text-contradicts-opening = le texte dit « { $words } », mais la vente ouvre le { $opens }
    .remedy = écrivez `{ "{opens}" }`, qui est rempli d’après les dates de la campagne ; si ces mots parlent d’autre chose, rien à faire

text-contradicts-closing = le texte dit « { $words } », mais la vente ferme le { $closes }
    .remedy = écrivez `{ "{closes}" }`, qui est rempli d’après les dates de la campagne ; si ces mots parlent d’autre chose, rien à faire

text-contradicts-window = le texte dit « { $words } », mais la vente ouvre le { $opens } et ferme le { $closes }
    .remedy = écrivez `{ "{opens}" }` ou `{ "{closes}" }`, qui est rempli d’après les dates de la campagne ; si ces mots parlent d’autre chose, rien à faire

text-contradicts-length = le texte dit « { $words } », mais la vente est ouverte du { $opens } au { $closes }
    .remedy = écrivez `{ "{duration}" }`, qui est rempli d’après les dates de la campagne ; si ces mots parlent d’autre chose, rien à faire

text-leave-time-out = retirez l’horaire, il est affiché à côté du texte ; si ces mots parlent d’autre chose, rien à faire

duration-prolonged = { $who } que la vente ferme le { $told }, et que c’est bientôt ; elle resterait ouverte jusqu’au { $closes }
    .remedy = fermez le { $told }, comme annoncé, et vendez ensuite à d’autres conditions ; si un imprévu a empêché les gens d’acheter, accordez une dérogation pour ce motif, écrivez-leur la nouvelle heure, et appliquez avec `--although-told`

duration-perhaps-prolonged = des gens ont peut-être été prévenus par `{ $mailing }` que la vente ferme le { $told }, et que c’est bientôt : cet envoi a été mis de côté à la restauration ; elle resterait ouverte jusqu’au { $closes }
    .remedy = cherchez dans le journal du relais s’il est parti ; si oui, fermez le { $told }

duration-prolonged-on-gate = la page de la vente a affiché « { $words } » pour une fermeture le { $told } ; elle resterait ouverte jusqu’au { $closes }
    .remedy = fermez le { $told } ou, si un imprévu a empêché les gens d’acheter, gardez-en la trace

duration-reopened-told = { $who } que `{ $slug }` est sur le point de fermer, le { $closed }, et cette vente des mêmes offres ouvre le { $opens }
    .remedy = ouvrez plus de { $days } jours après, ou vendez autre chose ; si les gens ont su dès le début qu’il y aurait deux parties, accordez une dérogation pour ce motif

duration-reopened = `{ $slug }` ferme le { $closed }, et cette vente des mêmes offres ouvre le { $opens } : pour qui achète, rien n’a fermé
    .remedy = ouvrez plus de { $days } jours après, ou dites dès le début que la vente a deux parties, et ne pressez personne avec la fin de la première

duration-goes-on = cette vente ferme le { $closed }, et `{ $slug }`, qui vend les mêmes offres, ouvre le { $opens } : pour qui achète, rien ne ferme
    .remedy = laissez plus de { $days } jours entre les deux, ou dites dès le début que la vente a deux parties, et ne pressez personne avec la fin de la première

duration-perpetual = les mêmes offres auraient été en vente { $days } des 365 jours qui précèdent la fermeture ({ $sales }) : un prix pratiqué la plupart du temps est le prix habituel, et non une réduction
    .remedy = laissez ces offres à leur plein tarif la plus grande partie de l’année, ou baissez ce tarif pour de bon sans annoncer de réduction

duration-perpetual-articles = { $articles ->
    [one] { $articles } des { $all } articles regardés aurait été annoncé
   *[other] { $articles } des { $all } articles regardés auraient été annoncés
} en réduction plus de { $days } des 365 jours qui précèdent la fermeture : un prix pratiqué la plupart du temps est le prix habituel, et non une réduction
    .remedy = retirez les articles que `carillon price check FILE --json` montre depuis longtemps à ce prix, ou baissez leur tarif pour de bon sans annoncer de réduction

duration-record-begins = Carillon ne connaît aucune vente avant le { $since } : on ignore si la même était en vente la plus grande partie de l’année, ou annoncée comme finissante
    .remedy = vérifiez là où vos ventes plus anciennes sont conservées ; si la même était en vente la plupart des jours d’une année, n’annoncez pas de réduction

duration-no-record = Carillon ne connaît encore aucune vente passée : on ignore si la même était en vente la plus grande partie de l’année, ou annoncée comme finissante
    .remedy = vérifiez là où vos ventes plus anciennes sont conservées ; si la même était en vente la plupart des jours d’une année, n’annoncez pas de réduction

duration-always-ending = { $days } jours sur une année, on aurait lu que des ventes des mêmes offres allaient fermer : au-delà de { $most }, ce n’est plus cru, ni vrai
    .remedy = dites le jour, `{ "{closes}" }`, et retirez les autres mots cette fois-ci

words-no-such-class = aucune classe de mots ne s’appelle `{ $class }`
words-no-such-law = aucune loi ne s’appelle `{ $law }`
    .remedy = nommez l’une de celles de laws.toml

waiver-not-waivable = `{ $rule }` n’admet pas de dérogation : on peut répondre des règles dont le nom commence par `words.`, `blackout.`, `season.`, `duration.` ou `price.`, de `market.law-unknown` et de `mailing.beyond-market` ; pour toute autre, le fichier se contredit ou ne peut pas fonctionner, corrigez-le donc

waiver-no-reason = une dérogation demande une raison que quelqu’un d’autre puisse apprécier, en quelques mots au moins
