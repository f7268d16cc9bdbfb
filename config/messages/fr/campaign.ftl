# Ce qui est dit d’un fichier de campagne : son contenu, sa fenêtre et ses envois.

the-sales = les soldes d’{ season-name } { $year } de { $market } ({ $label })

window-announced-nowhere = cette vente ne figure dans aucune liste publique, à aucun moment
    .remedy = supprimez `announce_from`, ou `unlisted = true`

window-announced-late = la vente ouvre le { $opens } et ne figurerait dans les listes publiques que le { $from }
    .remedy = écrivez un instant qui n’est pas après l’ouverture, ou `unlisted = true` si elle ne doit figurer dans aucune liste

window-announced-after-letter = l’envoi `{ $mailing }` part le { $at }, et la vente ne figure dans les listes publiques qu’à partir du { $from } : ceux qui le reçoivent ne l’y trouveront pas encore
    .remedy = avancez `announce_from` jusque-là, ou laissez-le si c’est voulu

window-empty = la vente ouvre et ferme au même instant, le { $at }
    .remedy = écrivez une heure plus tardive à `closes` ou plus précoce à `opens`

window-backwards = la vente ferme le { $closes }, avant d’ouvrir le { $opens }
    .remedy = écrivez une heure plus tardive à `closes` ou plus précoce à `opens`

window-in-the-past = la vente a fermé le { $closes } : c’est passé
    .remedy = écrivez les dates de la saison à venir ; le nom d’une saison porte son année

window-overlaps-soldes = la vente porte le même nom que { $sales }, qui commencent le { $begin }, et n’y est pas comprise tout entière
    .remedy = écrivez `opens = "{ $anchor }"` et `closes = "{ $anchor }.end"`, ou des horaires entre les deux ; ou donnez-lui un autre nom

window-ends-inside-soldes = la vente ferme { $late } après que { $sales } ont commencé, le { $begin }
    .remedy = écrivez `closes = "{ $anchor }"` : elle s’arrête à l’instant où ils commencent, sans intervalle

window-beside-soldes = la vente a lieu pendant { $sales }, qui commencent le { $begin }, mais sous un autre nom : c’est une promotion à côté, qui n’en fait pas partie
    .remedy = rien à faire si c’est voulu : ce que la loi exige de ces soldes et y permet ne vaut pas pour elle. Une vente qui les précède s’écrit avec `closes = "{ $anchor }"`

window-gap-before-soldes = la vente ferme { $gap } avant que { $sales } ne commencent, le { $begin }
    .remedy = écrivez `closes = "{ $anchor }"` si les prix ne doivent pas remonter entre les deux

window-foreign-zone = les heures sont lues dans le fuseau `{ $ours }`, mais dans `{ $market }` les horloges donnent celles de `{ $theirs }`
    .remedy = écrivez `timezone = "{ $theirs }"` si ces heures s’adressent aux clients de là-bas

market-online-is-national = en ligne, les soldes de `{ $market }` suivent les dates de `{ $national }`
    .remedy = écrivez `{ $national }`, ou `channel = "store"` si la vente se tient en magasin

anchor-computed = { $kind ->
    [sale] la date des soldes
   *[other] la date de la période protégée avant les soldes
} d’{ season-name } { $year } pour { $market } est calculée d’après la règle en vigueur ; un arrêté peut encore la déplacer
    .remedy = rien à faire pour l’instant ; si elle bouge, la campagne est suspendue jusqu’à ce que vous l’appliquiez de nouveau

mailing-empty-interval = l’envoi `{ $mailing }` peut partir à compter du { $from }, mais pas après le { $to } : donc jamais
    .remedy = écrivez une heure plus tardive à `not_after`

mailing-after-close = l’envoi `{ $mailing }` peut partir jusqu’au { $to }, mais la vente ferme le { $closes }
    .remedy = écrivez `not_after = "window.closes"` ou plus tôt : rien n’annonce une vente terminée

mailing-outside-window = l’envoi `{ $mailing }` dit que la vente est ouverte, mais peut partir le { $from }, avant le { $opens }
    .remedy = écrivez `not_before = "window.opens"` ou plus tard, ou `kind = "announcement"`

mailing-late-announcement = l’envoi `{ $mailing }` annonce l’ouverture du { $opens }, mais peut partir jusqu’au { $to }
    .remedy = écrivez `not_after = "window.opens"`, ou `kind = "opening"` pour un courriel une fois la vente ouverte

check-same-slug = `{ $other }` porte aussi le nom court `{ $slug }` : l’un remplacerait l’autre
    .remedy = donnez à l’un des deux un autre `slug`, ou vérifiez-les séparément si ce sont deux versions d’une vente

window-opened-long-ago = la vente serait ouverte depuis le { $opens }, et publique aussitôt
    .remedy = corrigez l’année ou la saison de `opens` ; ou écrivez-y à partir de quand elle doit être ouverte

mailing-too-late-remedy = écrivez un `not_after` plus tard, ou retirez l’envoi du fichier ; puis appliquez-le de nouveau

mailing-early-last-hours = l’envoi `{ $mailing }` parle des dernières heures, et peut partir dès le { $from } : { $before } avant la fin
    .remedy = écrivez `not_before = "window.closes - 1 day at 18:00"`, ou un autre genre : une vente qui dure encore ne touche pas à sa fin, et le dire presse les gens

sector-unknown = `{ $sector }` n’est pas un mot que Carillon connaisse pour ce qui est vendu : il vaut comme un commerce que le délai d’attente concerne
    .remedy = rien, si c’est juste ; sinon écrivez l’un de { $trades }, ou le même en français

