# Ce qui entoure les constats d’un examen de la boutique, et la ligne d’une surveillance.

doctor-outcome = { $word ->
    [ok] bien
    [warning] attention
    [unknown] inconnu
    [error] erreur
   *[other] { $word }
}

doctor-found = { $outcome } { $title } : { $words }

doctor-do = { "          " }à faire : { $remedy }

doctor-at = { $place } : { $words }

doctor-because = { $words } : { $cause }

check-and-others = { $words } ; et { $more ->
    [one] { $more } autre problème
   *[other] { $more } autres problèmes
}

check-next = { $daemons ->
    [one] { $daemons } service
   *[other] { $daemons } services
} ; ensuite, le { $at } : `{ $campaign }`, { $what }

check-nothing-planned = { $daemons ->
    [one] { $daemons } service
   *[other] { $daemons } services
} ; rien n’est prévu
