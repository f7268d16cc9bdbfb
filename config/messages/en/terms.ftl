# Words that stand alone in tables and lists. `word` is how files, JSON and the store write it, `key` the same without spaces and full stops.

column-id = ID

column-setting = setting

column-value = value

column-from = from

column-campaign = campaign

column-gate = gate

column-mails = mails

column-opens = opens

column-closes = closes

column-when = when

column-what = what

column-sku = SKU

column-price = price

column-prior = prior

column-off = off

column-verdict = verdict

column-reason = reason

column-next-change = next change

column-next = next

column-title = title

column-mailing = mailing

column-member = member

column-state = state

column-tries = tries

column-next-in = next ({ $zone })

column-said = what was said

column-planned = planned

column-accepted = accepted

column-refused = refused

column-skipped = skipped

column-expired = expired

column-in-doubt = in doubt

column-waiting = waiting

column-copies = copies

column-market = market

column-kind = kind

column-season = season

column-name = name

column-starts = starts

column-first-day = first day

column-last-day = last day

column-basis = basis

column-confidence = confidence

column-relied-on = relied on by

column-compare = compare with

column-rules = rules

column-zone = zone

column-note = note

column-severity = severity

column-since-in = since ({ $zone })

column-until-in = until ({ $zone })

column-acknowledged-by = acknowledged by

column-what-to-do = what to do

column-pseudonym = pseudonym

column-address = address

column-language = language

column-list = list

column-people = people

column-reached = may be written to

column-since = since

column-draft = draft

column-edition-of = next edition of

column-expires = expires

column-line = line

column-occurred = occurred

column-action = action

column-method = method

column-source = source

column-wording = wording

column-came-back = came back

column-class = class

column-status = status

column-it-said = what it said

column-outcome = outcome

column-at = at

column-clock = clock

column-kept-for = kept for

column-due = due

column-today = today

column-next-due = next due

column-then = then

column-file = file

column-effect = effect

column-code = code

column-it-says = what it says

column-rule = rule

column-grade = grade

column-certain = certain

column-law = law

term-stage = { $word }

term-mailing-state = { $word }

term-delivery-state = { $word }

term-deliveries = { $count } { $word }

term-audience = { $word }

term-channel = { $word }

term-period-kind = { $word }

term-season = { $word }

term-confidence = { $word }

term-verdict = { $word }

term-consent = { $word }

term-severity = { $word }

term-action = { $key ->
   *[other] { $word }
}

term-basis = { $key ->
   *[other] { $word }
}

term-gate-state = { $word }
