# The season in one picture.

timeline-title = The season from { $first } to { $last }

timeline-title-zone = { $title } (hours of { $zone })

timeline-zone = Hours: { $hours }, where no other is named

timeline-made = Made by Carillon: { $at } ({ $hours }).

timeline-drawing = the drawing, which can be moved sideways

timeline-legend = what the shapes mean

timeline-today = today

timeline-market = { $market }, { $channel }

timeline-month = { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
}

timeline-sign = no.

timeline-sign-open = sale open

timeline-sign-held = to be confirmed

timeline-sign-sales = legal sales period

timeline-sign-blackout = ban on announcing

timeline-sign-letter = letter, numbered below

timeline-sign-today = today

timeline-happens = What happens

timeline-line = { $at }, { $slug }: { $what }

timeline-law = Legal dates

timeline-law-line = { $market }: { $what }

timeline-law-none = no legal date in these days

timeline-period = { $label }, { $first } to { $last } (published)

timeline-period-computed = { $label }, { $first } to { $last } ({ $basis }: an order may still change it)

timeline-period-doubtful = { $label }, { $first } to { $last } (doubtful: to be checked before anybody relies on it)

timeline-troubles = Worth a look

timeline-held = `{ $slug }` is to be confirmed: the legal dates have moved since it was applied, and its letters wait; apply it again

timeline-paused = the letters of `{ $slug }` wait: somebody paused it; `carillon campaign resume { $slug }`

timeline-waiting = its letters wait

timeline-cancelled = cancelled

timeline-sent = mailing `{ $mailing }` has left, to { $people ->
    [one] { $people } person
   *[other] { $people } people
}

timeline-leaving = mailing `{ $mailing }` is leaving: { $people } of { $all } have it

timeline-sold-in = Sold in { $markets }, { $channel }.

timeline-letter-of = letter `{ $mailing }`: { $sale }

timeline-letter-until = It must have left by { $until }.

timeline-written = written: { $path }

timeline-out-suffix = `{ $path }`: the name says what is drawn, and ends in .html, .svg or .ics

# What happens in the days to come.

ahead-unreadable = `{ $written }` is no time to look ahead; write a number and its unit, such as 7d, 12h or 2w

ahead-title = From { $first } to { $last }

ahead-nothing = Nothing happens.

ahead-hour = { $time }

ahead-hour-there = { $time } ({ $zone })

ahead-at = { $time }  { $what }

ahead-line = { $sale }: { $what }

ahead-people = { $what }, to { $people ->
    [one] { $people } person as of today
   *[other] { $people } people as of today
}

ahead-law-begins = the law: { $label } begin ({ $market })

ahead-law-ends = the law: { $label } end ({ $market })

ahead-problems = { $count ->
    [one] { $count } problem stands
   *[other] { $count } problems stand
}: `carillon status` says what to do

# The sales as a public calendar: one file to follow, and one for each sale.

feed-name = { $shop }: sales

feed-to-confirm = { $title } (to be confirmed)

feed-window = Opens on { $opens }, closes on { $closes } ({ $zone }).

feed-window-to-confirm = These dates are still to be confirmed: the legal dates have changed since they were announced. Planned to open on { $opens } and to close on { $closes } ({ $zone }).

feed-cancelled = This sale is cancelled.
