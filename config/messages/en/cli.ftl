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

cancel-not-done-for = nothing was changed: `carillon campaign cancel { $slug } --yes --reason "{ $reason }"` ends it for good

cancel-done = `{ $slug }` is cancelled: its gate is closed, { $mailings ->
    [one] { $mailings } mailing
   *[other] { $mailings } mailings
} will not leave, { $messages ->
    [one] { $messages } message was
   *[other] { $messages } messages were
} taken off the queue

error-because = because: { $cause }

who-answers = { $what } carries the name of the person who answers for it; write `--who`

who-waives = a waiver

who-takes-on = what is taken on

who-corrects = a correction

who-orders = an order

who-goes-on = going on without the record of departures

option-wrong = `{ $option }`: { $why }

option-no-moment = `{ $option }` is no time that the clocks show once; write `2027-01-02T08:00`, or add the offset as in `2027-01-02T08:00+01:00`

stretch-backwards = `--to` lies before `--from`

campaign-unknown = there is no campaign `{ $slug }`; `carillon campaign list` shows those that are applied

campaign-only-waits = nothing of `{ $slug }` is applied yet: it waits for approval; `carillon campaign approve { $slug } --look` shows it

campaigns-waiting = { $slugs } { $count ->
    [one] waits
   *[other] wait
} for approval, and nothing of { $count ->
    [one] it
   *[other] them
} is applied yet; `carillon campaign approve` says more

problems-seen = seen just now, and noted nowhere:

campaign-cancelled = the campaign `{ $slug }` was cancelled, which is for good; a new sale needs a slug of its own

campaign-over = the sale of `{ $slug }` closed { $closed } as planned: there is nothing left to cancel. That it is not to come again is said by taking `[edition]` out of its file, and applying that

campaigns-none = no campaign has been applied; `carillon campaign new SLUG` writes one to edit

mails-cancelled = cancelled

mails-paused = paused

mails-held = held

mails-as-planned = as planned

show-no-gate = none

show-title = { $slug }: { $title }

show-gate = gate      { $stage }

show-mails = mails     { $mails }

show-held = held      { $reason }

show-audience = audience  { $audience }, { $channel } in { $markets }

show-declared = declared  { $kind }: { $ground }

show-opens = opens     { $at }

show-closes = closes    { $at }

show-cancelled = cancelled { $at }

show-file = file      { $file }, revision { $revision }

show-law = law       `{ $expression }` in { $market }: { $at }, { $basis }

show-moved = moved     { $moved }; apply again

show-mailing = mailing { $name }: { $kind }, { $state }

show-from = from      { $at }

show-after-quiet = begins    { $at }, when the quiet hours end

show-until = until     { $at }

show-to = to        those on { $lists }

show-not = not       those on { $lists }

show-messages = messages  { $counts }

show-filed = { "          " }{ $filed }

show-audit = { $at }  { $who }  { $action }

show-audit-revision = { $at }  { $who }  { $action }, revision { $revision }

show-audit-changes = { $at }  { $who }  { $action }, revision { $revision }: { $fields }

show-audit-reason = { $at }  { $who }  { $action }: { $reason }

timeline-nothing = nothing happens then

event-opens = the gate opens

event-closes = the gate closes

event-cancelled = cancelled

event-to-approve = another person than { $who } must have approved it

event-may-leave = mailing `{ $mailing }` may leave

event-must-have-left = mailing `{ $mailing }` must have left

event-begins = mailing `{ $mailing }` begins

event-begins-after-quiet = mailing `{ $mailing }` begins after the quiet hours

event-all-quiet = mailing `{ $mailing }` must have left, and the quiet hours last until then

event-waits = mailing `{ $mailing }` waits

event-overdue = mailing `{ $mailing }` is overdue

event-leaving = mailing `{ $mailing }` must have left; { $waiting ->
    [one] { $waiting } delivery waits
   *[other] { $waiting } deliveries wait
}

waive-done = `{ $rule }` is waived for `{ $slug }` by { $who }: { $findings ->
    [one] { $findings } finding
   *[other] { $findings } findings
} of `{ $file }`

waive-file-gone = `{ $slug }` was applied from `{ $file }`, which is not here; name its file

waive-none-applied = none is applied

waive-applied-are = applied are { $campaigns }

