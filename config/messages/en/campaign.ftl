# What is said about a campaign file: what stands in it, its window, and its mailings.

the-sales = the { $season } sales of { $year } in { $market } ({ $label })

window-empty = the window opens and closes at the same instant, { $at }
    .remedy = write a later `closes` or an earlier `opens`

window-backwards = the window closes at { $closes }, before it opens at { $opens }
    .remedy = write a later `closes` or an earlier `opens`

window-in-the-past = the window closed at { $closes }, which is past
    .remedy = write the dates of the coming season; a season's name carries its year

window-overlaps-soldes = the window runs during { $sales }, which begin at { $begin }
    .remedy = a pre-sale ends when they begin: write `closes = "{ $anchor }"` and an earlier `opens`

window-ends-inside-soldes = the window closes { $late } after { $sales } have begun, at { $begin }
    .remedy = write `closes = "{ $anchor }"`: it ends at the instant they begin, without a gap

window-gap-before-soldes = the window closes { $gap } before { $sales } begin, at { $begin }
    .remedy = write `closes = "{ $anchor }"` if prices should not go up again in between

window-foreign-zone = the times are read in `{ $ours }`, but clocks in `{ $market }` show those of `{ $theirs }`
    .remedy = write `timezone = "{ $theirs }"` if the times are meant for the customers there

market-online-is-national = online sales in `{ $market }` follow the dates of `{ $national }`
    .remedy = write `{ $national }`, or `channel = "store"` when the sale is held in shops

anchor-computed = the date of the { $season } { $kind } of { $year } in { $market } is computed from the rule in force; an order may still move it
    .remedy = nothing to do now; if it moves, the campaign is held until it is applied again

mailing-empty-interval = the mailing `{ $mailing }` may leave from { $from }, but not after { $to }, so never
    .remedy = write a later `not_after`

mailing-after-close = the mailing `{ $mailing }` may leave until { $to }, but the sale closes at { $closes }
    .remedy = write `not_after = "window.closes"` or earlier: nothing announces a sale that is over

mailing-outside-window = the mailing `{ $mailing }` says that the sale is open, but may leave at { $from }, before { $opens }
    .remedy = write `not_before = "window.opens"` or later, or `kind = "announcement"`

mailing-late-announcement = the mailing `{ $mailing }` announces the opening at { $opens }, but may leave until { $to }
    .remedy = write `not_after = "window.opens"`, or `kind = "opening"` for a mail once it is open

mailing-in-the-past = the mailing `{ $mailing }` could leave until { $to }, which is past
    .remedy = if it has been sent, nothing; a new mailing needs later times
