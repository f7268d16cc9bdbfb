# What is said about a campaign file: what stands in it, its window, and its mailings.

the-sales = the { $season } sales of { $year } in { $market } ({ $label })

window-announced-nowhere = this sale stands in no public list at any time
    .remedy = remove `announce_from`, or `unlisted = true`

window-announced-late = the sale opens at { $opens }, and would stand in public lists only from { $from } on
    .remedy = write an instant that is not after the opening, or `unlisted = true` when it is to stand in no list

window-announced-after-letter = the mailing `{ $mailing }` leaves at { $at }, and the sale stands in public lists only from { $from } on: whoever gets it will not find the sale there yet
    .remedy = move `announce_from` up to then, or leave it if that is meant

window-empty = the window opens and closes at the same instant, { $at }
    .remedy = write a later `closes` or an earlier `opens`

window-backwards = the window closes at { $closes }, before it opens at { $opens }
    .remedy = write a later `closes` or an earlier `opens`

window-in-the-past = the window closed at { $closes }, which is past
    .remedy = write the dates of the coming season; a season's name carries its year

window-overlaps-soldes = the sale bears the name of { $sales }, which begin at { $begin }, and not all of it lies inside them
    .remedy = write `opens = "{ $anchor }"` and `closes = "{ $anchor }.end"`, or times between the two; or give it another name

window-beside-soldes = the window runs during { $sales }, which begin at { $begin }, under another name: a promotion beside them, and no part of them
    .remedy = nothing, if that is meant: what the law asks of those sales and allows in them is not for it. A sale before them writes `closes = "{ $anchor }"`

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

check-same-slug = `{ $other }` has the short name `{ $slug }` too: one of them would replace the other
    .remedy = give one of them another `slug`, or check them apart if they are versions of one sale

window-opened-long-ago = the sale would have been open since { $opens }, and would be public at once
    .remedy = correct the year or the season of `opens`; or write there the instant from which it is to be open

mailing-too-late-remedy = write a later `not_after`, or take the mailing out of the file; then apply it again

mailing-early-last-hours = the mailing `{ $mailing }` speaks of the last hours, and may leave from { $from } on: { $before } before the end
    .remedy = write `not_before = "window.closes - 1 day at 18:00"`, or another kind: a sale that lasts on is not about to end, and to say so presses people

sector-unknown = `{ $sector }` is no word that Carillon knows for what is sold: it is taken for a trade that the waiting period is about
    .remedy = nothing, if that is right; otherwise write one of { $trades }, or the same in your language

mailing-in-the-past = the mailing `{ $mailing }` could leave until { $to }, which is past
    .remedy = if it has been sent, nothing; a new mailing needs later times

# Files in general.

file-syntax = this is not TOML: { $why }
    .remedy = correct this line; texts stand in double quotes

file-missing-key = `{ $key }` is missing from { $table }
    .remedy = add a line such as { $example }

file-wrong-type = `{ $key }` is { $kind } here, and should be { $wanted }
    .remedy = write { $wanted }

file-unknown-key = `{ $key }` is not a key of { $table }
    .remedy = remove the line, or use one of { $known }

file-unknown-key-slip = `{ $key }` is not a key of { $table }
    .remedy = write `{ $meant }` if that is what is meant, or remove the line

table-top = the top of the file

table-named = `{ $table }`

table-one-of = this `{ $table }`

kind-text = a text

kind-number = a number

kind-flag = `true` or `false`

kind-moment = a date or time

kind-list = a list

kind-table = a table

wanted-text = a text in double quotes

wanted-count = a whole number that is not below nought

wanted-texts = a list of texts such as ["fr", "en"]

wanted-table = a table, `{ $table }`

wanted-tables = tables, each headed `{ $table }`

word-unknown = `{ $found }` is not one of { $expected }

# Texts that people see.

text-empty = the text is empty
    .remedy = write a text

text-too-long = the text has { $length } characters, { $over } more than the { $limit } that fit
    .remedy = write at most { $limit } characters

