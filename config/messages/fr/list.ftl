# Les listes de membres : qui y figure, qui un envoi atteint par elles, et les commandes de `carillon list`.

list-reason-address = la raison contient une adresse, qui resterait quand la personne sera effacée : dites pourquoi, et non qui

list-unknown = il n’y a pas de liste `{ $list }` ; il y a { $known }

list-unknown-none = il n’y a pas de liste `{ $list }`, ni encore aucune autre

list-unknown-remedy = corrigez le nom, ou faites la liste : `carillon list add { $list } --file FILE --reason "…"`, ou `carillon member import FILE --list { $list }`

list-empty = personne ne figure sur la liste `{ $list }` : `{ $mailing }` n’atteindrait personne par elle

list-reaches-nobody = { $people ->
    [one] { $people } personne figure
   *[other] { $people } personnes figurent
} sur la liste `{ $list }`, mais on ne peut écrire aujourd’hui à aucune : `{ $mailing }` n’atteindrait personne par elle

mailing-kept-out = `{ $mailing }` n’atteindrait personne : { $people ->
    [one] la seule personne à qui l’on peut écrire figure
   *[other] les { $people } personnes à qui l’on peut écrire figurent toutes
} sur une liste que `not` écarte ({ $lists })

mailing-kept-out-remedy = retirez de `not` la liste qui n’y a pas sa place ; `carillon list show { $list }` dit qui y figure

list-empty-remedy = `carillon list add { $list } --file FILE --reason "…"` y met des membres ; `carillon list show { $list }` dit qui y figure

list-count = { $reached } sur { $people } de la liste `{ $list }`

members-reached-on-lists = `{ $mailing }` serait envoyé aujourd’hui à { $people ->
    [one] { $people } personne
   *[other] { $people } personnes
} : { $letters } ; { $lists }
    .remedy = rien ; à qui l’on écrit est arrêté quand l’envoi commence, et qui a quitté la liste avant la remise ne reçoit rien

members-left-out = `{ $mailing }` n’est pas pour { $parts }
    .remedy = rien, si c’est voulu

left-out-unconfirmed = { $count } qui n’ont pas confirmé

left-out-left = { $count } qui sont partis

left-out-run-out = { $count } dont l’accord est échu

left-out-paused = { $count } qui ont demandé une pause

left-out-barred = { $count } qui sont sur la liste des exclus

left-out-kept-out = { $count } qui figurent sur une liste qu’il écarte

left-out-elsewhere = { $count } qui ne figurent sur aucune de ses listes

lists-none = il n’y a encore aucune liste ; `carillon list add LIST` et `carillon member import FILE --list LIST` en font une

list-shown = { $list } : { $people ->
    [one] { $people } personne
   *[other] { $people } personnes
}, dont { $reached } à qui l’on peut écrire aujourd’hui

list-act = { $people } depuis le { $on }, { $how }

list-by-import = par le fichier { $file }, importé par { $who }

list-by-command = par { $who } : { $reason }

list-mailing = `{ $mailing }` de `{ $campaign }` va à cette liste

list-of-member = liste      { $list } depuis le { $since }, { $how }

list-added = mis sur `{ $list }` : { $done } ; déjà dessus : { $already } ; partis : { $left } ; non membres : { $unknown }

list-removed = retirés de `{ $list }` : { $done } ; pas dessus : { $already } ; non membres : { $unknown }

list-no-member = aucun membre n’a cette adresse ni ce pseudonyme, et une liste ne fait de personne un membre

list-new = la liste `{ $list }` est nouvelle

list-a-file = `{ $file }` est un fichier ; `--file { $file }` le lit

list-awaited = la liste `{ $list }` est attendue par { $mailings } : annulez d’abord la campagne, ou appliquez-la avec un autre `to` (ou une autre `list` sous `[group]`)

list-deleted = la liste `{ $list }` est supprimée ; { $people ->
    [one] { $people } personne y figurait
   *[other] { $people } personnes y figuraient
}

list-not-deleted = { $people ->
    [one] { $people } personne figure
   *[other] { $people } personnes figurent
} sur la liste `{ $list }` ; rien n’a changé : `carillon list delete { $list } --yes` la supprime

import-listed = désormais sur la liste `{ $list }` : { $count }

import-would-be-on = sur la liste `{ $list }` ensuite : { $count }
