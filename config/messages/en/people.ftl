# What is said of one person, and of a long list of people on its way.

progress = { $rows ->
    [one] { $rows } row
   *[other] { $rows } rows
}, { $rate } a second

progress-left = { $rows ->
    [one] { $rows } row
   *[other] { $rows } rows
}, { $rate } a second, { $percent }%, { $left } left

who-line = line { $line }: { $why }

member-consent = consent    { $consent } since { $since }

member-barred = barred     { $cause } since { $since }; only the person can come back

member-renewal = renewal    letter { $state }; the consent ends { $ends }

member-renewal-sent = renewal    letter { $state }, handed over at { $at }; the consent ends { $ends }

method-staff = staff:{ $who }

term-ledger-action = { $key ->
   *[other] { $word }
}

term-method = { $key ->
   *[other] { $word }
}

term-cause = { $word }

term-renewal-state = { $word }

term-bounce-class = { $word }

term-retention-clock = { $word }

term-returned-kind = { $word }

term-bounce-effect = { $word }