text-unseen = the text holds { $name } ({ $code }) { $at }
    .remedy = type this part of the text again instead of pasting it: the character cannot be seen

text-at-its-beginning = at its beginning

text-after = after “{ $before }”

unseen-line-break = a line break

unseen-control = a control character

unseen-direction-mark = a mark of the direction of writing

unseen-direction-turn = a character that turns the direction of writing

unseen-zero-width-space = a space without width

unseen-soft-hyphen = a soft hyphen

unseen-invisible = an invisible character

unseen-replacement = a character that could not be read when the text was copied

placeholder-unknown = nothing is called `{ $words }`
    .remedy = write one of { $known }; a brace of your own is written twice, `{ "{{" }`

placeholder-alone = the brace at `{ $words }` belongs to no placeholder
    .remedy = write one of { $known }; a brace of your own is written twice, `{ "{{" }`

url-scheme = it does not begin with `https://`

url-space = it holds a space, a backslash or an invisible character

url-host = its host name cannot exist

url-user = it holds a user name before the host

url-too-long = it is longer than { $limit } characters

url-not-encrypted = this address is not encrypted, and letters lead people there

url-invalid = this is no web address that a letter can carry: { $why }

url-example = write an address that begins with `https://`, such as `https://www.example.fr/vente`

# The head of a campaign: name, markets, channel, audience, group.

slug-invalid = `{ $written }` cannot be a slug: 1 to 64 lower-case letters without accents, digits and single dashes, a letter first

slug-example = write one such as `journees-magiques-hiver-2027`

language-unknown = the language is none of `fr`, `en`, `nl`, `de`, `it`, `es` and `pt`

channel-unknown = `{ $written }` is not a channel: write `online` or `store`

channel-example = write `online` or `store`

continues-example = write the short names of campaigns, as in `continues = ["hiver-2027"]`

offer-limited-by-example = write `["stock"]`, `["brands"]` or both; the window is the limit in time

offer-show-prices-example = write `while-open`, `always` or `never`; without the key prices are shown while the sale is open
audience-example = write `public` when anyone can buy at the price

market-code = `{ $written }` is not a market: write a country such as `FR`, or a part of one such as `FR-57`

market-example = write the ISO 3166 code of a country or a part of one, such as `FR`, `BE`, `FR-57` or `IT-62`

market-none = the list of markets is empty
    .remedy = name where the customers are, { $example }

market-twice = the market `{ $market }` is named twice
    .remedy = remove one of the two

market-not-in-calendar = the calendar knows no market `{ $market }`; `carillon calendar markets` lists those it knows

market-part-unknown = the calendar knows no market `{ $market }`; write `{ $country }` or one of its parts: { $parts }

market-part-of-many-unknown = the calendar knows no market `{ $market }`; write `{ $country }` or one of its parts, by the code that ISO 3166-2 gives it

market-law-unknown = the calendar holds nothing on the law of `{ $market }`: sales dates, reserved words and prior prices are not checked there
    .remedy = ask somebody who knows the law there, then waive this with what you learnt; a file in the folder of calendar overrides can add the market

market-dates-unknown = whether the law of `{ $market }` sets sales dates is not known: { $why }
    .remedy = ask { $ask }, then waive this with what you learnt

market-prices-unknown = what the law of `{ $market }` asks of an announced reduction is not known: { $why }
    .remedy = ask { $ask }, then waive this with what you learnt

market-see-list = `carillon calendar markets` shows those that are known; a file in the folder of calendar overrides can add one

group-date = `{ $written }` is not a day

group-date-example = write a day such as `2026-12-01`

group-missing = a closed group must be described, because the price rules depend on how closed it is
    .remedy = add `[group]` with `who`, `fixed_on` and `joinable`, or write another audience

group-unused = the audience is `{ $audience }`, so there is no group to describe
    .remedy = remove `[group]`, or write `audience = "closed-group"`

group-listed = the audience is `{ $audience }`, so the sale stands in no public list
    .remedy = remove `unlisted`, or write another audience

declaration-kind-example = write `liquidation` or `factory-store`

