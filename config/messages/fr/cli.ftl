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
} par `{ $mailing }`, et Carillon ne leur écrit pas que la vente est annulée

cancel-not-done = rien n’a été changé : `carillon campaign cancel { $slug } --yes` y met fin pour de bon

cancel-done = `{ $slug }` est annulée : la vente est fermée, { $mailings ->
    [one] { $mailings } envoi ne partira pas
   *[other] { $mailings } envois ne partiront pas
}, { $messages ->
    [one] { $messages } courriel a été retiré
   *[other] { $messages } courriels ont été retirés
} de la file
