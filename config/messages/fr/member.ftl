# Ce qui est dit des personnes : les adresses, les mots sous lesquels elles s’inscrivent, les fichiers d’import, et combien recevraient un courriel.

address-empty = l’adresse est vide

address-control-character = l’adresse contient un caractère de contrôle

address-no-at = l’adresse n’a pas de `@`

address-quoted = la partie avant `@` est entre guillemets, ce qui n’est pas accepté

address-not-ascii = la partie avant `@` contient une lettre hors de a-z ; on ne peut pas compter sur les relais pour l’acheminer

address-local = la partie avant `@` n’est pas de celles auxquelles on peut écrire

address-domain = la partie après `@` n’est pas un nom de domaine tel que `example.fr`

address-too-long = l’adresse est plus longue que le courrier ne le permet

wording-statement-short = `statement` est trop court pour être ce à quoi quelqu’un consent

wording-notice-lacks = `notice` doit nommer `{ $name }` : il faut dire qui est responsable (RGPD art. 13)

wording-length = `{ $key }` est vide, ou dépasse { $longest } octets

wording-control-character = `{ $key }` contient un retour à la ligne ou un autre caractère de contrôle

wording-nothing-to-fill-in = il n’y a rien à mettre à la place de `{ $name }`

wording-look-at-ours = le fichier fourni avec Carillon, `config/consent/fr.toml`, montre comment faire

member-import-nobody-agreed = le nom de ce fichier dit que c’est la liste { $from } de gens qui ne se sont jamais inscrits : personne n’y a donné d’accord

member-import-subscribed = importez le fichier des inscrits

member-import-columns = écrivez une première ligne avec les colonnes address, language, confirmed_at, wording (ou wording_file), source, method, ou dites quelle colonne correspond, par exemple `--column address=EMAIL` ; sans cette preuve, on n’a le droit d’écrire à personne

members-none = on ne peut écrire à aucun membre aujourd’hui : personne ne recevrait { $mailings }
    .remedy = `carillon member import FILE` ajoute ceux qui ont consenti, avec la preuve

members-reached = `{ $mailing }` serait envoyé aujourd’hui à { $people ->
    [one] { $people } personne
   *[other] { $people } personnes
} : { $letters }
    .remedy = rien ; à qui l’on écrit est arrêté quand l’envoi commence

members-language = `{ $mailing }` n’est pas écrit dans la langue de { $people ->
    [one] { $people } membre
   *[other] { $people } membres
} ({ $languages }) ; { $people ->
    [one] ce membre le reçoit
   *[other] ils le reçoivent
} en `{ $fallback }`, la première de ses `languages`
    .remedy = rien, ou nommez ces langues dans `languages` ; sans mots à vous, le courriel a ceux des modèles

letters-in = { $count } en `{ $language }`

mailing-takes = `{ $mailing }` prend environ { $takes } pour tous ceux à qui l’on écrirait aujourd’hui : le dernier courriel part au plus tôt le { $ends }, car { $narrows }
    .remedy = rien, si c’est assez tôt

mailing-cannot-end = `{ $mailing }` prendrait environ { $takes } et ne peut pas être terminé le { $deadline } : { $narrows } ; ceux à qui l’on n’aura pas écrit d’ici là ne recevront rien
    .remedy = faites-le commencer plus tôt, donnez-lui un `not_after` plus tardif, ou faites accepter davantage au relais : `rate` sous `[mail.smtp]`

mailing-quiet = `{ $mailing }` tombe dans les heures calmes ({ $hours }) : ses courriels commencent à partir à leur fin, le { $ends }
    .remedy = rien, si c’est assez tôt ; sinon déplacez son `not_before`, ou changez `quiet_hours` sous `[mail]`

mailing-all-quiet = `{ $mailing }` tombe dans les heures calmes ({ $hours }), et son échéance, le { $deadline }, n’est pas après leur fin : personne ne le recevrait
    .remedy = faites-le commencer plus tôt, donnez-lui un `not_after` plus tardif, ou changez `quiet_hours` sous `[mail]`

mailing-warms-up = `{ $mailing }` s’adresse à { $people ->
    [one] { $people } personne
   *[other] { $people } personnes
}, et la montée en charge laisse partir { $most ->
    [one] { $most } courriel
   *[other] { $most } courriels
} le premier jour, tous envois confondus, puis le double chaque jour{ $shared } : le dernier part au plus tôt le { $ends }
    .remedy = rien, si c’est assez tôt

