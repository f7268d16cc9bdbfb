# What the commands about campaigns say.

finding-in-markets = { $markets }: { $message }

finding-line = { $place }: { $message } ({ $remedy })

finding-error = error: { $message }

finding-warning = warning: { $message }

finding-note = note: { $message }

finding-at = at:   { $place }

finding-law = law:  { $law }

finding-do = do:   { $remedy }

finding-rule = rule: { $rule }

finding-waived = waived: { $message }

finding-waived-by = by:   { $who }, { $at }: { $reason }

check-window = { $file }: opens { $opens }, closes { $closes }

check-no-findings = no findings

check-nothing-forbids = no rule that Carillon knows forbids it

check-cannot-be-applied = it cannot be applied like this

plan-new = { $slug }: a new campaign

plan-unchanged = { $slug }: nothing would change

plan-changed = { $slug }: what would change

plan-field = { $field }

plan-one-value = { $field }: { $value }

plan-was = was      { $value }

plan-will-be = will be  { $value }

plan-value = { $value }

plan-from = { $at }, from `{ $words }`

plan-held = the campaign is held: { $reason }. Applying this file releases it

plan-refused = applying it would be refused

plan-nothing = applying it would change nothing

plan-applies = it can be applied

apply-unreadable = refused: this cannot be read as a campaign, and nothing was changed

apply-see-check = { $count ->
    [one] { $count } warning
   *[other] { $count } warnings
} about the file itself: `carillon campaign check { $file }` tells them

apply-refused = refused: nothing was changed

apply-unchanged = `{ $slug }` is as in the file already, revision { $revision }: nothing was changed

apply-done = applied `{ $slug }`, revision { $revision }

apply-taken-on = taken on by { $who }, as the audit log keeps

pause-done = `{ $slug }` is paused: its mailings wait, and its gate goes on

pause-already = `{ $slug }` was paused already

resume-done = `{ $slug }` goes on: mailings whose deadline has not passed leave

resume-already = `{ $slug }` was not paused

resume-held = its mailings still wait, because it is held: { $reason }

cancel-window = `{ $slug }` opens { $opens } and closes { $closes }; once cancelled, its gate is closed for good

cancel-mailing = `{ $mailing }` would not leave any more

cancel-mailing-waiting = `{ $mailing }` would not leave any more, and { $waiting } wait

cancel-told = { $people ->
    [one] { $people } person was
   *[other] { $people } people were
} told of it by `{ $mailing }`, and Carillon does not write to them that it is cancelled

cancel-not-done = nothing was changed: `carillon campaign cancel { $slug } --yes` ends it for good

cancel-done = `{ $slug }` is cancelled: its gate is closed, { $mailings ->
    [one] { $mailings } mailing
   *[other] { $mailings } mailings
} will not leave, { $messages ->
    [one] { $messages } message was
   *[other] { $messages } messages were
} taken off the queue
