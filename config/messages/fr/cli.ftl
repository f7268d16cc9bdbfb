# Ce que disent les commandes sur les campagnes.

finding-in-markets = { $markets } : { $message }

finding-line = { $place } : { $message } ({ $remedy })

finding-error = erreur : { $message }

finding-warning = attention : { $message }

finding-note = note : { $message }

finding-at = où :      { $place }

finding-law = loi :     { $law }

finding-do = à faire : { $remedy }

finding-rule = règle :   { $rule }

finding-waived = dérogation : { $message }

finding-waived-by = par :     { $who }, { $at } : { $reason }

check-window = { $file } : ouvre le { $opens }, ferme le { $closes }

check-no-findings = rien à signaler

check-nothing-forbids = aucune règle connue de Carillon ne l’interdit

check-cannot-be-applied = la campagne ne peut pas être appliquée ainsi

plan-new = { $slug } : une nouvelle campagne

plan-unchanged = { $slug } : rien ne changerait

plan-changed = { $slug } : ce qui changerait

plan-field = { $field }

plan-one-value = { $field } : { $value }

plan-was = avant    { $value }

plan-will-be = après    { $value }

plan-value = { $value }

plan-from = { $at }, d’après `{ $words }`

plan-held = la campagne est suspendue : { $reason }. Appliquer ce fichier la relance

plan-refused = l’appliquer serait refusé

plan-nothing = l’appliquer ne changerait rien

plan-applies = la campagne peut être appliquée

apply-unreadable = refusé : ce n’est pas lisible comme une campagne, et rien n’a été changé

apply-see-check = { $count ->
    [one] { $count } avertissement
   *[other] { $count } avertissements
} sur le fichier lui-même : `carillon campaign check { $file }` les donne

apply-refused = refusé : rien n’a été changé

apply-unchanged = `{ $slug }` est déjà comme dans le fichier, révision { $revision } : rien n’a été changé

apply-done = `{ $slug }` est appliquée, révision { $revision }

apply-taken-on = assumé par { $who }, ce que garde le journal d’audit

pause-done = `{ $slug }` est en pause : ses envois attendent, la vente ouvre et ferme comme prévu

pause-already = `{ $slug }` était déjà en pause

resume-done = `{ $slug }` reprend : les envois dont l’échéance n’est pas passée partent

resume-already = `{ $slug }` n’était pas en pause

resume-held = ses envois attendent encore, car elle est suspendue : { $reason }

cancel-window = `{ $slug }` ouvre le { $opens } et ferme le { $closes } ; une fois annulée, elle est fermée pour de bon

cancel-mailing = `{ $mailing }` ne partirait plus

cancel-mailing-waiting = `{ $mailing }` ne partirait plus, et { $waiting } attendent

cancel-told = { $people ->
    [one] { $people } personne a été prévenue
   *[other] { $people } personnes ont été prévenues
} par `{ $mailing }`, et Carillon ne { $people ->
    [one] lui
   *[other] leur
} écrit pas que la vente est annulée

cancel-not-done = rien n’a été changé : `carillon campaign cancel { $slug } --yes` y met fin pour de bon

cancel-not-done-for = rien n’a été changé : `carillon campaign cancel { $slug } --yes --reason "{ $reason }"` y met fin pour de bon

cancel-done = `{ $slug }` est annulée : la vente est fermée, { $mailings ->
    [one] { $mailings } envoi ne partira pas
   *[other] { $mailings } envois ne partiront pas
}, { $messages ->
    [one] { $messages } courriel a été retiré
   *[other] { $messages } courriels ont été retirés
} de la file

error-because = cause : { $cause }

who-answers = { $what } porte le nom de la personne qui en répond ; écrivez `--who`

who-waives = une dérogation

who-takes-on = ce qui est assumé

who-corrects = une correction

who-orders = un arrêté

who-goes-on = continuer sans le registre des départs

option-wrong = `{ $option }` : { $why }

option-no-moment = `{ $option }` n’est pas une heure que les horloges donnent une seule fois ; écrivez `2027-01-02T08:00`, ou ajoutez le décalage, comme dans `2027-01-02T08:00+01:00`

stretch-backwards = `--to` vient avant `--from`

campaign-unknown = il n’y a pas de campagne `{ $slug }` ; `carillon campaign list` montre celles qui sont appliquées

campaign-only-waits = rien de `{ $slug }` n’est encore appliqué : elle attend une approbation ; `carillon campaign approve { $slug } --look` la montre

