# What is said about the law of dates and labels: blackouts, lengths, audiences, and what the texts say about when.

blackout-announcement = the window lies in the { $label } of { $market }, { $first } to { $last }: announcing reductions that take effect in it is banned, to members too
    .remedy = lower the prices without announcing it, or let the sale end before the period or begin with the sales

blackout-promotional-sale = the window lies in the { $label } of { $market }, { $first } to { $last }: promotional sales are banned in it
    .remedy = let the sale end before the period or begin with the saldi, or leave the market out

blackout-for-trades = { $statement } (for { $trades })

blackout-for-trades-unstated = { $statement } (for { $trades }; the campaign names no `sector`)

blackout-doubted = { $statement }. { $doubt }

blackout-excepted = { $statement }. Allowed all the same: { $exceptions }; who holds one of these says so with `carillon campaign waive … --rule { $rule }`

blackout-after-sales = let the sale open on { $next } or later, or leave the market out

blackout-perhaps = the window may lie in the { $label } of { $market }: by the dates that the calendar holds it runs from { $first } to { $last }, and it may run from { $may_begin } to { $may_end }. { $doubt }
    .remedy = ask the region, or let the sale lie outside { $may_begin } to { $may_end }

blackout-invitation = the mailing `{ $mailing }` may leave in the { $label } of { $market }, { $first } to { $last }, in which inviting customers to better conditions is banned
    .remedy = send it before the period or when the saldi have begun

a-trade = { $trade }

season-too-long = { $days ->
    [one] the window has { $days } day;
   *[other] the window has { $days } days;
} the { $label } of { $market } may last { $limit }
    .remedy = close after { $limit } days at the latest

season-too-long-in-year = the window has { $days ->
    [one] { $days } day;
   *[other] { $days } days;
} { $label } of { $market } may fill { $limit } days of a year
    .remedy = close after { $limit } days

season-counted-days = if these are { $label }, { $days ->
    [one] { $days } day counts
   *[other] { $days } days count
} towards the { $limit } of the year
    .remedy = add up the year's sales yourself: Carillon knows only this campaign

season-lowers-prior-price = the window closes { $days ->
    [one] { $days } day before
   *[other] { $days } days before
} the { $label } of { $market } begin: its prices are the prior prices of those sales
    .remedy = close more than { $look_back } days before, or at the instant they begin, or mark the goods down further then

label-promotion = anyone can buy at these prices: in law this is a promotion, whatever its name
    .remedy = show the prior price with every reduction, and call it open to all

label-open-sign-up = anyone may join, so the sale is open to the public in fact
    .remedy = do not call it private

label-open-sign-up-counts = anyone may join, so the sale is open to the public in fact, and its prices count as prior prices
    .remedy = show prior prices as for a public sale, and do not call it private

label-group-is-open = a group that people can join while the sale runs is not closed
    .remedy = write `joinable = false` and keep to it, or `audience = "open-members"`

label-group-too-late = the group is fixed on { $fixed_on }, after the sale opens on { $opens_on }
    .remedy = fix the group before the sale opens, and write that day

label-group-not-stated = nobody can tell from this who is in the group
    .remedy = say in a sentence who belongs to it, such as « les clientes et clients de la boutique de Metz en 2026 »

label-group-not-yet = the group is to be fixed on { $fixed_on }, which has not come: until then nobody can say who is in it
    .remedy = check again on that day, once the list is final

label-group-just-fixed = the group is fixed on { $fixed_on }, and the sale opens on { $opens_on }: whoever came for it is in it
    .remedy = fix the group some time before, by something that people did before they knew of the sale

label-group-as-large = { $size ->
    [one] the group has { $size } person
   *[other] the group has { $size } people
}, and { $members ->
    [one] { $members } member
   *[other] { $members } members
} may be written to: it holds as good as everybody
    .remedy = write `audience = "open-members"`, or keep how the group was chosen and who is not in it

blackout-unknown = whether anything is banned before the sales of { $market } is unknown, and the campaign may lie there
    .remedy = ask { $look }, and leave the market out until you know

season-dates-unknown = the dates of the { $season } sales of { $year } in { $market } are not in the calendar: whether the campaign lies in them, before them or after them is unknown
    .remedy = look at { $look }, and add them as `carillon calendar override add --help` says; until then, do without names and times that depend on them

season-outside-market = { $market } has no dates of its own: { $why }
    .remedy = name the market whose dates are meant

season-dates-doubtful = the dates of the { $label } of { $market }, { $first } to { $last }, are doubtful: { $doubt }
    .remedy = ask { $look }; when you know, add the dates as `carillon calendar override add --help` says, and state none of them as certain before

season-doubt-unexplained = they are inferred, or sources contradict each other

season-declared-too-long = a sale declared under this name may last { $months } months in { $market }
    .remedy = close earlier, or give the rest another name