declaration-empty = the table says neither which receipt there is nor on what ground the sale stands
    .remedy = add `receipt = "…"`, the number that the authority gave, or `ground = "…"`, the right in a sentence

# A sale that is held again.

edition-every-example = write `winter`, `summer` or `year`: how often the sale is held again

edition-without-season = no time of this file follows the law, so it cannot be known when the sale comes again
    .remedy = anchor the window to a season, as in `opens = "soldes.winter.2027 - 4 days at 08:00"`, or remove `[edition]`

edition-other-season = the sale is anchored to `{ $season }`, and comes again in `{ $every }`
    .remedy = write `every = "{ $fits }"`: the next edition is the same sale a year later

# The window, its anchors and its clock.

window-timezone = `{ $written }` is not a time zone

window-timezone-example = write a zone of the IANA list, such as `Europe/Paris`

window-dst-choice = write `earlier` or `later`

anchor-syntax = `{ $key }` is not understood: { $why }

anchor-example = write something like `{ $example }`

anchor-circular = the window is anchored to itself, so it never lies anywhere
    .remedy = anchor one end to a legal period or to a date, as in `soldes.winter.2027`

anchor-markets-differ = the law is not the same in both markets: { $first } in `{ $here }`, { $second } in `{ $there }`
    .remedy = make one campaign for each market, or write a date and time, as in `2027-01-02 08:00`

anchor-without-date = `{ $expression }` has no date in the market `{ $market }`: { $why }
    .remedy = see `carillon calendar list --market { $market }` for the periods that are known, or write a date and time, as in `2027-01-02 08:00`

expression-empty = it is empty

expression-anchor = `{ $words }` is neither a legal period (`soldes.winter.2027`, `blackout.winter.2027`), nor `window.opens` or `window.closes`, nor a date and time (`2027-01-02 08:00`)

expression-no-such-day = there is no day `{ $words }`; write year, month and day, as in `2027-01-02`

expression-date-alone = `{ $words }` lacks the time of day, as in `{ $words } 08:00`

expression-offset = `{ $words }` names its own offset; write the time of day as people there read it, the window says the zone

expression-period-name = `{ $words }` is not a period's full name, as in `soldes.winter.2027` or `soldes.winter.2027.end`

expression-operator = after the anchor come `+ N days`, `- N days` or `at HH:MM`, not `{ $words }`

expression-count = `{ $words }` is not a whole number from 1 to { $most }

expression-unit = `{ $words }` is not a unit of time: write weeks, days, hours or minutes

expression-unfinished = it stops after `{ $words }`

expression-time-of-day = `{ $words }` is not a time of day such as `08:00`

expression-after-time = `at` and its time come last, but `{ $words }` follows

expression-shift-undone = `at` sets the time of day, so the hours or minutes before it would have no meaning

wall-clock-gap = { $at } does not exist in { $zone }: clocks are put forward over it
    .remedy = write another time, or under `[window]` write `in_gap = "earlier"` for { $earlier } or `in_gap = "later"` for { $later }

wall-clock-overlap = { $at } comes twice in { $zone }: clocks are put back over it
    .remedy = write another time, or under `[window]` write `in_overlap = "earlier"` for the first of the two or `in_overlap = "later"` for the second

wall-clock-out-of-range = { $at } is too far away
    .remedy = write a date of this century

period-not-regulated = `{ $market }` has no regulated { $kind } periods: { $why }

period-not-published = the { $season } { $year } dates of `{ $market }` are not in the calendar, and they cannot be computed; look at { $look }, then add them, as `carillon calendar override add --help` says

season-typed = `{ $season }`

period-no-such-season = `{ $market }` has no season `{ $season }`; it has { $known }

campaign-is-a-table = this is a table, and a campaign is a text file whose name ends in `.toml`

campaign-is-a-table-remedy = name the campaign's file, as in `carillon campaign check hiver.toml`; for the prices in this one, type `carillon price check { $file }`

period-none-in-year = no { $season } { $kind } of `{ $market }` belongs to { $year }

