# Ce qui est dit d’un fichier de campagne : son contenu, sa fenêtre et ses envois.

the-sales = les soldes d’{ season-name } { $year } de { $market } ({ $label })

window-empty = la vente ouvre et ferme au même instant, le { $at }
    .remedy = écrivez une heure plus tardive à `closes` ou plus précoce à `opens`

window-backwards = la vente ferme le { $closes }, avant d’ouvrir le { $opens }
    .remedy = écrivez une heure plus tardive à `closes` ou plus précoce à `opens`

window-in-the-past = la vente a fermé le { $closes } : c’est passé
    .remedy = écrivez les dates de la saison à venir ; le nom d’une saison porte son année

window-overlaps-soldes = la vente a lieu pendant { $sales }, qui commencent le { $begin }
    .remedy = une prévente s’arrête quand ils commencent : écrivez `closes = "{ $anchor }"` et un `opens` plus précoce

window-ends-inside-soldes = la vente ferme { $late } après le début des soldes ({ $sales }), le { $begin }
    .remedy = écrivez `closes = "{ $anchor }"` : elle s’arrête à l’instant où ils commencent, sans intervalle

window-gap-before-soldes = la vente ferme { $gap } avant le début des soldes ({ $sales }), le { $begin }
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

mailing-in-the-past = l’envoi `{ $mailing }` pouvait partir jusqu’au { $to } : c’est passé
    .remedy = s’il est parti, rien ; un nouvel envoi demande des heures à venir