mailing-in-the-past = l’envoi `{ $mailing }` pouvait partir jusqu’au { $to } : c’est passé
    .remedy = s’il est parti, rien ; un nouvel envoi demande des heures à venir

# Les fichiers en général.

file-syntax = ceci n’est pas du TOML : { $why }
    .remedy = corrigez cette ligne ; les textes s’écrivent entre guillemets droits

file-missing-key = `{ $key }` manque dans { $table }
    .remedy = ajoutez une ligne comme { $example }

file-wrong-type = `{ $key }` contient ici { $kind } ; il faut { $wanted }
    .remedy = écrivez { $wanted }

file-unknown-key = `{ $key }` n’est pas une clé de { $table }
    .remedy = supprimez la ligne, ou prenez l’une de celles-ci : { $known }

file-unknown-key-slip = `{ $key }` n’est pas une clé de { $table }
    .remedy = écrivez `{ $meant }` si c’est bien cela, ou supprimez la ligne

table-top = l’en-tête du fichier

table-named = `{ $table }`

table-one-of = ce bloc `{ $table }`

kind-text = un texte

kind-number = un nombre

kind-flag = `true` ou `false`

kind-moment = une date ou une heure

kind-list = une liste

kind-table = un bloc

wanted-text = un texte entre guillemets droits

wanted-count = un nombre entier, zéro ou plus

wanted-texts = une liste de textes comme `["fr", "en"]`

wanted-table = un bloc `{ $table }`

wanted-tables = des blocs qui commencent chacun par `{ $table }`

word-unknown = `{ $found }` n’est pas dans cette liste : { $expected }

# Les textes que l’on voit.

text-empty = le texte est vide
    .remedy = écrivez un texte

text-too-long = le texte compte { $length ->
    [one] { $length } caractère
   *[other] { $length } caractères
}, soit { $over } de plus que les { $limit } possibles
    .remedy = écrivez au plus { $limit } caractères

text-unseen = le texte contient { $name } ({ $code }) { $at }
    .remedy = retapez ce passage au lieu de le coller : ce caractère ne se voit pas

text-at-its-beginning = au début

text-after = après « { $before } »

unseen-line-break = un saut de ligne

unseen-control = un caractère de commande

unseen-direction-mark = une marque de sens d’écriture

unseen-direction-turn = un caractère qui retourne le sens d’écriture

unseen-zero-width-space = une espace sans largeur

unseen-soft-hyphen = un trait d’union conditionnel

unseen-invisible = un caractère invisible

unseen-replacement = un caractère devenu illisible à la copie

placeholder-unknown = rien ne s’appelle `{ $words }`
    .remedy = écrivez l’un de ceux-ci : { $known } ; une accolade à vous s’écrit deux fois, `{ "{{" }`

placeholder-alone = l’accolade de `{ $words }` n’entoure rien à remplir
    .remedy = écrivez l’un de ceux-ci : { $known } ; une accolade à vous s’écrit deux fois, `{ "{{" }`

url-scheme = elle ne commence pas par `https://`

url-space = elle contient une espace, une barre oblique inverse ou un caractère invisible

url-host = son nom d’hôte ne peut pas exister

url-user = elle contient un nom d’utilisateur avant l’hôte

url-too-long = elle dépasse { $limit } caractères

url-not-encrypted = cette adresse n’est pas chiffrée, et les courriels y mènent des gens

url-invalid = ce n’est pas une adresse web qu’un courriel puisse porter : { $why }

url-example = écrivez une adresse qui commence par `https://`, comme `https://www.example.fr/vente`

# L’en-tête d’une campagne : nom, marchés, canal, public, groupe.

slug-invalid = `{ $written }` ne peut pas servir de nom court : de 1 à 64 minuscules sans accent, chiffres et tirets simples, une lettre d’abord

slug-example = écrivez par exemple `journees-magiques-hiver-2027`

language-unknown = la langue n’est aucune de `fr`, `en`, `nl`, `de`, `it`, `es` et `pt`

channel-unknown = `{ $written }` n’est pas un canal : écrivez `online` (en ligne) ou `store` (en magasin)

channel-example = écrivez `online` (en ligne) ou `store` (en magasin)

continues-example = écrivez les noms courts de campagnes, comme dans `continues = ["hiver-2027"]`

offer-limited-by-example = écrivez `["stock"]`, `["brands"]` (marques) ou les deux ; la limite dans le temps est celle de la vente

offer-show-prices-example = écrivez `while-open` (vente ouverte), `always` (toujours) ou `never` (jamais) ; sans cette clé, les prix se montrent tant que la vente est ouverte
audience-example = écrivez `public` quand tout le monde peut acheter à ce prix

market-code = `{ $written }` n’est pas un marché : écrivez un pays comme `FR`, ou une partie de pays comme `FR-57`

market-example = écrivez le code ISO 3166 d’un pays ou d’une de ses parties, comme `FR`, `BE`, `FR-57` ou `IT-62`

market-none = la liste des marchés est vide
    .remedy = dites où sont les clients, { $example }

market-twice = le marché `{ $market }` est nommé deux fois
    .remedy = supprimez l’un des deux

market-not-in-calendar = le calendrier ne connaît pas le marché `{ $market }` ; `carillon calendar markets` donne la liste de ceux qu’il connaît

market-part-unknown = le calendrier ne connaît pas le marché `{ $market }` ; écrivez `{ $country }` ou l’une de ses parties : { $parts }