period-ambiguous = { $count } { $season } periods of `{ $market }` start in { $year }: on { $starts }

# Mailings, and who gets them.

mailing-kind-example = write `announcement` before the sale, `opening` when it opens, `last-hours` before it closes

mailing-name-example = write a name such as `announcement-2`

mailing-no-language = the mailing has no language
    .remedy = write `languages = ["fr"]`

mailing-language-example = write `fr`, `en`, `nl`, `de`, `it`, `es` or `pt`, or several of them, the fallback first

mailing-language-twice = the language `{ $language }` is named twice
    .remedy = remove one of the two

mailing-texts-unused = there are texts in `{ $language }`, but the mailing does not go out in it
    .remedy = add `{ $language }` to `languages`, or remove the texts

mailing-duplicate-name = two mailings are named `{ $mailing }`
    .remedy = give one of them another name, `name = "announcement-2"`

mailing-closed-group = `{ $mailing }` would be written to every member who agreed to mails, not only to { $whom }

group-name-its-list = put these people on a list (`carillon member import FILE --list clients-metz`, `carillon list add clients-metz --file FILE --reason "…"`), and name it in `[group]`: `list = "clients-metz"`

mailing-name-its-list = put these people on a list (`carillon list add club --file FILE --reason "…"`), and name it in the mailing: `to = ["club"]`

mailing-beyond-group = `{ $mailing }` would be written to those on `{ $other }`, and the sale is for the group on `{ $list }` alone
    .remedy = remove `to`: the mailings of a closed group go to its list

mailing-to-nobody = `to` names no list
    .remedy = name one, as in `to = ["club"]`, or remove the line: then every member who agreed to mails gets it

mailing-not-nobody = `not` names no list
    .remedy = name one, as in `not = ["metz"]`, or remove the line

mailing-not-its-own = the mailing goes to `{ $list }`, and leaves out whoever is on it
    .remedy = take it out of `to` or of `not`

mailing-to-twice = `{ $list }` is named twice
    .remedy = remove one of the two

list-name-invalid = `{ $written }` is no name of a list

list-name-example = write lower-case letters without accents, digits and dashes, a letter first, such as `clientes-2026`

those-with-a-price-of-their-own = those who have a price of their own

mailing-beyond-market = `{ $mailing }` would be written to every member who agreed to mails, also to those whom this sale does not concern: members have no market

    .remedy = take a list out of `not`, or name one in `to` with people who are not on those

beyond-market-remedy = name a list of those whom it concerns, as in `to = ["metz"]`; or say in `subject` and `intro` where the sale is, and answer for writing to everybody: `carillon campaign waive FILE --rule mailing.beyond-market --reason "…"`

window-together = `{ $one }` and `{ $other }` are open at the same time, from { $from } to { $to }
    .remedy = nothing, when it is meant so; otherwise move one of the two

mailing-close-together = `{ $one }`, at { $at }, and `{ $other }` go to the same people { $how }
    .remedy = move one of the two, or remove one

at-the-same-time = at the same time

within = within { $apart }

mailing-same-kind-on = `{ $one }` and `{ $other }` are both of the kind `{ $kind }`: those on { $lists } get two such letters
    .remedy = nothing, if that is meant; let the texts say what is new in the second

mailing-same-kind-on-both = `{ $one }` and `{ $other }` are both of the kind `{ $kind }`: whoever is on a list of each gets two such letters
    .remedy = nothing, if that is meant

mailing-same-kind = `{ $one }` and `{ $other }` are both of the kind `{ $kind }`: everybody gets two such letters
    .remedy = nothing, if that is meant; let the texts say what is new in the second

# What stands between a file and what is applied.

people-by = { $people ->
    [one] { $people } person
   *[other] { $people } people
} by `{ $mailing }`

told-nobody = nobody was told

told-by = { $people ->
    [one] { $people } person was told
   *[other] { $people } people were told
} by `{ $mailing }`

told-by-several = { told-by }, { $others }