mailing-too-many = `{ $mailing }` s’adresse à { $people ->
    [one] { $people } personne
   *[other] { $people } personnes
}, et la montée en charge laisse partir { $most ->
    [one] { $most } courriel
   *[other] { $most } courriels
} le premier jour, tous envois confondus, puis le double chaque jour{ $shared } : on ne peut pas écrire à { $unsent ->
    [one] { $unsent } personne
   *[other] { $unsent } personnes
} avant le { $deadline }
    .remedy = faites-le commencer quelques jours plus tôt, nommez dans `to` des listes de moins de personnes, ou changez `[mail.warm_up]`

mailing-crowds-out = avec ce fichier, `{ $other }`, déjà appliqué, ne pourrait plus finir à temps : pendant la montée en charge, { $unsent ->
    [one] { $unsent } de ses courriels ne peut pas partir
   *[other] { $unsent } de ses courriels ne peuvent pas partir
} avant le { $deadline }
    .remedy = faites commencer les envois de ce fichier quand celui-là est fini, ou changez `[mail.warm_up]`

warm-up-shared = , partagés avec d’autres envois des mêmes jours

warm-up-alone = {""}

quiet-hours = { $hours }, à l’heure de { $zone }

narrows-and-quiet = { $narrows }, et aucun courriel ne part pendant les heures calmes ({ $hours })
narrows-allowed = `rate` sous `[mail.smtp]` n’autorise que { $rate }
narrows-relay = le relais a accepté au plus { $rate }
narrows-provider = { $provider } a accepté au plus { $rate }

members-beyond-market = { $people ->
    [one] { $people } personne recevrait le courriel
   *[other] les { $people } personnes recevraient toutes le courriel
}, y compris celles qu’une vente en { $markets } ({ $channel ->
    [store] magasin
   *[other] en ligne
}) ne concerne pas : les membres n’ont pas de marché

mailing-of = { $mailing }` de `{ $campaign }

import-dry-run = rien n’a été changé ; voici ce que donnerait l’importation :

import-accepted = acceptés    { $count }

import-returned = { $count ->
    [one] { $count } dont l’accord avait pris fin, et qui revient avec cette preuve
   *[other] { $count } dont l’accord avait pris fin, et qui reviennent avec cette preuve
}

import-refreshed = renouvelés  { $count }

import-known = déjà connus { $count }

import-rejected = refusés     { $count }

import-reason = { $key ->
    [a-row-cannot-be-read] { $count } : la ligne est illisible
    [a-cell-is-empty] { $count } : une case est vide
    [not-an-address] { $count } : ce n’est pas une adresse
    [unknown-language] { $count } : la langue est inconnue
    [no-usable-instant-of-consent] { $count } : le jour et l’heure de l’accord manquent ou sont inutilisables
    [consent-expired] { $count } : l’accord est trop ancien
    [no-usable-wording] { $count } : la phrase affichée manque ou est inutilisable
    [a-cell-is-not-plausible] { $count } : une case n’est pas plausible
    [not-a-way-to-consent] { $count } : ce n’est pas une manière de donner son accord
    [left-the-other-program] { $count } : la personne s’était désinscrite dans l’autre programme
    [no-act-of-the-person] { $count } : rien ne prouve que la personne a agi elle-même
    [not-a-double-opt-in] { $count } : l’accord n’a pas été confirmé par un lien
    [mailbox-dead] { $count } : la boîte aux lettres n’existe plus
    [erased] { $count } : la personne a fait tout effacer
    [withdrew] { $count } : la personne s’est désinscrite
    [objected] { $count } : la personne s’est opposée aux courriels
    [complained] { $count } : la personne s’est plainte
   *[other] { $count } : { $reason }
}

import-stand-ins = { $count ->
    [one] { $count } membre recevra ses courriels
   *[other] { $count } membres recevront leurs courriels
} dans la langue que nomme `--language`

import-line = ligne { $line } : { $why }

import-more = et { $count ->
    [one] { $count } autre ligne
   *[other] { $count } autres lignes
}

import-rejected-file = les lignes refusées sont dans `{ $file }`, avec la raison ; ce fichier contient des données personnelles : corrigez-le, importez-le avec les mêmes options, sans `--encoding` ni `--sheet` (c’est un CSV en UTF-8), puis supprimez-le