market-part-of-many-unknown = le calendrier ne connaît pas le marché `{ $market }` ; écrivez `{ $country }` ou l’une de ses parties, par son code ISO 3166-2

market-law-unknown = le calendrier ne sait rien du droit de `{ $market }` : ni les dates de soldes, ni les mots réservés, ni les prix de référence n’y sont vérifiés
    .remedy = demandez à qui connaît le droit local, puis accordez une dérogation qui dise ce que vous avez appris ; un fichier du dossier des calendriers propres à la boutique peut ajouter le marché

market-dates-unknown = on ne sait pas si le droit de `{ $market }` fixe des dates de soldes : { $why }
    .remedy = renseignez-vous ({ $ask }), puis accordez une dérogation qui dise ce que vous avez appris

market-prices-unknown = on ne sait pas ce que le droit de `{ $market }` exige d’une annonce de réduction : { $why }
    .remedy = renseignez-vous ({ $ask }), puis accordez une dérogation qui dise ce que vous avez appris

market-see-list = `carillon calendar markets` montre ceux qui sont connus ; un fichier du dossier des calendriers propres à la boutique peut en ajouter un

group-date = `{ $written }` n’est pas un jour

group-date-example = écrivez un jour comme `2026-12-01`

group-missing = un groupe fermé doit être décrit : les règles de prix dépendent de ce qui le ferme
    .remedy = ajoutez `[group]` avec `who`, `fixed_on` et `joinable`, ou écrivez un autre `audience`

group-unused = le public est `{ $audience }` : il n’y a pas de groupe à décrire
    .remedy = supprimez `[group]`, ou écrivez `audience = "closed-group"`

group-listed = le public est `{ $audience }` : la vente ne figure dans aucune liste publique
    .remedy = supprimez `unlisted`, ou écrivez un autre `audience`

declaration-kind-example = écrivez `liquidation` ou `factory-store`

declaration-empty = le tableau ne dit ni quel récépissé existe ni à quel titre la vente a lieu
    .remedy = ajoutez `receipt = "…"`, le numéro donné par l’autorité, ou `ground = "…"`, le titre en une phrase

# Une vente qui revient.

edition-every-example = écrivez `winter` (hiver), `summer` (été) ou `year` (chaque année) : quand la vente revient

edition-without-season = aucun moment de ce fichier ne suit la loi ; on ne peut pas savoir quand la vente revient
    .remedy = rattachez la fenêtre à une saison, comme `opens = "soldes.hiver.2027 - 4 jours à 8h00"`, ou supprimez `[edition]`

edition-other-season = la vente suit la saison `{ $season }` et reviendrait en `{ $every }`
    .remedy = écrivez `every = "{ $fits }"` : l’édition suivante est la même vente un an plus tard

# La fenêtre, ses repères et son horloge.

window-timezone = `{ $written }` n’est pas un fuseau horaire

window-timezone-example = écrivez un fuseau de la liste IANA, comme `Europe/Paris`

window-dst-choice = écrivez `earlier` (la première) ou `later` (la seconde)

anchor-syntax = `{ $key }` ne se comprend pas : { $why }

anchor-example = écrivez par exemple `{ $example }`

anchor-circular = la vente est repérée par rapport à elle-même : elle n’est donc nulle part
    .remedy = repérez une extrémité sur une période légale ou sur une date, comme `soldes.winter.2027`

anchor-markets-differ = la loi n’est pas la même dans les deux marchés : { $first } dans `{ $here }`, { $second } dans `{ $there }`
    .remedy = faites une campagne par marché, ou écrivez une date et une heure, comme `2027-01-02 08:00`

anchor-without-date = `{ $expression }` n’a pas de date dans le marché `{ $market }` : { $why }
    .remedy = voyez les périodes connues avec `carillon calendar list --market { $market }`, ou écrivez une date et une heure, comme `2027-01-02 08:00`

expression-empty = il n’y a rien

expression-anchor = `{ $words }` n’est ni une période légale (`soldes.winter.2027`, `blackout.winter.2027`), ni `window.opens` ou `window.closes`, ni une date et une heure (`2027-01-02 08:00`)

expression-no-such-day = le jour `{ $words }` n’existe pas ; écrivez l’année, le mois et le jour, comme `2027-01-02`

expression-date-alone = il manque l’heure à `{ $words }`, comme dans `{ $words } 08:00`

expression-offset = `{ $words }` porte son propre décalage horaire ; écrivez l’heure telle qu’on la lit sur place, la fenêtre dit le fuseau

expression-period-name = `{ $words }` n’est pas le nom complet d’une période, comme `soldes.winter.2027` ou `soldes.winter.2027.end`

expression-operator = après le repère viennent `+ N days`, `- N days` ou `at HH:MM`, et non `{ $words }`

expression-count = `{ $words }` n’est pas un nombre entier de 1 à { $most }

expression-unit = `{ $words }` n’est pas une unité de temps : écrivez weeks, days, hours ou minutes

expression-unfinished = la phrase s’arrête après `{ $words }`

expression-time-of-day = `{ $words }` n’est pas une heure comme `08:00`

expression-after-time = `at` et son heure viennent en dernier, mais `{ $words }` suit

expression-shift-undone = `at` fixe l’heure : les heures ou minutes écrites avant n’auraient aucun sens

wall-clock-gap = le { $at } n’existe pas dans le fuseau { $zone } : les horloges sautent cette heure
    .remedy = écrivez une autre heure, ou sous `[window]` écrivez `in_gap = "earlier"` pour { $earlier } ou `in_gap = "later"` pour { $later }