campaigns-waiting = { $slugs } { $count ->
    [one] attend
   *[other] attendent
} une approbation, et rien n’en est encore appliqué ; `carillon campaign approve` en dit plus

problems-seen = vu à l’instant, et noté nulle part :

campaign-cancelled = la campagne `{ $slug }` a été annulée, et c’est définitif ; une nouvelle vente porte un nouveau nom

campaign-over = la vente `{ $slug }` a fermé le { $closed } comme prévu : il n’y a plus rien à annuler. Pour qu’elle ne revienne pas, retirez `[edition]` de son fichier et appliquez-le

campaigns-none = aucune campagne n’a été appliquée ; `carillon campaign new NOM` en écrit une à modifier

mails-cancelled = annulés

mails-paused = en pause

mails-held = suspendus

mails-as-planned = comme prévu

show-no-gate = aucune

show-title = { $slug } : { $title }

show-gate = vente     { $stage }

show-mails = envois    { $mails }

show-held = suspendue { $reason }

show-audience = public    { $audience }, { $channel } ({ $markets })

show-declared = déclarée  { $kind } : { $ground }

show-opens = ouvre     { $at }

show-closes = ferme     { $at }

show-cancelled = annulée   { $at }

show-file = fichier   { $file }, révision { $revision }

show-law = loi       `{ $expression }` ({ $market }) : { $at }, { $basis }

show-moved = déplacée  { $moved } ; appliquez de nouveau

show-mailing = envoi { $name } : `{ $kind }`, { $state }

show-from = à partir  { $at }

show-after-quiet = commence  { $at }, à la fin des heures calmes

show-until = jusqu’au  { $at }

show-to = à         qui figure sur { $lists }

show-not = sauf      qui figure sur { $lists }

show-messages = courriels { $counts }

show-filed = { "          " }{ $filed }

show-audit = { $at }  { $who }  { $action }

show-audit-revision = { $at }  { $who }  { $action }, révision { $revision }

show-audit-changes = { $at }  { $who }  { $action }, révision { $revision } : { $fields }

show-audit-reason = { $at }  { $who }  { $action } : { $reason }

timeline-nothing = il ne se passe rien à ce moment-là

event-opens = la vente ouvre

event-closes = la vente ferme

event-cancelled = annulée

event-to-approve = une autre personne que { $who } doit l’avoir approuvée

event-may-leave = l’envoi `{ $mailing }` peut partir

event-must-have-left = l’envoi `{ $mailing }` doit être parti

event-begins = l’envoi `{ $mailing }` commence

event-begins-after-quiet = l’envoi `{ $mailing }` commence après les heures calmes

event-all-quiet = l’envoi `{ $mailing }` doit être parti, et les heures calmes durent jusque-là

event-waits = l’envoi `{ $mailing }` attend

event-overdue = l’envoi `{ $mailing }` est en retard

event-leaving = l’envoi `{ $mailing }` doit être parti ; { $waiting ->
    [one] { $waiting } courriel attend
   *[other] { $waiting } courriels attendent
}

waive-done = dérogation à `{ $rule }` accordée par { $who } pour `{ $slug }` : { $findings ->
    [one] { $findings } constat
   *[other] { $findings } constats
} de `{ $file }`

waive-file-gone = `{ $slug }` a été appliquée depuis `{ $file }`, qui n’est pas ici ; nommez son fichier

waive-none-applied = aucune n’est appliquée

waive-applied-are = sont appliquées : { $campaigns }

waive-no-campaign = il n’y a ni fichier ni campagne appliquée du nom de `{ $named }` ; { $known }

waive-already = une dérogation à `{ $rule }` existe déjà, de { $who }, le { $at } : { $reason }

waive-rule = `{ $rule }`

waive-rule-about = `{ $rule }` au sujet de `{ $words }`

waive-nothing-there = rien à quoi l’on puisse déroger

waive-no-finding = le fichier n’a pas de constat `{ $rule }` que cette dérogation couvrirait ; on y trouve { $there }

new-exists = `{ $file }` existe déjà et n’a pas été touché

new-next = modifiez-le, puis `carillon campaign check { $file }` dit ce qui y est faux ou risqué

help-usage = Usage :

help-commands = Commandes{ " " }

help-command = COMMANDE

help-every = Options de toutes les commandes{ " " }

help-arguments = Arguments{ " " }

help-options = Options{ " " }

help-variable = [ou la variable { $name }]

help-default = [sinon : { $value }]

