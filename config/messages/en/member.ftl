# What is said about people: addresses, the words under which they sign up, import files, and how many would be written to.

address-empty = the address is empty

address-control-character = the address holds a control character

address-no-at = the address has no `@`

address-quoted = the part before the `@` is in quotation marks, which is not accepted

address-not-ascii = the part before the `@` has a letter outside a-z; relays cannot be relied on to carry it

address-local = the part before the `@` is not one that mail can be sent to

address-domain = the part after the `@` is not a domain name such as `example.fr`

address-too-long = the address is longer than mail allows

wording-statement-short = `statement` is too short to be what somebody agrees to

wording-notice-lacks = `notice` must name `{ $name }`: who is responsible must be said (GDPR art. 13)

wording-length = `{ $key }` is empty, or longer than { $longest } bytes

wording-control-character = `{ $key }` holds a line break or another control character

wording-nothing-to-fill-in = there is nothing to fill in for `{ $name }`

wording-look-at-ours = the file that Carillon brings along, `config/consent/fr.toml`, shows how it can be

member-import-nobody-agreed = the name of this file says that it is { $from }’s list of people who never subscribed: nobody in it agreed to anything

member-import-subscribed = import the file of those who subscribed

member-import-columns = write a first line with the columns address, language, confirmed_at, wording (or wording_file), source, method, or say which column is meant, as in `--column address=EMAIL`; without this evidence nobody may be mailed

members-none = no member may be written to today: { $mailings } would reach nobody
    .remedy = `carillon member import FILE` adds those who agreed, with the proof

members-reached = `{ $mailing }` would be written to { $people ->
    [one] { $people } person
   *[other] { $people } people
} today: { $letters }
    .remedy = nothing; who is written to is settled when it begins

members-language = `{ $mailing }` is not written in the language of { $people ->
    [one] { $people } member
   *[other] { $people } members
} ({ $languages }); { $people ->
    [one] this member gets
   *[other] they get
} it in `{ $fallback }`, the first of its `languages`
    .remedy = nothing, or name these languages in `languages`; without words of your own the letter has those of the templates

letters-in = { $count } in `{ $language }`

mailing-takes = `{ $mailing }` takes about { $takes } to everybody who would be written to today: the last letter leaves at { $ends } at the earliest, because { $narrows }
    .remedy = nothing, if that is soon enough

mailing-cannot-end = `{ $mailing }` would take about { $takes } and cannot end by { $deadline }: { $narrows }; whoever has not been written to by then gets no letter
    .remedy = let it begin earlier, give it a later `not_after`, or have the relay take more: `rate` under `[mail.smtp]`

narrows-allowed = `rate` under `[mail.smtp]` allows { $rate }
narrows-relay = the relay has taken { $rate } at most
narrows-provider = { $provider } has taken { $rate } at most

members-beyond-market = all { $people ->
    [one] { $people } person
   *[other] { $people } people
} would be written to, also those whom a sale in { $markets } ({ $channel }) does not concern: members have no market

mailing-of = { $mailing }` of `{ $campaign }