wall-clock-overlap = le { $at } arrive deux fois dans le fuseau { $zone } : les horloges reculent
    .remedy = écrivez une autre heure, ou sous `[window]` écrivez `in_overlap = "earlier"` pour la première des deux ou `in_overlap = "later"` pour la seconde

wall-clock-out-of-range = le { $at } est trop loin
    .remedy = écrivez une date de ce siècle

period-not-regulated = { $kind ->
    [sale] `{ $market }` n’a pas de soldes réglementés
   *[other] `{ $market }` n’a pas de période protégée
} : { $why }

period-not-published = les dates de `{ $market }` pour la saison d’{ season-name } { $year } ne sont pas dans le calendrier, et elles ne se calculent pas ; consultez { $look }, puis ajoutez-les, comme l’explique `carillon calendar override add --help`

season-typed = `{ season-name }`

period-no-such-season = `{ $market }` n’a pas de saison `{ $season }` ; il a { $known }

campaign-is-a-table = c’est un tableau, et une campagne est un fichier de texte dont le nom finit par `.toml`

campaign-is-a-table-remedy = indiquez le fichier de la campagne, par exemple `carillon campaign check hiver.toml` ; pour les prix de celui-ci, tapez `carillon price check { $file }`

period-none-in-year = aucune période d’{ season-name } { $kind ->
    [sale] des soldes
   *[other] protégée
} de `{ $market }` n’appartient à { $year }

period-ambiguous = { $count } périodes d’{ season-name } de `{ $market }` commencent en { $year } : { $starts }

# Les envois, et qui les reçoit.

mailing-kind-example = écrivez `announcement` (annonce, avant la vente), `opening` (à l’ouverture) ou `last-hours` (avant la fermeture)

mailing-name-example = écrivez un nom comme `announcement-2`

mailing-no-language = l’envoi n’a pas de langue
    .remedy = écrivez `languages = ["fr"]`

mailing-language-example = écrivez `fr`, `en`, `nl`, `de`, `it`, `es` ou `pt`, ou plusieurs, celle de repli d’abord

mailing-language-twice = la langue `{ $language }` est nommée deux fois
    .remedy = supprimez l’une des deux

mailing-texts-unused = il y a des textes en `{ $language }`, mais l’envoi ne part pas dans cette langue
    .remedy = ajoutez `{ $language }` à `languages`, ou supprimez les textes

mailing-duplicate-name = deux envois s’appellent `{ $mailing }`
    .remedy = donnez un autre nom à l’un d’eux, `name = "announcement-2"`

mailing-closed-group = `{ $mailing }` serait envoyé à tous les membres qui ont accepté des courriels, et pas seulement à ce groupe ({ $whom })

group-name-its-list = mettez ces personnes sur une liste (`carillon member import FILE --list clients-metz`, `carillon list add clients-metz --file FILE --reason "…"`), et nommez-la sous `[group]` : `list = "clients-metz"`

mailing-name-its-list = mettez ces personnes sur une liste (`carillon list add club --file FILE --reason "…"`), et nommez-la dans l’envoi : `to = ["club"]`

mailing-beyond-group = `{ $mailing }` serait envoyé à la liste `{ $other }`, alors que la vente est réservée au groupe de la liste `{ $list }`
    .remedy = supprimez `to` : les envois d’un groupe fermé vont à sa liste

mailing-to-nobody = `to` ne nomme aucune liste
    .remedy = nommez-en une, comme `to = ["club"]`, ou supprimez la ligne : tous les membres qui ont accepté des courriels reçoivent alors l’envoi

mailing-not-nobody = `not` ne nomme aucune liste
    .remedy = nommez-en une, comme `not = ["metz"]`, ou supprimez la ligne

mailing-not-its-own = l’envoi va à la liste `{ $list }` et en écarte tout le monde
    .remedy = retirez-la de `to` ou de `not`

mailing-to-twice = `{ $list }` est nommée deux fois
    .remedy = supprimez l’une des deux

list-name-invalid = `{ $written }` n’est pas un nom de liste

list-name-example = écrivez des minuscules sans accents, des chiffres et des tirets, une lettre d’abord, comme `clientes-2026`

those-with-a-price-of-their-own = ceux qui ont un prix à eux

mailing-beyond-market = `{ $mailing }` serait envoyé à tous les membres qui ont accepté des courriels, même à ceux que cette vente ne concerne pas : les membres n’ont pas de marché

    .remedy = retirez une liste de `not`, ou nommez dans `to` une liste de personnes qui ne sont pas sur celles-là

beyond-market-remedy = nommez une liste de celles qu’elle concerne, comme `to = ["metz"]` ; ou dites dans `subject` et `intro` où la vente a lieu, et répondez d’écrire à tout le monde : `carillon campaign waive FILE --rule mailing.beyond-market --reason "…"`

window-together = `{ $one }` et `{ $other }` sont ouvertes en même temps, du { $from } au { $to }
    .remedy = rien, si c’est voulu ; sinon, déplacez l’une des deux

mailing-close-together = `{ $one }`, le { $at }, et `{ $other }` vont aux mêmes personnes { $how }
    .remedy = déplacez l’un des deux, ou supprimez-en un

at-the-same-time = au même moment

within = à { $apart } d’intervalle

mailing-same-kind-on = `{ $one }` et `{ $other }` sont tous deux du genre `{ $kind }` : qui figure sur { $lists } reçoit deux courriels de ce genre
    .remedy = rien, si c’est voulu ; que les textes disent ce qu’il y a de nouveau dans le second

