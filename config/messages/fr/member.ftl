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