import-left-file = les personnes désinscrites dans l’autre programme sont dans `{ $file }` : `carillon member withdraw --file { $file }` les écarte, quel que soit le fichier qui les nomme ; ce fichier contient des données personnelles : supprimez-le ensuite

import-left-unread = la colonne `{ $column }` dit peut-être qui s’est désinscrit ailleurs, et elle n’est pas lue
    .remedy = dites ce qu’elle contient tant que la personne n’est pas partie, par exemple `--stays "{ $column }=false"` ; ou retirez-la du fichier, si elle dit autre chose

import-stays-form = écrivez COLONNE=MOT, par exemple EMAIL_BLACKLISTED=false ; rien après le signe veut dire une case vide

import-stays-column = nommez l’une d’elles : `--stays NOM=MOT`

import-word = `{ $word }`

import-empty-cell = une case vide

import-word-rows = `{ $word }` ({ $count ->
    [one] { $count } ligne
   *[other] { $count } lignes
})

import-empty-cells = rien ({ $count ->
    [one] { $count } ligne
   *[other] { $count } lignes
})

import-nobody-stays = aucune ligne ne contient { $word } dans la colonne `{ $column }` : tout le monde serait désinscrit ; on y trouve { $words }. Rien n’a été importé

import-nobody-stays-untold = aucune ligne ne contient { $word } dans la colonne `{ $column }` : tout le monde serait désinscrit ; ce qu’elle contient est trop varié pour être cité. Rien n’a été importé

import-nobody-stays-remedy = donnez le mot qui s’y trouve tant que la personne n’est pas partie : `--stays "{ $column }=MOT"`

import-words-of-left = colonne `{ $column }` : { $word } ({ $count ->
    [one] { $count } ligne
   *[other] { $count } lignes
}) ; compté comme désinscrit : { $words }

import-zone-wanted = des lignes sont refusées parce que leur heure n’a pas de fuseau : importez de nouveau le fichier avec celui dans lequel elles ont été écrites, par exemple `--zone Europe/Paris`

import-columns-ignored = non lues, car rien ici n’en a besoin : { $columns }

import-ended = { $count ->
    [one] { $count } ligne de `{ $file }` est importée
   *[other] { $count } lignes de `{ $file }` sont importées
} ; relancez la même commande pour le reste

evidence-language = `language` n’est pas l’une de `fr`, `en`, `nl`, `de`, `it`, `es` et `pt`, et il n’y a pas de courriels dans d’autres langues ; `--language fr` accepte la ligne, et la personne reçoit ses courriels dans cette langue

evidence-instant = `confirmed_at` n’est pas un jour avec son heure, comme `01/03/2026 10:15` avec `--zone Europe/Paris`, ou `2026-03-01T10:15:00+01:00`

evidence-day = `confirmed_at` est un jour sans son heure ; la preuve en a une

evidence-no-zone = on ignore à quelle horloge lire `confirmed_at` ; dites-le, par exemple `--zone Europe/Paris`

evidence-ambiguous = `confirmed_at` tombe à l’heure où les horloges ont changé ; ajoutez le décalage, comme `+01:00`

evidence-future = `confirmed_at` est dans l’avenir

evidence-expired = l’accord a pris fin le { $on } ; seul un acte plus récent de la personne compte

evidence-no-wording = la phrase manque : écrivez le texte exact qui était affiché, ou nommez le fichier où il se trouve

evidence-two-wordings = `wording` et `wording_file` sont remplis tous les deux ; n’en gardez qu’un

evidence-short-wording = la phrase est trop courte pour être celle qui était affichée

evidence-half-wording = la phrase commence par un guillemet et ne finit pas par un guillemet ; écrivez tout le texte qui était affiché

evidence-wording-file = le fichier de la phrase est inutilisable : { $why }

evidence-too-long = `{ $column }` est trop long ; un guillemet n’est peut-être pas refermé

evidence-not-an-id = `{ $column }` doit être un simple nom, sans `@` et sans retour à la ligne

evidence-method = `method` n’est pas l’un de `double_optin`, `web_form`, `in_store_form`, `paper_form` ; une liste achetée, un achat ou des conditions acceptées ne sont pas un accord

evidence-left = `{ $column }` dit que cette personne s’est désinscrite du programme d’où vient le fichier ; `carillon member withdraw --file FICHIER` prend le fichier de ces personnes, pour que rien ne les ramène