mailing-same-kind-on-both = `{ $one }` et `{ $other }` sont tous deux du genre `{ $kind }` : qui figure sur une liste de chacun reçoit deux courriels de ce genre
    .remedy = rien, si c’est voulu

mailing-same-kind = `{ $one }` et `{ $other }` sont tous deux du genre `{ $kind }` : tout le monde reçoit deux courriels de ce genre
    .remedy = rien, si c’est voulu ; que les textes disent ce qu’il y a de nouveau dans le second

# Ce qui sépare un fichier de ce qui est appliqué.

people-by = { $people ->
    [one] { $people } personne
   *[other] { $people } personnes
} par `{ $mailing }`

told-nobody = personne n’a été prévenu

told-by = { $people ->
    [one] { $people } personne a été prévenue
   *[other] { $people } personnes ont été prévenues
} par `{ $mailing }`

told-by-several = { told-by }, { $others }

apply-cancelled = la campagne `{ $slug }` a été annulée, et c’est définitif
    .remedy = écrivez `slug = "{ $new_slug }"` : une nouvelle vente porte un nouveau nom

apply-over = la vente `{ $slug }` a fermé le { $closed } : son accès et son compte rendu appartiennent au passé
    .remedy = écrivez `slug = "{ $new_slug }"` : une nouvelle vente porte un nouveau nom

apply-new-edition = { $told } de cette vente, et le fichier en décrit une autre, bien plus tard
    .remedy = écrivez `slug = "{ $new_slug }"` : une nouvelle vente porte un nouveau nom

apply-begun = des courriels de `{ $mailing }` sont partis : { $field ->
    [kind] son genre ne peut plus changer
    [texts] ses textes ne peuvent plus changer
    [languages] ses langues ne peuvent plus changer
    [to] ses listes ne peuvent plus changer
   *[other] `{ $field }` ne peut plus changer
}
    .remedy = remettez-le comme il était, ou ajoutez un autre envoi pour ceux à qui il reste quelque chose à dire

apply-ended = `{ $mailing }` est terminé et n’a atteint personne ; sous ce nom, il ne recommence pas
    .remedy = écrivez `name = "{ $mailing }-2"` à cet endroit ; sinon remettez-le comme il était, ou retirez-le du fichier

apply-taken-back = `{ $mailing }` a été retiré après avoir commencé ; sous ce nom, il ne recommence pas
    .remedy = écrivez `name = "{ $mailing }-2"` à cet endroit ; sinon remettez-le comme il était, ou retirez-le du fichier

apply-renamed = `{ $was }` a commencé et se serait changé en `{ $to }` ? { $people ->
    [one] { $people } personne recevrait
   *[other] { $people } personnes recevraient
} encore le même courriel
    .remedy = gardez le nom : écrivez `name = "{ $was }"` à la place de `{ $to }` ; un second courriel s’ajoute dans le fichier à côté du premier

apply-people-were-told = { $who } que la vente { $field ->
    [opens] ouvre
   *[other] ferme
} le { $told } ; ce serait le { $will_be }
    .remedy = Carillon ne leur écrit pas de lui-même : remettez l’heure, ou ajoutez un envoi d’un autre nom dont les textes disent ce qui a changé, et assumez les deux, l’heure annoncée et le second courriel, en votre nom : `carillon campaign apply FILE --although-told --write-again`

untrue-audience = la vente était { $told ->
    [public] ouverte à tous
    [open-members] réservée à un club ouvert
    [closed-group] réservée à un groupe fermé
    [personal] réservée à certaines personnes
   *[other] { $told }
} ; elle serait { $will_be ->
    [public] ouverte à tous
    [open-members] réservée à un club ouvert
    [closed-group] réservée à un groupe fermé
    [personal] réservée à certaines personnes
   *[other] { $will_be }
}

untrue-channel = la vente était { $told ->
    [store] en magasin
   *[other] en ligne
} ; elle serait { $will_be ->
    [store] en magasin
   *[other] en ligne
}

untrue-price = « { $article } » coûtait { $told } ; ce serait { $will_be }

untrue-prices = { untrue-price }, et { $count ->
    [one] { $count } autre article augmente
   *[other] { $count } autres articles augmentent
} aussi

untrue-key = `{ $key }` disait « { $told } » ; ce serait « { $will_be } »

untrue-key-gone = `{ $key }` disait « { $told } » ; ce ne serait plus rien

untrue-key-new = `{ $key }` ne disait rien ; ce serait « { $will_be } »

untrue-sales = les { $season ->
    [winter] soldes d’hiver
    [summer] soldes d’été
   *[other] soldes `{ $season }`
} de { $year } devaient commencer le { $told } ; ils commencent le { $will_be }

untrue-sales-unknown = les { $season ->
    [winter] soldes d’hiver
    [summer] soldes d’été
   *[other] soldes `{ $season }`
} de { $year } devaient commencer le { $told } ; on ne sait plus quand ils commencent

apply-told-gravely = { $who } quand { $what }
    .remedy = Carillon ne leur écrit pas de lui-même : remettez ce qui était, ou ajoutez un envoi d’un autre nom dont les textes disent ce qui a changé, et assumez les deux, ce qui a été annoncé et le second courriel, en votre nom : `carillon campaign apply FILE --although-told --write-again`

apply-told-otherwise = { $who } quand { $what }
    .remedy = Carillon ne leur écrit pas de lui-même : si cela compte pour ces personnes, ajoutez un envoi d’un autre nom dont les textes disent ce qui a changé ; un second courriel du même genre s’assume avec `carillon campaign apply FILE --write-again`