season-start-unstated = { $mailing } is about the { $label } of { $market }, and does not say that they began on { $first }
    .remedy = write that day into `intro`, in every language of the mailing

season-goods-unstated = { $mailing } does not say which goods are in the sales of { $market }, which it must unless all of them are
    .remedy = nothing, if everything is reduced; otherwise add `[[offers]]`, whose names the letters list, or name the goods in `intro`

label-regulated-sale = this is one of the { $label } of { $market }, and no promotion: their conditions hold, and so do their exceptions
    .remedy = sell what was on offer, and paid for, long enough before they began; buy nothing more for them; show the prior price with every reduction

text-contradicts-opening = the text says “{ $words }”, but the sale opens at { $opens }
    .remedy = write `{ "{opens}" }`, which is filled in from the schedule; if the words are about something else, nothing

text-contradicts-closing = the text says “{ $words }”, but the sale closes at { $closes }
    .remedy = write `{ "{closes}" }`, which is filled in from the schedule; if the words are about something else, nothing

text-contradicts-window = the text says “{ $words }”, but the sale opens at { $opens } and closes at { $closes }
    .remedy = write `{ "{opens}" }` or `{ "{closes}" }`, which is filled in from the schedule; if the words are about something else, nothing

text-contradicts-length = the text says “{ $words }”, but the sale is open from { $opens } to { $closes }
    .remedy = write `{ "{duration}" }`, which is filled in from the schedule; if the words are about something else, nothing

text-leave-time-out = leave the time out, it is shown beside the text; if the words are about something else, nothing

duration-prolonged = { $who } that the sale closes at { $told }, and that this is near; it would stay open until { $closes }
    .remedy = close at { $told }, as they were told, and sell on afterwards under other terms; if something that nobody foresaw kept them from buying, waive this with that reason, write them the new time, and apply with `--although-told`

duration-perhaps-prolonged = people may have been told by `{ $mailing }` that the sale closes at { $told }, and that this is near: it was set aside when the store was restored; it would stay open until { $closes }
    .remedy = look into the relay's log whether it left; if it did, close at { $told }

duration-prolonged-on-gate = the gate has shown `{ $words }` of a sale that closes at { $told }; it would stay open until { $closes }
    .remedy = close at { $told }, or, if something that nobody foresaw kept people from buying, keep a note of it

duration-reopened-told = { $who } that `{ $slug }` is about to close, at { $closed }, and this sale of the same opens at { $opens }
    .remedy = open more than { $days } days later, or sell something else in it; if people were told of both parts from the beginning, waive this with that reason

duration-reopened = `{ $slug }` closes at { $closed }, and this sale of the same opens at { $opens }: to those who buy, it never closed
    .remedy = open more than { $days } days later, or say from the beginning that the sale has two parts, and press nobody with the end of the first

duration-goes-on = this sale closes at { $closed }, and `{ $slug }`, which sells the same, opens at { $opens }: to those who buy, it does not close
    .remedy = let more than { $days } days lie between them, or say from the beginning that the sale has two parts, and press nobody with the end of the first

duration-perpetual = the same offers would have been on sale on { $days } of the 365 days before it closes ({ $sales }): a price that is asked on most days is the usual one, and no reduction
    .remedy = let the offers rest at their full price for the better part of a year, or lower that price for good and announce no reduction

duration-perpetual-articles = { $articles } of the { $all } articles that were looked at would have been announced as reduced on more than { $days } of the 365 days before it closes: a price that is asked on most days is the usual one, and no reduction
    .remedy = leave out the articles that `carillon price check FILE --json` shows at that price for long, or lower their price for good and announce no reduction

duration-record-begins = Carillon knows of no sale before { $since }: whether the same was on sale for most of the year, or said to be in its last days, is unknown
    .remedy = look it up where older sales are kept; if the same was on sale on most days of a year, announce no reduction

duration-no-record = Carillon knows of no earlier sale yet: whether the same was on sale for most of the year, or said to be in its last days, is unknown
    .remedy = look it up where older sales are kept; if the same was on sale on most days of a year, announce no reduction

duration-always-ending = on { $days } days of a year people would have read that sales of the same are about to close: more than { $most } is no longer believed, nor true
    .remedy = say the day, `{ "{closes}" }`, and leave the other words out this time

words-no-such-class = no class of words is named `{ $class }`
words-no-such-law = no law is named `{ $law }`
    .remedy = name one of laws.toml

waiver-not-waivable = `{ $rule }` cannot be waived: a person can answer for findings whose rule begins with `words.`, `blackout.`, `season.`, `duration.` or `price.`, and for `market.law-unknown` and `mailing.beyond-market`; with any other the file contradicts itself or cannot work, so mend the file

waiver-no-reason = a waiver needs a reason that someone else can judge, in a few words at least
