# What an examination of the shop says around its findings, and the line of a check.

doctor-outcome = { $word }

doctor-found = { $outcome }{ $title }: { $words }

doctor-do = { "         " }do: { $remedy }

doctor-at = { $place }: { $words }

doctor-because = { $words }: { $cause }

check-and-others = { $words }; and { $more ->
    [one] { $more } other problem
   *[other] { $more } other problems
}

check-next = { $daemons ->
    [one] { $daemons } daemon
   *[other] { $daemons } daemons
}; next, at { $at }: `{ $campaign }`, { $what }

check-nothing-planned = { $daemons ->
    [one] { $daemons } daemon
   *[other] { $daemons } daemons
}; nothing is planned