apply-letters-stay = `{ $mailing }` quitte le fichier, et { $people ->
    [one] { $people } personne garde
   *[other] { $people } personnes gardent
} son courriel : ce qu’il disait reste opposé à la vente
    .remedy = rien, si c’est voulu : il ne repart de toute façon pas

letter-sent-remedy = ces mots ne se récrivent plus : `{ $mailing }` est parti à { $people ->
    [one] { $people } personne
   *[other] { $people } personnes
}, et ses textes restent ce qu’ils sont. Laissez la vente telle qu’ils la disent ; ou ajoutez un envoi d’un autre nom dont les textes disent ce qui a changé

letter-leaving-remedy = `{ $mailing }` est parti à { $people ->
    [one] { $people } personne
   *[other] { $people } personnes
}, et { $waiting ->
    [one] { $waiting } autre attend
   *[other] { $waiting } autres attendent
} : laissez la vente telle que ses textes la disent ; ou retirez l’envoi du fichier, ce qui retient ceux qui attendent, et ajoutez-en un d’un autre nom

mailing-at-once = `{ $mailing }` devait partir le { $due } : ses courriels, à { $people ->
    [one] { $people } personne
   *[other] { $people } personnes
} à ce jour, partent dès que le fichier est appliqué, et rien ne les rappelle
    .remedy = rien, si c’est voulu ; sinon écrivez un `not_before` plus tard

apply-second-letter = `{ $mailing }` serait un second courriel du genre `{ $kind }` aux mêmes personnes : { $people ->
    [one] { $people } personne a
   *[other] { $people } personnes ont
} reçu `{ $first }` de `{ $campaign }`
    .remedy = retirez `{ $mailing }` du fichier ; ou, si elles doivent recevoir les deux, assumez-le avec `carillon campaign apply FILE --write-again`, en votre nom

apply-maybe-second-letter = `{ $mailing }` serait un autre courriel du genre `{ $kind }` : il se peut que `{ $first }`, mis de côté à la restauration de la base, ait été reçu
    .remedy = retirez `{ $mailing }` du fichier ; ou, si les gens doivent recevoir les deux, assumez-le avec `carillon campaign apply FILE --write-again`, en votre nom

apply-set-aside = `{ $mailing }` reste de côté : il est peut-être parti avant que la base ne soit restaurée d’une sauvegarde
    .remedy = pour écrire tout de même, ajoutez un envoi d’un autre nom qui commence à partir de maintenant

apply-other-file = `{ $slug }` a été appliquée depuis `{ $applied }`, et ce fichier la remplacerait
    .remedy = écrivez un autre `slug` si c’est une autre vente ; sinon assumez-le avec `carillon campaign apply FILE --replace`

apply-other-slug = ce fichier a aussi été appliqué sous le nom `{ $slug }`, et cette campagne continue à côté de celle-ci : ses envois vont aux mêmes personnes
    .remedy = si c’est la même vente, mettez fin à l’autre : `carillon campaign cancel { $slug }`

apply-taken-away = `{ $mailing }` est retiré : { $people ->
    [one] { $people } personne l’a
   *[other] { $people } personnes l’ont
} reçu, { $waiting ->
    [one] { $waiting } ne le recevrait pas
   *[other] { $waiting } ne le recevraient pas
}
    .remedy = s’il doit encore partir, remettez l’envoi dans le fichier

apply-times-stay = des courriels de `{ $mailing }` sont partis : les heures qu’il avait restent
    .remedy = rien, s’il est parti ; pour écrire de nouveau, ajoutez un autre envoi

apply-mended = `{ $mailing }` a commencé, mais rien n’en est parti : { $waiting ->
    [one] son { $waiting } courriel suivrait
   *[other] ses { $waiting } courriels suivraient
} le fichier
    .remedy = rien : ceux qui attendent recevront le courriel tel qu’il est maintenant

gate-unknown = aucune campagne appliquée ne s’appelle `{ $slug }` ; `carillon gate show` les énumère

gates-none = aucune campagne n’est encore appliquée ; `carillon campaign apply FICHIER` en applique une

gate-no-moment = `{ $civil }` n’existe pas, ou existe deux fois, à `{ $zone }`, car les horloges changent cette nuit-là ; écrivez-le avec son décalage, comme `{ $civil }+01:00`

gate-no-change = aucun

gate-unlisted = absentes du fichier, car elles ne figurent sur aucune liste : { $campaigns }

gate-file = { $gates ->
    [one] { $gates } vente
   *[other] { $gates } ventes
}, aucun changement à venir, valable jusqu’au { $until }

gate-file-changes = { $gates ->
    [one] { $gates } vente
   *[other] { $gates } ventes
}, prochain changement le { $next }, valable jusqu’au { $until }

gate-key-unusable = `{ $path }` est inutilisable : { $why }

gate-file-false = n’utilisez pas `{ $file }` : { $why }

gate-no-folder = aucun dossier n’est nommé : `--out DOSSIER` en nomme un, ou `folder` dans `[gate]` de la configuration

gate-file-old = `{ $file }` est authentique, mais valait jusqu’au { $until } ; exportez-le de nouveau

gate-file-early = `{ $file }` est authentique, mais a été écrit le { $from }, qui est encore à venir

gate-file-genuine = `{ $file }` est authentique : { $summary }

picture-file = c’est un chemin, et les images se nomment par leur seul nom de fichier
    .remedy = écrivez le nom d’un fichier du dossier que `pictures` indique dans `[brand]`, par exemple `picture = "bottines.jpg"`

