# What is said of a word that a text of law reserves. Each law of `config/wording/laws.toml` names its message.
#
# `.remedy-dated` is what to do when the next sale is known; the day stands as readers of the market write it.

words-soldes-outside-period = `{ $words }` names soldes, and no soldes are under way in { $market } when this is read
    .remedy = write « journées magiques », or another name that is not made from « solde »
    .remedy-dated = write « journées magiques », or state the date in the same sentence: « Soldes à partir du { $start } »

words-soldes-in-belgium = `{ $words }` names a regulated sale, and none is under way in { $market } when this is read
    .remedy = use a name that does not mean soldes, solden, opruiming or Schlussverkauf
    .remedy-dated = use another name, or state the day in the same sentence: « Soldes à partir du { $start } »

words-soldes-in-luxembourg = `{ $words }` names a regulated sale, and none is known to be under way in { $market } when this is read
    .remedy = use a name that does not suggest a sale, or say plainly that the coming soldes are meant

words-soldes-elsewhere = `{ $words }` names a regulated sale, and none is known to be under way in { $market } when this is read
    .remedy = use a name that does not mean soldes, or ask the authority there whether the word is free
    .remedy-dated = use another name, or state the day in the same sentence: « Soldes à partir du { $start } »

words-soldes-derivative = `{ $words }` is made from « soldes » and names something else, which no date makes lawful
    .remedy = write « journées magiques », « offres d’avant-saison » or « promotions »

words-soldes-equivalent = `{ $words }` is a name equivalent to soldes, and no soldes are under way in { $market } when this is read
    .remedy = use a name that does not mean soldes, solden, opruiming or Schlussverkauf

words-soldes-mentioned = `{ $words }` denies soldes, which names them all the same in an advertisement
    .remedy = keep it if it is true, or say what the offer is without the word

words-solden-in-belgium = `{ $words }` names a regulated sale, and none is under way in { $market } when this is read
    .remedy = use a name that does not mean solden, opruiming, soldes or Schlussverkauf
    .remedy-dated = use another name, or state the day in the same sentence: « Solden vanaf { $start } »

words-sale-name-in-luxembourg = `{ $words }` names a regulated sale, and none is known to be under way in { $market } when this is read
    .remedy = use a name that does not suggest a sale, or say plainly that the coming sale is meant

words-saldi-outside-period = `{ $words }` names end-of-season sales, and none are under way in { $market } when this is read
    .remedy = use a name that does not mean saldi, such as « giorni magici »
    .remedy-dated = use another name, or state the day in the same sentence: « Saldi dal { $start } »

words-ekptoseis-outside-period = `{ $words }` names the sales of the season, and none are under way in { $market } when this is read
    .remedy = write « προσφορές », which is free all year

words-soldari-outside-period = `{ $words }` names a regulated clearance sale, and none is under way in { $market } when this is read
    .remedy = write « reduceri » or « promoție », which are free all year

words-sezonsko-outside-period = `{ $words }` names the seasonal sale, and none is under way in { $market } when this is read
    .remedy = write « akcija », within its own limits

words-rebajas-defined = `{ $words }` may name only a sale that meets the legal definition of the word
    .remedy = make sure that the goods were in the usual range before, are not damaged and were not bought for the sale, and show its dates; or use another name

words-saldos-declared = `{ $words }` names a sale that must be declared and counts towards 124 days a year
    .remedy = declare it to ASAE and count its days, or write « promoções » and keep the two apart

words-private-but-public-in-france = `{ $words }` tells readers that not everybody may come, and the audience is `public`
    .remedy = write « journées magiques, ouvertes à tous », or make the audience a closed group that is fixed before the sale

words-private-but-open-in-france = `{ $words }` promises a restricted circle, and anyone who signs up belongs to it
    .remedy = write what is true: « réservé aux inscrits, inscription gratuite et ouverte à tous », or close the group before the sale

words-private-but-public = `{ $words }` tells readers that not everybody may come, and the audience is `public`
    .remedy = say that the sale is open to all, or make the audience a closed group that is fixed before the sale

words-private-but-open = `{ $words }` promises a restricted circle, and anyone who signs up belongs to it
    .remedy = say in the same sentence that signing up is free and open to all, such as « signing up is free and open to all », or close the group before the sale

# What is claimed of prices, and what the prices of the campaign are.