waive-no-campaign = there is neither a file nor an applied campaign `{ $named }`; { $known }

waive-already = `{ $rule }` is waived already, by { $who } at { $at }: { $reason }

waive-rule = `{ $rule }`

waive-rule-about = `{ $rule }` about `{ $words }`

waive-nothing-there = nothing that can be waived

waive-no-finding = the file has no finding of `{ $rule }` that this waiver would cover; it has { $there }

new-exists = `{ $file }` exists already and was left as it is

new-next = edit it, then `carillon campaign check { $file }` says what is wrong or risky in it

help-usage = Usage:

help-commands = Commands

help-command = COMMAND

help-every = Options of every command

help-arguments = Arguments

help-options = Options

help-variable = [env: { $name }]

help-default = [default: { $value }]

help-values = [possible values: { $values }]

help-value = { $name } ({ $help })

help-first-steps = First steps:

help-exit-codes = Exit codes:

help-examples = Examples:

usage-missing = `{ $arguments }` is missing

usage-unknown-argument = `{ $argument }` is no option here

usage-unknown-command = `{ $command }` is no command

usage-no-value = `{ $argument }` lacks its value

usage-other-value = `{ $value }` is no value of `{ $argument }`; write one of `{ $values }`

usage-bad-value = `{ $value }` does not fit `{ $argument }`

usage-form-day = a day is written `2027-01-02`

usage-form-zone = a time zone is written `Europe/Paris`

usage-bad-value-because = `{ $value }` does not fit `{ $argument }`: { $why }

usage-conflict = `{ $argument }` cannot stand beside `{ $other }`

usage-wrong = this command line is not understood

usage-meant = did you mean `{ $meant }`?

usage-line = Usage: { $usage }

usage-help = `--help` explains it

plan-kept = kept in `{ $file }`; `carillon campaign apply --plan { $file }` does exactly this, or says what has moved

plan-file-unreadable = `{ $file }` is no plan that `campaign plan --out` wrote

plan-file-unwritable = the plan cannot be written down

plan-file-other-form = `{ $file }` was written by another version of Carillon; make the plan again

plan-moved = not as in the plan: { $what }
    .remedy = look at it with `carillon campaign plan`, and keep a new plan with `--out`

plan-moved-store = this is another store

plan-moved-file = `{ $file }` was changed since, or is another file

plan-moved-prices = the price file `{ $file }` was changed since

plan-moved-new = nothing was applied under this name then, revision { $is } is now

plan-moved-revision = revision { $was } was applied then, { $is } is now

plan-moved-state = the campaign was paused, resumed, held, released or cancelled since

plan-moved-grounds = the dates stand on other grounds: what was computed has been published, or what was published is in doubt

plan-moved-schedule = the file would now come to something else: { $fields }

plan-moved-people = who would get `{ $mailing }`: { $was } then, { $is } now

plan-moved-told = how many people have the letter of `{ $mailing }`: { $was } then, { $is } now

plan-moved-mailing = how far `{ $mailing }` has come

plan-moved-findings = other findings: { $findings }

plan-moved-waivers = the waivers

who-unwaives = taking a waiver back

who-dismisses = dismissing a draft

who-submits = what another person is to approve

who-approves = an approval

unwaive-done = { $count ->
    [one] 1 waiver
   *[other] { $count } waivers
} of `{ $rule }` taken back for `{ $slug }`: what is applied stays, and the finding counts again when the file is checked

unwaive-none = `{ $slug }` has no such waiver of `{ $rule }`; it has { $there }

unwaive-none-there = none

history-version = revision { $revision }, applied { $at } by { $who } from `{ $file }`

history-same = the same sale; the file says it in other words, or a held campaign was released

history-approved = approved by { $who }

history-not-kept = what was applied before revision { $revision } was not kept: an earlier version of Carillon applied it. `campaign show` says which keys it changed

revert-unknown = of `{ $slug }` there is no revision { $revision } on record; there are { $known }

revert-already = `{ $file }` is as in revision { $revision } already

revert-unsaved = `{ $file }` has changes that were never applied, and was left as it is; `--out` names another file

revert-done = `{ $file }` is as in revision { $revision }, and nothing was applied: `carillon campaign plan { $file }` says what that would change

show-cancelled-because = cancelled { $at }: { $reason }