apply-cancelled = the campaign `{ $slug }` was cancelled, which is for good
    .remedy = write `slug = "{ $new_slug }"`: a new sale has a name of its own

apply-over = the sale of `{ $slug }` closed at { $closed }: its gate and its report are history
    .remedy = write `slug = "{ $new_slug }"`: a new sale has a name of its own

apply-new-edition = { $told } about this sale, and the file is about another one, long after it
    .remedy = write `slug = "{ $new_slug }"`: a new sale has a name of its own

apply-begun = messages of `{ $mailing }` have left, so its { $field ->
    [to] lists
   *[other] { $field }
} cannot change
    .remedy = put it back as it was, or add another mailing for those who are to be told more

apply-ended = `{ $mailing }` has ended and reached nobody; under this name it does not begin again
    .remedy = write `name = "{ $mailing }-2"` there; otherwise put it back as it was, or take it out of the file

apply-taken-back = `{ $mailing }` was taken back after it had begun; under this name it does not begin again
    .remedy = write `name = "{ $mailing }-2"` there; otherwise put it back as it was, or take it out of the file

apply-renamed = `{ $was }` has begun and was renamed to `{ $to }`? { $people ->
    [one] { $people } person
   *[other] { $people } people
} would get the same letter again
    .remedy = keep the name: write `name = "{ $was }"` in place of `{ $to }`; a second letter stands in the file beside the first

apply-people-were-told = { $who } that the sale { $field } at { $told }; it would be { $will_be }
    .remedy = Carillon does not write to them again by itself: put the time back, or add a mailing of another name whose texts say what has changed, and take both on, the told hour and the second letter, under your name: `carillon campaign apply FILE --although-told --write-again`

untrue-audience = the sale was { $told ->
    [public] open to everybody
    [open-members] for the members of a club that anyone may join
    [closed-group] for a closed group
    [personal] for single persons
   *[other] { $told }
}; it would be { $will_be ->
    [public] open to everybody
    [open-members] for the members of a club that anyone may join
    [closed-group] for a closed group
    [personal] for single persons
   *[other] { $will_be }
}

untrue-channel = the sale was { $told ->
    [store] in shops
   *[other] online
}; it would be { $will_be ->
    [store] in shops
   *[other] online
}

untrue-price = `{ $article }` cost { $told }; it would cost { $will_be }

untrue-prices = { untrue-price }, and { $count ->
    [one] { $count } other article costs
   *[other] { $count } other articles cost
} more as well

untrue-key = `{ $key }` said “{ $told }”; it would say “{ $will_be }”

untrue-key-gone = `{ $key }` said “{ $told }”; it would say nothing

untrue-key-new = `{ $key }` said nothing; it would say “{ $will_be }”

untrue-sales = the { $season } sales of { $year } were to begin at { $told }; they begin at { $will_be }

untrue-sales-unknown = the { $season } sales of { $year } were to begin at { $told }; when they begin is not known any more

apply-told-gravely = { $who } when { $what }
    .remedy = Carillon does not write to them again by itself: put it back as it was, or add a mailing of another name whose texts say what has changed, and take both on, what they were told and the second letter, under your name: `carillon campaign apply FILE --although-told --write-again`

apply-told-otherwise = { $who } when { $what }
    .remedy = Carillon does not write to them again by itself: if it matters to them, add a mailing of another name whose texts say what has changed; a second letter of the same kind you take on with `carillon campaign apply FILE --write-again`

apply-letters-stay = `{ $mailing }` leaves the file, and { $people ->
    [one] { $people } person keeps
   *[other] { $people } people keep
} its letter: what it said is still held against the sale
    .remedy = nothing, if that is meant: it is not sent again either way

letter-sent-remedy = nobody can rewrite it: `{ $mailing }` has gone to { $people ->
    [one] { $people } person
   *[other] { $people } people
}, and its texts stay as they are. Keep the sale as they say; or add a mailing of another name whose texts say what has changed

letter-leaving-remedy = `{ $mailing }` has gone to { $people ->
    [one] { $people } person
   *[other] { $people } people
}, and { $waiting } more wait: keep the sale as its texts say; or take the mailing out of the file, which keeps back those that wait, and add one of another name