words-reduction-not-reached = `{ $words }` claims { $percent } %, and { $articles ->
    [one] the only article for { $market } of which the reduction is known does not reach it
   *[other] none of the { $articles } articles for { $market } of which the reduction is known reaches it
}: the largest is { $most } %
    .remedy = { $may ->
        [0] announce no percentage: too few articles are reduced
       *[other] write « jusqu’à −{ $may } % », which is true, or lower the prices
    }

words-reduction-not-everywhere = `{ $words }` claims { $percent } % of everything that it speaks of, and of the articles for { $market } { $reached ->
    [one] { $reached } of { $articles } reaches it
   *[other] { $reached } of { $articles } reach it
}
    .remedy = { $may ->
        [0] say which articles are meant
       *[other] { $least ->
            [0] write « jusqu’à −{ $may } % », or say which articles are meant
           *[other] write « jusqu’à −{ $may } % », or « −{ $least } % » if all are meant
        }
    }

words-reduction-rarely-reached = `{ $words }`: of the articles for { $market } { $reached } of { $articles } { $reached ->
    [one] reaches
   *[other] reach
} { $percent } %, fewer than one in ten
    .remedy = { $may ->
        [0] say which articles are meant
       *[other] write « jusqu’à −{ $may } % », which at least one article in ten reaches, or say which articles are meant
    }

words-price-not-offered = `{ $words }`: no offer for { $market } costs { $claimed } or less, the lowest price is { $lowest }
    .remedy = write « dès { $lowest } », or lower a price

words-price-not-everywhere = `{ $words }` says that nothing costs more than { $claimed }, and of the articles for { $market } { $dearer ->
    [one] { $dearer } of { $articles } costs more
   *[other] { $dearer } of { $articles } cost more
}, up to { $highest }
    .remedy = write « jusqu’à { $highest } », or say of which articles it is true

words-figure-not-read = what `{ $words }` says of the prices could not be read, so nothing was held against it
    .remedy = see for yourself that it is true of every article that it speaks of, or write it as « −30 % sur … » or « dès 29 € »

words-free-article-paid = `{ $words }`: of the articles for { $market } { $dearer ->
    [one] { $dearer } of { $articles } costs more
   *[other] { $dearer } of { $articles } cost more
} than the lowest price of the days before, so what is called free is paid for
    .remedy = go back to the lower price before the offer begins, or call nothing free

words-conditional-offer = `{ $words }` is an offer on a condition, and no reduction of a price: who buys one article has nothing of it
    .remedy = state the condition beside it, and leave the article out of the price files

words-conditional-offer-in-figures = `{ $words }` is an offer on a condition: { $percent } % for who meets it, and nothing for who buys one article
    .remedy = { words-conditional-offer.remedy }

words-figures-without-offers = `{ $words }` cannot be held against anything: the campaign names no prices
    .remedy = name the price file under `[[offers]]`, and keep the prices charged before with `carillon price import FILE`

words-figures-without-history = `{ $words }` cannot be held against the offers: no prices charged before are known here
    .remedy = run the command in the shop's folder, where `carillon price import FILE` keeps them

words-figures-without-verdict = `{ $words }` cannot be held against the offers: for none of them a reduction is settled in { $market }
    .remedy = see `carillon price check FILE` for each article, and keep the proof of what the figure is computed from

# What people are asked for, and what limits an offer.

words-account-demanded = `{ $words }` asks for an account before people see or buy, and anyone may come to this sale
    .remedy = let people see and buy without one, and say so: « Prix visibles par tous, sans inscription »; ask for an address only from who wants letters

words-data-demanded = `{ $words }` asks people for more than an address
    .remedy = ask for an e-mail address and nothing else; what a delivery or a payment needs is asked for when somebody orders

words-limit-untrue = `{ $words }` says that there is not enough for all, and the file names other limits or none
    .remedy = take the words out, or add `"stock"` to `limited_by` if there is no more than what lies in stock

words-limit-not-stated = `{ $words }` says that there is not enough for all, and the file does not say what limits the offer
    .remedy = write `limited_by = ["stock"]` if there is no more than what lies in stock, and keep its count; otherwise take the words out