picture-without-words = qui ne voit pas l’image n’apprend pas ce qu’elle montre
    .remedy = ajoutez `[words.fr]` avec `alt`, et de même pour chaque autre langue

picture-no-alt = dans la langue `{ $language }`, qui ne voit pas l’image n’apprend pas ce qu’elle montre
    .remedy = ajoutez-y `alt`, par exemple `alt = "Bottines de cuir brun sur un perron"`

picture-missing = il n’y a pas de `{ $file }` parmi les images de la boutique
    .remedy = mettez-le dans le dossier que `pictures` indique dans `[brand]`, ou corrigez le nom

text-language-missing = la vente a ses propres mots dans certaines langues, et ses pages et courriels sont aussi en { $languages } : ils y portent le titre du fichier
    .remedy = ajoutez `[words.…]` pour ces langues, avec `title` et `intro`

copy-season = `{ $written }` ne désigne aucune saison : écrivez-la avec son année, comme `hiver.2028` ou `été.2028`

copy-same-season = la campagne est déjà celle de `{ $season }` ; donnez une autre saison, comme `--season hiver.2030`

copy-no-source = il n’y a ni fichier ni campagne appliquée du nom de `{ $named }` ; `carillon campaign list` montre celles qui sont appliquées

copy-slug-taken = une campagne s’appelle déjà `{ $slug }` : `--slug` donne un autre nom à la copie

copy-mark = À REVOIR : { $says }

copy-fixed-date = `{ $words }` est une date à vous et n’a pas bougé : écrivez la nouvelle

copy-other-period = `{ $words }` appartient à une autre saison et n’a pas bougé : écrivez ce qu’il faut

copy-continues = les campagnes que celle-ci prolonge étaient celles de l’autre vente : nommez les nouvelles, ou retirez la ligne

copy-group = le groupe a été arrêté pour l’autre vente : voyez qui en fait partie, combien ils sont et quel jour il a été arrêté

copy-receipt = ce récépissé a été donné pour l’autre vente : écrivez le numéro du nouveau

copy-prices = `{ $file }` contient les prix de l’autre vente : écrivez les nouveaux, et vérifiez-les avec `carillon price check FICHIER`

copy-words = { $words } valait pour l’autre vente : voyez si c’est encore vrai pour celle-ci

copy-waiver = l’autre vente a une dérogation à `{ $rule }` ({ $reason }), que celle-ci n’a pas

copy-waiver-about = l’autre vente a une dérogation à `{ $rule }` au sujet de `{ $words }` ({ $reason }), que celle-ci n’a pas

copy-unreviewed = personne n’a encore revu ce que demande la copie : « { $asked } »
    .remedy = corrigez s’il le faut ce qui est en dessous, puis effacez le commentaire

copy-moved = ligne { $line } : `{ $was }` devient `{ $will_be }`

copy-unresolved = { $file } : on ne peut pas encore dire quand elle ouvre et ferme

copy-review = { $count ->
    [one] { $count } ligne est à revoir ; un commentaire le demande :
   *[other] { $count } lignes sont à revoir ; un commentaire le demande :
}

copy-asked = ligne { $line } : { $says }

copy-next = `carillon campaign check { $file }` dit ce qui y est faux ou risqué

copy-next-review = revoyez ces lignes et effacez leurs commentaires ; ensuite `carillon campaign check { $file }` dit ce qui est faux ou risqué

# Éditions que le service propose.

drafts-none = aucun brouillon d’une prochaine édition n’attend

drafts-next = `carillon campaign draft NOM` montre le fichier, et l’écrit avec `--out FICHIER`

draft-unknown = aucun brouillon `{ $slug }` n’attend ; `carillon campaign drafts` les montre tous

draft-dismissed = { $slug } : la proposition est écartée et ne sera pas refaite pour cette édition

# À quatre yeux.

apply-approval = dans cette boutique, une autre personne doit approuver : rien ne se passe avant
    .remedy = une fois appliqué, une autre personne lance `carillon campaign approve`

apply-approval-by = dans cette boutique, une autre personne doit approuver : rien ne se passe avant, il faut donc que ce soit fait avant le { $at }
    .remedy = une fois appliqué, une autre personne lance `carillon campaign approve`

apply-approval-instead = un autre fichier de cette campagne attend, à la demande de { $who } : celui-ci prend sa place
    .remedy = rien, si c’est voulu ; `carillon campaign approve NOM --look` montre ce qui attend

apply-waits = en attente : une autre personne approuve `{ $slug }` avec `carillon campaign approve { $slug }` ; d’ici là, rien ne se passe

apply-waits-already = rien de neuf : `{ $slug }` attend déjà, mot pour mot ; une autre personne l’approuve avec `carillon campaign approve { $slug }`

plan-waits = avec `carillon campaign apply`, ceci attendrait l’accord d’une autre personne

approval-moved = ce qui attend pour `{ $slug }` n’est plus ce qui avait été demandé
    .remedy = regardez avec `carillon campaign plan FICHIER`, puis appliquez de nouveau le fichier : il attendra tel qu’il est maintenant

approval-moved-in = ce qui attend pour `{ $slug }` n’est plus ce qui avait été demandé : { $fields }
    .remedy = regardez avec `carillon campaign plan FICHIER`, puis appliquez de nouveau le fichier : il attendra tel qu’il est maintenant

approval-waits = { $slug } attend une approbation, à la demande de { $who }, depuis le { $since }

