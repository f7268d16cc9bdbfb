# What is said about prices: announced reductions, resale below cost, the age of goods, and files of prices and offers.

price-no-reduction = `{ $sku }` at { $price } is no reduction: the lowest price before it is { $prior }
    .remedy = go below { $prior }, or leave the article out of the announcement

price-no-prior-price = `{ $sku }` cannot be announced as reduced: { $reason }
    .remedy = import its price history, or leave the article out of the announcement

price-planned = { $count ->
    [one] the prior price of `{ $sku }` is
   *[other] the prior prices of { $count } articles are
} a plan so far: of `{ $sku }`, { $prior } will be asked only from { $from }

price-planned-remedy = check again after { $last }: the lowest price that was really asked in the days before counts, not one that was planned

price-review = `{ $sku }` needs a look: { $reason }
    .remedy = decide, and keep a note of why

price-below-cost = `{ $sku }` is sold at { $price }, below its cost of { $cost } (net invoice price, less the supplier's other advantages, plus taxes and transport); it lies outside the soldes, which are exempt
    .remedy = raise it to { $cost } or more, or waive this with the exception that applies: closing down, seasonal goods at the end of their season, goods out of fashion or outdated, cheaper restocking, an aligned price in a small shop, perishables about to spoil

price-below-cost-other-name = `{ $sku }` is sold at { $price }, below its cost of { $cost } (net invoice price, less the supplier's other advantages, plus taxes and transport); the soldes are exempt, and this sale is not called soldes
    .remedy = { price-below-cost.remedy }

price-stock-age = `{ $sku }` is { $column ->
    [paid_on] paid for
   *[on_sale_since] on sale
} since { $day }, later than { $latest }, which is { $age } before the first day of the sale, { $first_day }
    .remedy = leave the article out of the sale; it may be sold as an ordinary promotion under another name

price-stock-age-unknown = { $count ->
    [one] { $count } of { $offers } offers does not say since when it is { $column ->
        [paid_on] paid for
       *[on_sale_since] on sale
    }
   *[other] { $count } of { $offers } offers do not say since when they are { $column ->
        [paid_on] paid for
       *[on_sale_since] on sale
    }
} (`{ $column }`), the first on line { $line }
    .remedy = fill in `{ $column }`, and keep the proof at hand: inspectors ask for it

age-in-days = { $count ->
    [one] one day
   *[other] { $count } days
}

age-in-months = { $count ->
    [one] one month
   *[other] { $count } months
}

price-offer-twice = `{ $sku }` is offered on line { $line } already
    .remedy = keep one of the two lines

price-corrected = the prior price of `{ $sku }` rests on a price that { $who } corrected on { $on }, from { $was } to { $price }: { $reason }
    .remedy = keep the proof of what was charged; `carillon price check FILE --known-on DAY` says what the answer was before

correct-no-row = no price of it is on record there: look at the market, the channel and the audience, or import its price with `carillon price import FILE`

correct-other-rows = no row of it begins at that instant; rows begin at { $starts }

correct-not-offered = the row says that it was not for sale, and not at what price

correct-other-currency = the row is in { $currency }

correct-same = that is the price on record

correct-no-reason = a correction needs a reason that someone else can judge, in a few words at least

correct-refused = `{ $sku }` is not corrected: { $why }

correct-done = `{ $sku }`, from { $from }: { $price } counts in place of { $was }; both are kept

correct-campaigns = these campaigns began after it, and their prior prices may be others now: { $campaigns }; `carillon price check --campaign SLUG` says which, and with `--known-on DAY` what they were

price-mend-the-line = correct this line and run the command again

# Why a reduction may be announced, or not.

verdict-reduced = the price is below the prior price

verdict-no-reduction = the price is not below the lowest price of the window, so there is no reduction to announce

verdict-no-price-in-window = the article was not for sale in the window, so no prior price exists

verdict-no-history = no price is known for this article; import its price history first

verdict-not-announced = no reduction is announced

verdict-personal = a personal reduction needs no prior price

verdict-closed-group = a reduction for a closed group needs no prior price here

verdict-open-members = a reduction for members needs no prior price here

verdict-no-rule = this market has no prior-price rule; the reduction must still be fair

verdict-law-unknown = what this market asks of a reduction is not known; a person decides

verdict-not-in-force = the prior-price rule applies from { $from } on

verdict-new-goods-exempt = an article that is put on sale for the first time needs no prior price

verdict-new-goods-since = a new article: say that the prior price is the lowest since { $since }

verdict-new-goods-no-rule = the article is on sale only since { $since }, and the law has no rule for new articles; a person decides

verdict-new-goods-future-price = the article is on sale only since { $since }; it may only be compared with its price after the promotion

verdict-other-campaign = the price continues or deepens that of the campaign `{ $campaign }`; if both are one reduction, as the seller can show, its first prior price stays: `continues = ["{ $campaign }"]` says so; otherwise the prior price is this one

verdict-other-currency = the window holds prices in { $currency }; compare them by hand

verdict-comparable-until = the comparison may be shown until { $day }, that day not included

verdict-compared-too-long = the comparison may only be shown until { $day }, that day not included, and the sale lasts longer

# Why a row of a file is refused.

row-market-unknown = the market `{ $market }` is not known; `docs/calendar.md` says how to add one

row-money = `{ $column }`: { $why }

row-unfit = `{ $column }`: { $why }

row-text = `{ $column }` is longer than { $longest } bytes or holds control characters

money-missing = the amount is missing

money-no-amount = this is not an amount; write it like `79.90`, `79,90` or `79.90 €`

money-digits = { $currency } allows { $digits } digits after the decimal separator; write thousands without a point or comma

money-zero = a price of 0 is refused; write `not-offered` where the article was not for sale

money-negative = an amount below zero is refused

money-too-large = the amount is too large

money-currency = the currency must be a code of three letters such as `EUR`

row-cells = the row has { $found } cells and the header { $expected }; perhaps a cell needs quotation marks around it

row-damaged = the row holds damaged text, or text in another encoding than the rest; write it again in UTF-8

row-empty-cell = `{ $column }` is empty

row-open-quote = a quotation mark is opened on this line and not closed

row-stray-quote = a quotation mark stands inside of a cell that is in quotation marks; write it twice (`""`)

row-too-long = the row is longer than { $longest } bytes

written-no-date = `{ $written }` is no date; write `2026-11-06`, `2026-11-06T08:00` or `06/11/2026 08:00`

written-in-a-gap = `{ $written }` does not exist: the clocks went forward over it

written-twice = `{ $written }` happened twice: the clocks went back; add the offset, as in `2026-10-25T02:30+01:00`

written-far-year = `{ $written }` lies outside the years 2000 to 2100

price-header-columns = name the columns in the first line: sku, price, and as far as they are known purchase_cost, on_sale_since, paid_on, currency, name, picture, url

price-import-columns = name the columns in the first line, as `docs/prices.md` lists them; or say which is meant, as in `--column sku=Reference`, and what holds of all rows, as in `--value market=FR`

price-no-column = write COLUMN=TEXT, such as sku=Reference; the columns are { $columns }

price-import-done = { $added ->
    [one] { $added } row
   *[other] { $added } rows
} added, { $known } known already, { $refused } refused

price-import-planned = { $count ->
    [one] { $count } of these prices is
   *[other] { $count } of these prices are
} to come, the last from { $last } on: it is planned, and counts for prior prices only once it has been asked

price-import-ended = { $count ->
    [one] { $count } row
   *[other] { $count } rows
} of `{ $file }` stored; run the same command again for the rest

price-import-refused = the refused rows of `{ $file }` are in `{ $report }` with the reason; mend them there and import that file, with the same options but `--encoding` and `--sheet` (it is CSV in UTF-8)

price-contradicts = the history already says { $price } from this instant on (`{ $file }`, line { $line }), and what is on record stays

price-contradicts-campaign = the history already says { $price } in the campaign `{ $campaign }` from this instant on (`{ $file }`, line { $line }), and what is on record stays

price-campaign-unknown = no campaign `{ $slug }` is applied; name its offers file, or apply it first

price-campaign-forgotten = the prior price of `{ $sku }` was announced by the campaign `{ $slug }`: if these offers are a later step of it, ask with `--campaign { $slug }`

price-no-offers = the campaign `{ $slug }` has no offers there

price-check-file = { $file }, { $market } { $channel }

price-finding-error = { $place }: error: { $message }

price-finding-warning = { $place }: warning: { $message }

price-finding-note = { $place }: note: { $message }

price-finding-law = { "  " }law: { $law }

price-finding-do = { "  " }do:  { $remedy }