words-private-without-limit = `{ $words }` promises a private sale, and nothing limits it: the window has { $days ->
    [one] { $days } day
   *[other] { $days } days
}, and the file names neither stock nor brands
    .remedy = close earlier, or say what limits the offer: `limited_by = ["stock"]` or `limited_by = ["brands"]`

# Who is said to be in a closed group.

label-group-is-everybody = `{ $words }` describes no circle: everybody is in it
    .remedy = say who is in the group and nobody else is, such as « les clientes et clients de la boutique de Metz en 2026 », or write `audience = "public"`

label-group-anyone-joins = `{ $words }` is a circle that anyone could join until it was fixed
    .remedy = say since when people are in it, such as « inscrits à la newsletter avant le 1er juin 2026 », or write `audience = "open-members"`

# What is announced, presses readers or promises.

words-sale-dates-unknown = `{ $words }` names a regulated sale, and whether one is under way in { $market } when this is read is not known
    .remedy = look at { $look }, and add the dates as `carillon calendar override add --help` says; until then use another name

words-sale-day-doubtful = `{ $words }` is announced for a day that is doubtful in { $market }: { $doubt }
    .remedy = add the day as `carillon calendar override add --help` says when you have asked, or leave the sentence out; a letter states no doubtful day as certain

words-sale-day-unknown = `{ $words }` is announced for a day of which the calendar does not know whether sales start on it in { $market }
    .remedy = compare it with { $look }, and add the dates as `carillon calendar override add --help` says

words-exclusive = `{ $words }` may suggest that few people get this, and anyone may
    .remedy = nothing, if it is true in another sense; otherwise say what the offer is

words-liquidation-in-france = `{ $words }` names a liquidation, which is declared before it is advertised, and the campaign tells no receipt
    .remedy = declare it to the town hall or the prefecture and write its number: `[declaration]`, `kind = "liquidation"`, `receipt = "…"`; or write « déstockage » or « fins de série »

words-liquidation-in-belgium = `{ $words }` names a sale that is lawful in the listed cases only, and the campaign states none
    .remedy = write `[declaration]`, `kind = "liquidation"` and in `ground` the case of the list that you can prove; or write « déstockage », « stockverkoop » or « Lagerverkauf »

words-liquidation-in-italy = `{ $words }` names an extraordinary sale, which the town hall is told of beforehand, and the campaign tells no receipt
    .remedy = tell the town hall and write the number: `[declaration]`, `kind = "liquidation"`, `receipt = "…"`; or write « promozione »

words-factory-store = `{ $words }` is kept for makers who sell to the public, themselves, what they made and did not sell before
    .remedy = if that is so, write `[declaration]`, `kind = "factory-store"` and in `ground` what you make and where; or write « boutique de fins de série » or « outlet »

words-scarcity = `{ $words }` presses readers, which is lawful if it is true when they read it
    .remedy = count before you write it, and leave it out where the number may change before the letter is read

words-last-days = `{ $words }` can be read long before the sale closes
    .remedy = say the day instead, `{ "{closes}" }`, or keep the words for the last days

words-last-days-before-opening = `{ $words }` can be read before the sale opens ({ $market }): nothing is about to end then
    .remedy = keep these words for a letter that leaves shortly before the sale closes; before, say the day, `{ "{closes}" }`

words-closing-down = `{ $words }` says that the trader closes, which is a banned practice unless it is so
    .remedy = if it is so, it is a liquidation: write `[declaration]`; otherwise leave it out

words-reference-price = `{ $words }` measures a reduction against a price that may never have been asked
    .remedy = compare with the lowest price of the 30 days before, or say whose price it is and who asks it; take no percentage off it

words-won = `{ $words }` tells readers that they have won, which is a banned practice unless every one of them has, and need not pay for it
    .remedy = leave it out, or say how one may win

words-free-but-paid = `{ $words }` calls free what is paid for in part; only the unavoidable cost of delivery may be asked
    .remedy = say the price of delivery beside it, and ask for nothing else

words-feigned-soldes = `{ $words }` tells of promotions held everywhere at once in words of the soldes, outside their time
    .remedy = say what the offer is, in words that are not those of the soldes

words-national-event = `{ $words }` is held everywhere at once: it may not look like soldes outside their time
    .remedy = nothing, as long as no text compares it with soldes or speaks of markdowns

# What several words say together, none of them alone.
words-read-together = { $said } (so these words read together: look whether that is meant)