help-values = [valeurs possibles : { $values }]

help-value = { $name } ({ $help })

help-first-steps = Premiers pas :

help-exit-codes = Codes de sortie :

help-examples = Exemples :

usage-missing = il manque `{ $arguments }`

usage-unknown-argument = `{ $argument }` n’est pas une option de cette commande

usage-unknown-command = `{ $command }` n’est pas une commande

usage-no-value = il manque une valeur à `{ $argument }`

usage-other-value = `{ $value }` n’est pas une valeur de `{ $argument }` ; écrivez l’une de `{ $values }`

usage-bad-value = `{ $value }` ne convient pas pour `{ $argument }`

usage-form-day = un jour s’écrit `2027-01-02` (année, mois, jour)

usage-form-zone = un fuseau s’écrit `Europe/Paris`

usage-bad-value-because = `{ $value }` ne convient pas pour `{ $argument }` : { $why }

usage-conflict = `{ $argument }` ne va pas avec `{ $other }`

usage-wrong = cette commande n’est pas comprise

usage-meant = vouliez-vous dire `{ $meant }` ?

usage-line = Usage : { $usage }

usage-help = `--help` l’explique

plan-kept = gardé dans `{ $file }` ; `carillon campaign apply --plan { $file }` fait exactement cela, ou dit ce qui a bougé

plan-file-unreadable = `{ $file }` n’est pas un plan écrit par `campaign plan --out`

plan-file-unwritable = le plan ne peut pas être mis par écrit

plan-file-other-form = `{ $file }` vient d’une autre version de Carillon ; refaites le plan

plan-moved = ce n’est plus ce que montrait le plan : { $what }
    .remedy = regardez-le avec `carillon campaign plan`, et gardez un nouveau plan avec `--out`

plan-moved-store = c’est une autre base

plan-moved-file = `{ $file }` a changé depuis, ou c’est un autre fichier

plan-moved-prices = le fichier de prix `{ $file }` a changé depuis

plan-moved-new = rien n’était appliqué sous ce nom, c’est maintenant la révision { $is }

plan-moved-revision = la révision { $was } était appliquée, c’est maintenant la { $is }

plan-moved-state = la campagne a été mise en pause, reprise, suspendue, relancée ou annulée depuis

plan-moved-grounds = les dates reposent sur autre chose : ce qui était calculé a été publié, ou ce qui était publié est devenu douteux

plan-moved-schedule = le fichier donnerait maintenant autre chose : { $fields }

plan-moved-people = personnes à qui écrire pour `{ $mailing }` : { $was } alors, { $is } maintenant

plan-moved-told = personnes qui ont le courriel `{ $mailing }` : { $was } alors, { $is } maintenant

plan-moved-mailing = l’avancement de `{ $mailing }`

plan-moved-findings = les constats ne sont plus les mêmes : { $findings }

plan-moved-waivers = les dérogations

who-unwaives = le retrait d’une dérogation

who-dismisses = le rejet d’un brouillon

who-submits = ce qu’une autre personne doit approuver

who-approves = une approbation

unwaive-done = { $count ->
    [one] { $count } dérogation
   *[other] { $count } dérogations
} à `{ $rule }` { $count ->
    [one] retirée
   *[other] retirées
} pour `{ $slug }` : ce qui est appliqué le reste, et le constat compte de nouveau à la prochaine vérification

unwaive-none = `{ $slug }` n’a pas cette dérogation à `{ $rule }` ; ses dérogations : { $there }

unwaive-none-there = aucune

history-version = révision { $revision }, appliquée le { $at } par { $who } depuis `{ $file }`

history-same = la même vente ; le fichier la dit autrement, ou une campagne suspendue a été relancée

history-approved = approuvée par { $who }

history-not-kept = ce qui a été appliqué avant la révision { $revision } n’a pas été gardé : c’était une version plus ancienne de Carillon. `campaign show` dit ce qui y a changé

revert-unknown = il n’y a pas de révision { $revision } de `{ $slug }` ; les révisions sont { $known }

revert-already = `{ $file }` est déjà comme dans la révision { $revision }

revert-unsaved = `{ $file }` a des changements qui n’ont jamais été appliqués, et n’a pas été touché ; `--out` nomme un autre fichier

revert-done = `{ $file }` est comme dans la révision { $revision }, et rien n’a été appliqué : `carillon campaign plan { $file }` dit ce que cela changerait

show-cancelled-because = annulée le { $at } : { $reason }
