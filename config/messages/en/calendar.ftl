# What is said about calendar files: the dates of the law, and the files that a person adds to them.

calendar-there-already = there is a calendar for `{ $country }` already
    .remedy = write `amends` and the orders to add instead of a whole calendar

calendar-none-to-amend = there is no calendar for `{ $country }` to amend
    .remedy = describe the country under `[country]` first

calendar-overlap = the { $season } { $kind } of `{ $market }` from { $first } to { $last } would overlap that from { $other_first } to { $other_last }
    .remedy = correct the days, or set the other period too

calendar-no-rule = there is no rule `{ $id }`
    .remedy = write the id of a `[[sale]]` rule of this country

calendar-no-market = the calendar knows no market `{ $market }`
    .remedy = `carillon calendar markets` lists those it knows

calendar-set-already = `{ $file }` sets the { $season } { $year } of `{ $market }` already
    .remedy = keep one of the two orders; correct it if its days changed

calendar-code-of-part = the country's code is that of a part of a country
    .remedy = write two letters

calendar-no-zone = there is no time zone `{ $zone }`
    .remedy = write a name such as `Europe/Paris`

calendar-market-elsewhere = `{ $market }` does not lie in `{ $country }`
    .remedy = move it to the file of its country

calendar-no-season = there is no season `{ $name }`; this calendar has { $known }
    .remedy = write one of them

calendar-to-before-from = `to` lies before `from`
    .remedy = put the two days in order

calendar-no-start = a national rule has no other start to follow
    .remedy = add `start`

calendar-no-mechanics = there are no mechanics `{ $name }`
    .remedy = describe them under `[[country.mechanics]]`

calendar-order-without-day = the order sets no day
    .remedy = add `first_day`, `last_day` or both

calendar-last-before-first = the last day, { $last }, lies before the first, { $first }
    .remedy = correct the days

calendar-days-far-from-year = the days lie far from the year { $year }
    .remedy = write the year in which the sale starts

order-exists = `{ $file }` sets this period already; correct that file, or delete it first

order-written = wrote `{ $file }`

order-source = `--source` is the web address of the order, as the browser shows it: { $why }

override-unfit = { $place }: { $message }; { $remedy }

override-and = { $before }
    { "  " }{ $next }

overrides-unfit = { $files ->
    [one] the calendar override does
   *[other] the calendar overrides do
} not fit:
    { "  " }{ $findings }

day-unknown = unknown

periods-published = every coming period has been published

periods-none = no period touches these days. { $says }

periods-none-dated = no period with dates touches these days, and not all of that time is known. { $says }

period-perhaps = doubtful: { $kind } { $label }, { $season } of { $market }, is dated { $first } to { $last } and may lie anywhere from { $may_begin } to { $may_end }

period-outside = unknown: { $market } has no dates of its own: { $why }

period-bans-unknown = unknown: what is banned around the sales of { $market } is not in the calendar; look at { $look }

period-bans-unknown-before = unknown: what was banned in { $market } before { $since } is not in the calendar; look at { $look }

period-unknown = unknown: the { $season } dates of { $market } are not in the calendar and cannot be computed; look at { $look }

season-of-year = { $season } { $year }

feed-empty = there is nothing to write into a feed: { $why }

period-note = note on { $seasons }: { $note }

rules-none = none

rules-own = its own

rules-country = the country’s

rules-dates = dates by law

rules-published = dates published yearly

rules-within-limits = free within limits

rules-free = free

rules-unknown = not known

law-moved-period = the { $season } { $kind } of { $year } in { $market }

law-moved = { $period } was at { $was }, and is now at { $now }

law-gone = { $period } was at { $was }, and is not in the calendar any more

law-graded = { $rule }: { $grade }