evidence-no-act = `{ $column }` est vide : l’heure d’à côté est peut-être celle où quelqu’un d’autre a saisi l’adresse, et elle ne prouve aucun acte de la personne

evidence-not-confirmed = `{ $column }` est l’heure de l’accord lui-même : aucun lien de courriel n’a été suivi ensuite, et la méthode n’est pas `double_optin` ; `web_form` convient si la personne a rempli un de vos formulaires, et rien ne convient si quelqu’un d’autre a saisi l’adresse

evidence-dead = la boîte aux lettres n’existe plus depuis le { $on }

evidence-erased = la personne a fait tout effacer le { $on } ; elle seule peut revenir

evidence-withdrawn = la personne s’est désinscrite le { $on } ; elle seule peut revenir

evidence-objected = la personne s’est opposée aux courriels le { $on } ; elle seule peut revenir

evidence-complained = la personne s’est plainte le { $on } ; elle seule peut revenir

wording-file-elsewhere = nommez un fichier placé à côté du fichier à importer, ou dans un dossier à côté, sans `..` ni `/` au début

wording-file-leads-out = il mène hors du dossier du fichier à importer

wording-file-not-for-people = ce doit être un texte pour des personnes : un fichier qui finit par { $endings }

wording-file-size = ce n’est pas un fichier de texte d’une taille plausible

wording-file-control-characters = il contient des caractères de contrôle : ce n’est pas du texte simple

wording-file-keys = il contient des clés

withdraw-exists = `{ $file }` existe déjà ; nommez un nouveau fichier après `--unread`

withdraw-nobody = personne n’est nommé

withdraw-record-behind = ces personnes sont désinscrites ; le registre des départs n’a pas pu être écrit, et le service les y ajoute dès que possible : `carillon status` dit s’il faut faire quelque chose

withdraw-no-member = aucun membre n’a cette adresse ; si quelqu’un a demandé à partir, comparez-la avec celle où arrivent nos courriels

withdraw-unread-unwritten = les lignes illisibles n’ont pas pu être écrites dans un fichier non plus

withdraw-a-file = `{ $file }` est un fichier ; `carillon member withdraw --file { $file }` le lit

ended-withdrawn = { $done ->
    [one] { $done } désinscrite
   *[other] { $done } désinscrites
}, { $already } qui l’étaient déjà, { $unknown ->
    [one] { $unknown } inconnue
   *[other] { $unknown } inconnues
}

ended-withdrawn-unread = { $done ->
    [one] { $done } désinscrite
   *[other] { $done } désinscrites
}, { $already } qui l’étaient déjà, { $unknown ->
    [one] { $unknown } inconnue
   *[other] { $unknown } inconnues
}, { $unread ->
    [one] { $unread } ligne non lue
   *[other] { $unread } lignes non lues
}

ended-erased = { $done ->
    [one] { $done } effacée
   *[other] { $done } effacées
}, { $already } qui l’étaient déjà, { $unknown ->
    [one] { $unknown } inconnue
   *[other] { $unknown } inconnues
}

ended-and = { $ended } ; { $strangers }

ended-strangers = { $count ->
    [one] { $count } n’était pas membre : elle est écartée
   *[other] { $count } n’étaient pas membres : elles sont écartées
} désormais

unread-several = il y a plusieurs adresses ; écrivez chaque personne partie sur une ligne à elle

unread-link = le lien de désinscription est coupé, ou vient d’autres clés ; écrivez l’adresse

unread-comment = il y a une adresse dans un commentaire ; retirez la marque si elle compte

unread-lines = { $count ->
    [one] ligne
   *[other] lignes
} { $lines } : { $why }

unread-lines-more = lignes { $lines } et { $more ->
    [one] { $more } autre
   *[other] { $more } autres
} : { $why }

unread-file = toutes les autres lignes ont été prises ; celles-ci sont dans `{ $file }`, qui contient des données personnelles : corrigez-le, lancez `carillon member withdraw --file { $file }`, puis supprimez-le

address-not-kept = (non gardée)

consent-paused = { $consent }, en pause jusqu’au { $until }

members-listed = { $count ->
    [one] { $count } membre
   *[other] { $count } membres
} ; les adresses sont masquées, `member export` en montre une en entier

export-personal = ce sont des données personnelles : remettez-les à la personne concernée, et à nul autre
