# What a rehearsal says of a season that has not come.

rehearse-title = A rehearsal from { $day } on, on a simulated clock and a copy of the store: nobody is written to. Times are those of { $zone }.

rehearse-members = With { $count ->
    [one] the { $count } member who
   *[other] the { $count } members who
} may be written to today; who joins or leaves until then is not known.

rehearse-made-up = WITH { $count } MADE-UP MEMBERS: there is nobody in the store who may be written to today.

rehearse-gate = the gate of `{ $campaign }` is { $is } (a millisecond before: { $was })

rehearse-order = the order that was named comes out

rehearse-reaped = what was claimed and had not begun goes back to the queue; { $doubt } in doubt

rehearse-interrupted = the rehearsal was interrupted; its copy of the store is erased

rehearse-past = a rehearsal cannot begin on { $day }, which is over: what the store held then is not known

rehearse-nothing = there is nothing to rehearse: no campaign that is applied lies ahead. Name a campaign file

rehearse-letters-in = letters: { $letters }

rehearse-untold = { $deliveries }: { $reason ->
    [consent-gone] their consent is gone
    [suppressed] their consent ran out, or they are on the suppression list
    [paused] they asked for a pause
    [not-on-the-list] they are on none of its lists any more
    [campaign-cancelled] the campaign was cancelled
    [mailing-cancelled] the mailing was taken back
   *[other] { $reason }
}

rehearse-made-up-lists = they are put on { $lists }, since nobody of them is real

rehearse-left-out = not for: { $parts }

rehearse-folder = The letters: { $folder } ({ $count ->
    [one] { $count } letter
   *[other] { $count } letters
}; their links open nothing)

rehearse-well = nothing would be late, refused, held or empty

rehearse-well-but = nothing of what was rehearsed would be late, refused, held or empty; read the warnings above

rehearse-not-well = it would not go as it should: see above

rehearse-refused = the file would not be applied, so its campaign is not in this rehearsal
    .remedy = mend what the other findings name

rehearse-holding = today nothing is sent; the rehearsal goes on as if that were settled
    .remedy = `carillon status` says why, and what to do

rehearse-no-way-out = people cannot leave today, and no mailing begins before they can; the rehearsal goes on as if that were settled
    .remedy = `carillon status` says why, and what to do

rehearse-held = `{ $campaign }` is held, and none of its mailings leaves: { $reason }
    .remedy = look at what `carillon campaign plan` says of its file, then apply it again

rehearse-paused = `{ $campaign }` is paused, and none of its mailings leaves
    .remedy = `carillon campaign resume` lets them leave

rehearse-empty = `{ $mailing }` reaches nobody: there is no confirmed member to write to
    .remedy = import members before its time

rehearse-empty-lists = `{ $mailing }` reaches nobody: nobody on its lists ({ $lists }) may be written to

rehearse-empty-kept-out = `{ $mailing }` reaches nobody: everybody who could be written to is on a list that `not` leaves out ({ $lists })

rehearse-directory = with these settings every letter becomes a file in `{ $folder }`, and nobody receives anything; a warm-up is left out
    .remedy = set `transport = "smtp"` under `[mail]` before the season

rehearse-unapproved = it was left out of this rehearsal: { $what }

rehearse-unapproved-remedy = have it approved first: `carillon campaign approve { $slug }`

rehearse-missed = `{ $mailing }` misses its time, and nobody is written to: { $why }
    .remedy = mend the cause before its time

rehearse-late = of `{ $mailing }`, { $count ->
    [one] { $count } letter does
   *[other] { $count } letters do
} not leave in time, which ends on { $deadline }
    .remedy = have it begin earlier, or have the relay take mail faster

rehearse-stopped = `{ $mailing }` is stopped, because the relay refuses it: { $why }
    .remedy = with a real relay: mend what it complains of, then `carillon mail retry`

rehearse-unfinished = of `{ $mailing }`, { $count ->
    [one] { $count } letter still waits
   *[other] { $count } letters still wait
} when the rehearsal ends
    .remedy = nothing, or rehearse until a later day with `--to`

rehearse-in-doubt = of `{ $mailing }`, { $count ->
    [one] { $count } letter is
   *[other] { $count } letters are
} in doubt: nobody knows whether it left
    .remedy = with a real relay, `carillon mail queue --state in-doubt` lists them, and none is sent again by itself

rehearse-untimed = how fast the relay takes mail is not known, so letters take no time in this rehearsal
    .remedy = nothing; or say `rate` in `[mail.smtp]`, or try `--relay slow`