mailing-at-once = `{ $mailing }` was due at { $due }: its letters, to { $people ->
    [one] { $people } person
   *[other] { $people } people
} today, leave as soon as the file is applied, and cannot be called back
    .remedy = nothing, if that is meant; otherwise write a later `not_before`

apply-second-letter = `{ $mailing }` would be a second { $kind } to the same people: { $people ->
    [one] { $people } person has
   *[other] { $people } people have
} `{ $first }` of `{ $campaign }`
    .remedy = take `{ $mailing }` out of the file; or, when they are to get both, take it on with `carillon campaign apply FILE --write-again`, under your name

apply-maybe-second-letter = `{ $mailing }` would be another { $kind }: people may have `{ $first }`, which was set aside when the store was restored
    .remedy = take `{ $mailing }` out of the file; or, when they are to get both, take it on with `carillon campaign apply FILE --write-again`, under your name

apply-set-aside = `{ $mailing }` stays set aside: it may have been sent before the store was restored from a backup
    .remedy = to write to people all the same, add a mailing of another name that begins from now on

apply-other-file = `{ $slug }` was applied from `{ $applied }`, and this file would replace it
    .remedy = write another `slug`, if it is another sale; otherwise take it on with `carillon campaign apply FILE --replace`

apply-other-slug = this file was applied as `{ $slug }` too, and that campaign goes on beside this one: its mailings go to the same people
    .remedy = if it is the same sale, end the other one: `carillon campaign cancel { $slug }`

apply-taken-away = `{ $mailing }` is taken back: { $people ->
    [one] { $people } person has
   *[other] { $people } people have
} it, { $waiting } would not get it
    .remedy = if they should still get it, put the mailing back into the file

apply-times-stay = messages of `{ $mailing }` have left: the times that it had stay
    .remedy = nothing, when it has been sent; to write again, add another mailing

apply-mended = `{ $mailing }` has begun, but nothing of it has left: { $waiting ->
    [one] its { $waiting } message
   *[other] its { $waiting } messages
} would follow the file
    .remedy = nothing: whoever waits gets the letter as it is now

gate-unknown = no applied campaign is called `{ $slug }`; `carillon gate show` lists them

gates-none = no campaign has been applied yet; `carillon campaign apply FILE` applies one

gate-no-moment = `{ $civil }` does not happen, or happens twice, in `{ $zone }` because clocks change that night; write it with its offset, such as `{ $civil }+01:00`

gate-no-change = none

gate-unlisted = not in the file, because unlisted: { $campaigns }

gate-file = { $gates ->
    [one] { $gates } gate
   *[other] { $gates } gates
}, no change to come, valid until { $until }

gate-file-changes = { $gates ->
    [one] { $gates } gate
   *[other] { $gates } gates
}, next change { $next }, valid until { $until }

gate-key-unusable = cannot use `{ $path }`: { $why }

gate-file-false = do not use `{ $file }`: { $why }

gate-no-folder = no folder is named: `--out DIR` names one, or `folder` in `[gate]` of the configuration

gate-file-old = `{ $file }` is genuine, but was valid until { $until }; export it again

gate-file-early = `{ $file }` is genuine, but was written at { $from }, which is yet to come

gate-file-genuine = `{ $file }` is genuine: { $summary }

picture-file = this is a path, and pictures are named by their files alone
    .remedy = write the name of a file in the folder that `pictures` in `[brand]` names, such as `picture = "bottines.jpg"`

picture-without-words = nobody who does not see the picture learns what it shows
    .remedy = add `[words.fr]` with `alt`, and the same for each other language

picture-no-alt = in the language `{ $language }` nobody who does not see the picture learns what it shows
    .remedy = add `alt` there, such as `alt = "Ankle boots of brown leather on a doorstep"`

picture-missing = there is no `{ $file }` among the pictures of the shop
    .remedy = put it into the folder that `pictures` in `[brand]` names, or correct the name