approval-change-waits = un changement de { $slug } attend une approbation, à la demande de { $who }, depuis le { $since } ; la version approuvée continue

approval-by = { $what }. À approuver avant le { $at } : `carillon campaign approve { $slug }`

approval-late = { $what }. Il fallait l’approuver avant le { $at }

approval-late-gone = { $late } : { $mailings } ne { $count ->
    [one] peut plus partir
   *[other] peuvent plus partir
}. Tel quel, le fichier ne peut plus être approuvé : écrivez-y un `not_after` plus tard ou retirez l’envoi, puis appliquez-le de nouveau

approval-late-at-once = { $late }. Approuvé maintenant, { $mailings } { $count ->
    [one] part
   *[other] partent
} aussitôt : `carillon campaign approve { $slug } --look`

approval-late-rest = { $late }. Approuvé maintenant, le reste vaut aussitôt : `carillon campaign approve { $slug }`

approve-mailing-people = `{ $mailing }` à { $people ->
    [one] { $people } personne
   *[other] { $people } personnes
}

approve-at-once = approuvé maintenant, des courriels partent aussitôt, car leur heure est passée : { $mailings }

approve-at-once-unsaid = rien n’a été approuvé : des courriels partiraient aussitôt, car leur heure est passée : { $mailings }. `carillon campaign approve { $slug } --yes` approuve quand même

approve-file-edited = `{ $file }` a été modifié depuis ; ce qui est approuvé, c’est le fichier tel qu’il était le { $since }. Pour faire approuver le nouveau, appliquez-le de nouveau

apply-waits-change = en attente : une autre personne approuve le changement avec `carillon campaign approve { $slug }` ; d’ici là, ce qui était approuvé continue, avec ses courriels et ses heures

approval-too-late = { $what }. Il est trop tard : tout est passé

approve-possible = rien ne s’y oppose : `carillon campaign approve { $slug }` l’applique

approve-same-person = c’est { $who } qui demande d’appliquer `{ $slug }` : quelqu’un d’autre doit l’approuver, sous un autre nom (`--who`)

approve-unknown = rien n’attend d’approbation pour `{ $slug }` ; `carillon campaign approve` montre ce qui attend

approve-nothing = rien n’attend d’approbation

approve-refused = { $slug } : la demande est écartée, et rien n’a été appliqué

new-begin = Cinq questions ; une ligne vide prend ce qui est entre crochets, et Ctrl-C n’écrit rien.

new-what = 1 sur 5. Comment s’appelle la vente ? Vos clientes voient ce nom. En France et en Belgique, « soldes » et les mots qui en dérivent sont réservés aux soldes fixés par la loi.

new-where = 2 sur 5. Où sont vos clientes ? Des pays (FR, BE), ou une partie de pays pour des magasins (FR-57) ; puis `en ligne` ou `magasin`.

new-when = 3 sur 5. Quand ? Une date de la loi (`soldes.hiver.2027 - 4 jours à 8h00`) ou une date à vous (`2027-01-02 8h00`), à l’heure du fuseau { $zone }.

new-opens = Quand ouvre-t-elle ?

new-closes = Quand ferme-t-elle ?

new-window = elle ouvre le { $opens } et ferme le { $closes }

new-to-whom = 4 sur 5. Qui peut acheter à ces prix ?

new-group-who = Qui fait partie du groupe, en une phrase ?

new-group-fixed-on = Quel jour a-t-il été arrêté ?

new-group-list = Sur quelle liste sont ces personnes ? Elles seules reçoivent les courriels ; rien, s’il n’y en a pas encore.

new-mails = 5 sur 5. Quels courriels partent ? Plusieurs numéros, ou 0 pour aucun.

new-languages = Dans quelles langues (`fr`, `en`, `nl`, `de`, `it`, `es`, `pt`) ? Les membres de toute autre langue reçoivent la première.

new-mail-kind = { $kind ->
    [announcement] annonce (announcement) : la veille à 10 h, elle va ouvrir
    [opening] ouverture (opening) : à l’ouverture, elle est ouverte
   *[last-hours] dernières heures (last-hours) : la veille au soir, elle ferme bientôt
}

new-choice = { $number }  { $what }

new-prompt = >

new-prompt-usual = [{ $usual }] >

new-law-sale = { $market } : soldes d’{ $season } { $year }, du { $from } au { $to } inclus (date { $basis })

new-law-blackout = { $market } : période protégée avant ces soldes, du { $from } au { $to } inclus ; la vérification dit ce qu’elle interdit

new-law-none = { $market } : le calendrier ne connaît pas de soldes réglementés dans les treize mois qui viennent

new-again = Une autre réponse ? Une ligne vide garde celle-ci ; le fichier pourra encore être modifié.

new-again-given = Ce que donne la commande est interdit. Une autre réponse ? Une ligne vide la garde.

new-no-place = `{ $written }` n’est pas un marché : écrivez un pays comme FR ou BE, ou une partie de pays comme FR-57

new-no-choice = `{ $written }` n’est aucun de ces choix : écrivez un numéro de 1 à { $most }

new-no-language = les courriels n’existent pas dans la langue `{ $written }` : écrivez `fr`, `en`, `nl`, `de`, `it`, `es` ou `pt`

new-needs-title = il n’y a pas de terminal où poser les questions : donnez les réponses en options, au moins `--title`, ou un nom court seul pour un exemple à modifier

new-needs-group = une vente à un groupe fermé demande `--group`, qui dit qui en fait partie

new-stopped = rien n’a été écrit : il manque des réponses