text-language-missing = the sale has words of its own in some languages, and its pages and letters are in { $languages } as well: there they have the title of the file
    .remedy = add `[words.…]` for these languages, with `title` and `intro`

copy-season = `{ $written }` names no season: write it with its year, such as `winter.2028` or `summer.2028`

copy-same-season = the campaign is for `{ $season }` already; name another season, such as `--season winter.2030`

copy-no-source = there is neither a file nor an applied campaign `{ $named }`; `carillon campaign list` shows those that were applied

copy-slug-taken = `{ $slug }` is the name of a campaign already: `--slug` gives the copy another one

copy-mark = TO REVIEW: { $says }

copy-fixed-date = `{ $words }` is a date of yours and did not move: write the new one

copy-other-period = `{ $words }` belongs to another season and did not move: write what it is to be

copy-continues = the campaigns that this one continues were those of the other sale: name those of the new one, or take the line out

copy-group = the group was fixed for the other sale: look who is in it, how many they are, and on which day it was fixed

copy-receipt = this receipt was given for the other sale: write the number of the new one

copy-prices = `{ $file }` holds the prices of the other sale: write the new ones, and check them with `carillon price check FILE`

copy-words = { $words } was true of the other sale: look whether it is of the new one

copy-waiver = the other sale has a waiver of `{ $rule }` ({ $reason }), which this one has not

copy-waiver-about = the other sale has a waiver of `{ $rule }` about `{ $words }` ({ $reason }), which this one has not

copy-unreviewed = nobody has looked at what the copy asks: “{ $asked }”
    .remedy = put right what stands below it if need be, and delete the comment

copy-moved = line { $line }: `{ $was }` is now `{ $will_be }`

copy-unresolved = { $file }: when it opens and closes cannot be told yet

copy-review = { $count ->
    [one] 1 line is for you to look at, and has a comment that asks:
   *[other] { $count } lines are for you to look at, and have a comment that asks:
}

copy-asked = line { $line }: { $says }

copy-next = `carillon campaign check { $file }` says what is wrong or risky in it

copy-next-review = look at these lines and delete their comments; then `carillon campaign check { $file }` says what is wrong or risky

# Editions that the daemon proposes.

drafts-none = no draft of a next edition waits

drafts-next = `carillon campaign draft SLUG` shows the file, and writes it with `--out FILE`

draft-unknown = no draft `{ $slug }` waits; `carillon campaign drafts` lists those that do

draft-dismissed = { $slug }: the proposal is dismissed, and is not made again for this edition

# Four eyes.

apply-approval = this shop has another person approve it: nothing of it happens before that
    .remedy = once it is applied, another person runs `carillon campaign approve`

apply-approval-by = this shop has another person approve it: nothing of it happens before that, so it must come before { $at }
    .remedy = once it is applied, another person runs `carillon campaign approve`

apply-approval-instead = another file of this campaign waits, which { $who } wants applied: this one takes its place
    .remedy = nothing, where it is to be so; `carillon campaign approve SLUG --look` shows what waits

apply-waits = waits: another person approves `{ $slug }` with `carillon campaign approve { $slug }`; until then nothing of it happens

apply-waits-already = unchanged: `{ $slug }` waits already, word for word; another person approves it with `carillon campaign approve { $slug }`

plan-waits = `carillon campaign apply` would have this wait until another person approves it

approval-moved = what waits of `{ $slug }` is not what it was when it was asked for
    .remedy = look at it with `carillon campaign plan FILE`, and apply the file again: it waits then as it is now

approval-moved-in = what waits of `{ $slug }` is not what it was when it was asked for: { $fields }
    .remedy = look at it with `carillon campaign plan FILE`, and apply the file again: it waits then as it is now

approval-waits = { $slug } waits for approval: { $who } wants it applied, since { $since }

approval-change-waits = a change of { $slug } waits for approval: { $who } wants it applied, since { $since }; what was approved goes on

approval-by = { $what }. Approve it before { $at }: `carillon campaign approve { $slug }`

approval-late = { $what }. It should have been approved before { $at }

approval-late-gone = { $late }: { $mailings } { $count ->
    [one] cannot leave any more
   *[other] cannot leave any more
}. As it is the file cannot be approved: write a later `not_after` there or take the mailing out, and apply it again

approval-late-at-once = { $late }. Approved now, { $mailings } { $count ->
    [one] begins
   *[other] begin
} at once: `carillon campaign approve { $slug } --look`

approval-late-rest = { $late }. Approved now, the rest holds at once: `carillon campaign approve { $slug }`

approve-mailing-people = `{ $mailing }` to { $people ->
    [one] { $people } person
   *[other] { $people } people
}

approve-at-once = approved now, letters leave at once, because their time has passed: { $mailings }

approve-at-once-unsaid = nothing was approved: letters would leave at once, because their time has passed: { $mailings }. `carillon campaign approve { $slug } --yes` approves it all the same

approve-file-edited = `{ $file }` was changed since; what is approved is the file as it was on { $since }. To have the new one approved, apply it again

apply-waits-change = waiting: another person approves the change with `carillon campaign approve { $slug }`; until then what was approved before goes on, with its letters and its times

approval-too-late = { $what }. Its time is over

approve-possible = it can be approved: `carillon campaign approve { $slug }` applies it

approve-same-person = { $who } wants `{ $slug }` applied: somebody else has to approve it, under another name (`--who`)

approve-unknown = nothing of `{ $slug }` waits for approval; `carillon campaign approve` lists what does

approve-nothing = nothing waits for approval

approve-refused = { $slug }: it waits no longer, and nothing was applied

new-begin = Five questions; an empty line takes what stands in brackets, and Ctrl-C writes nothing.

new-what = 1 of 5. What is the sale called? Customers see this name. In France and Belgium “soldes”, and words made of it, are reserved for the sales that the law sets.

new-where = 2 of 5. Where are the customers? Countries (FR, BE), or parts of one for shops (FR-57); then `online` or `store`.

new-when = 3 of 5. When? A date of the law (`soldes.winter.2027 - 4 days at 08:00`) or one of yours (`2027-01-02 08:00`), by the clocks of { $zone }.

new-opens = When does it open?

new-closes = When does it close?

new-window = it opens { $opens } and closes { $closes }

new-to-whom = 4 of 5. Who can buy at these prices?

new-group-who = Who is in the group, in a sentence?

new-group-fixed-on = On which day was it fixed?

new-group-list = On which list are they? It is theirs alone that are written to; nothing when there is none yet.

new-mails = 5 of 5. Which mails go out? Several numbers, or 0 for none.

new-languages = In which languages (fr, en, nl, de, it, es, pt)? Members of every other language get the first.

new-mail-kind = { $kind ->
    [announcement] announcement: the day before at 10:00, that it will open
    [opening] opening: when it opens, that it is open
   *[last-hours] last-hours: the evening before it closes, that it closes soon
}

new-choice = { $number }  { $what }

new-prompt = >

new-prompt-usual = [{ $usual }] >

new-law-sale = { $market }: sales of { $season } { $year }, from { $from } to { $to } inclusive ({ $basis })

new-law-blackout = { $market }: protected period before them, from { $from } to { $to } inclusive; what it bans is said by the check

new-law-none = { $market }: the calendar knows of no regulated sales in the next thirteen months

new-again = Another answer? An empty line keeps this one; the file can still be changed.

new-again-given = What was given with the command is forbidden. Another answer? An empty line keeps it.

new-no-place = `{ $written }` is no market: write a country such as FR or BE, or a part of one such as FR-57

new-no-choice = `{ $written }` is none of these: write a number from 1 to { $most }

new-no-language = `{ $written }` is no language of letters: write fr, en, nl, de, it, es or pt

new-needs-title = there is no terminal to ask at: give the answers as options, at least `--title`, or a short name alone for an example to edit

new-needs-group = a sale for a closed group needs `--group`, who is in it

new-stopped = nothing was written: the questions were not answered to the end
