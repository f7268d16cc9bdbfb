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

mailing-quiet = `{ $mailing }` is due in the quiet hours ({ $hours }): its letters begin to leave at their end, { $ends }
    .remedy = nothing, if that is soon enough; else move its `not_before`, or change `quiet_hours` under `[mail]`

mailing-all-quiet = `{ $mailing }` is due in the quiet hours ({ $hours }), and its deadline, { $deadline }, is not after their end: nobody would get it
    .remedy = let it begin earlier, give it a later `not_after`, or change `quiet_hours` under `[mail]`

mailing-warms-up = `{ $mailing }` goes to { $people ->
    [one] { $people } person
   *[other] { $people } people
}, and the warm-up lets { $most ->
    [one] { $most } letter
   *[other] { $most } letters
} of all mailings leave on its first day, then twice as many each day{ $shared }: the last one leaves at { $ends } at the earliest
    .remedy = nothing, if that is soon enough

mailing-too-many = `{ $mailing }` goes to { $people ->
    [one] { $people } person
   *[other] { $people } people
}, and the warm-up lets { $most ->
    [one] { $most } letter
   *[other] { $most } letters
} of all mailings leave on its first day, then twice as many each day{ $shared }: { $unsent ->
    [one] { $unsent } person cannot be written to
   *[other] { $unsent } people cannot be written to
} by { $deadline }
    .remedy = let it begin some days earlier, name lists in `to` that are fewer people, or change `[mail.warm_up]`

mailing-crowds-out = with this file `{ $other }`, which is applied, could not end any more: during the warm-up { $unsent ->
    [one] { $unsent } of its letters cannot leave
   *[other] { $unsent } of its letters cannot leave
} by { $deadline }
    .remedy = let the mailings of this file begin when that one has ended, or change `[mail.warm_up]`

warm-up-shared = , shared with other mailings of the same days

warm-up-alone = {""}

quiet-hours = { $hours }, by the clocks of { $zone }

narrows-and-quiet = { $narrows }, and no letter leaves in the quiet hours ({ $hours })
narrows-allowed = `rate` under `[mail.smtp]` allows { $rate }
narrows-relay = the relay has taken { $rate } at most
narrows-provider = { $provider } has taken { $rate } at most

members-beyond-market = all { $people ->
    [one] { $people } person
   *[other] { $people } people
} would be written to, also those whom a sale in { $markets } ({ $channel }) does not concern: members have no market

mailing-of = { $mailing }` of `{ $campaign }

import-dry-run = nothing was changed; an import would come to:

import-accepted = accepted   { $count }

import-returned = { $count } whose consent had run out, and comes back with this evidence

import-refreshed = refreshed  { $count }

import-known = known      { $count }

import-rejected = rejected   { $count }

import-reason = { $key ->
   *[other] { $count } { $reason }
}

import-stand-ins = { $count ->
    [one] { $count } member
   *[other] { $count } members
} to be written to in the language that `--language` names

import-line = line { $line }: { $why }

import-more = and { $count ->
    [one] { $count } row
   *[other] { $count } rows
} more

import-rejected-file = the rejected rows are in `{ $file }` with their reasons; that file holds personal data: mend it, import it with the same options but `--encoding` and `--sheet` (it is CSV in UTF-8), then delete it


import-left-file = those who left the other program are in `{ $file }`: `carillon member withdraw --file { $file }` keeps them out, whatever file names them; that file holds personal data: then delete it

import-left-unread = the column `{ $column }` may tell who left the other program, and is not read
    .remedy = say what stands there while somebody has not left, as in `--stays "{ $column }=false"`; or take the column out of the file if it says something else

import-stays-form = write COLUMN=WORD, such as EMAIL_BLACKLISTED=false; nothing behind the sign means an empty cell

import-stays-column = name one of them in `--stays NAME=WORD`

import-word = `{ $word }`

import-empty-cell = an empty cell

import-word-rows = `{ $word }` in { $count ->
    [one] { $count } row
   *[other] { $count } rows
}

import-empty-cells = nothing in { $count ->
    [one] { $count } row
   *[other] { $count } rows
}

import-nobody-stays = no row has { $word } in the column `{ $column }`, so everybody would have left; what stands there: { $words }. Nothing was taken in

import-nobody-stays-untold = no row has { $word } in the column `{ $column }`, so everybody would have left; what stands there is too varied to be told. Nothing was taken in

import-nobody-stays-remedy = name the word that stands there while somebody has not left: `--stays "{ $column }=WORD"`

import-words-of-left = the column `{ $column }`: { $word } in { $count ->
    [one] { $count } row
   *[other] { $count } rows
}; taken for somebody who left: { $words }

import-zone-wanted = rows were refused because their instants name no zone: import the file again with the one that they were written in, such as `--zone Europe/Paris`

import-columns-ignored = not read, because nothing here needs them: { $columns }

import-ended = { $count ->
    [one] { $count } row
   *[other] { $count } rows
} of `{ $file }` taken in; run the same command again for the rest

evidence-language = `language` is none of `fr`, `en`, `nl`, `de`, `it`, `es` and `pt`, and there are no letters in others; `--language en` takes the row in, to be written to in that language

evidence-instant = `confirmed_at` is not an instant such as `2026-03-01T10:15:00+01:00`, or `01/03/2026 10:15` with a `--zone`

evidence-day = `confirmed_at` is a day without its time; the evidence has one

evidence-no-zone = `confirmed_at` has no offset; name the zone that it was written in, such as `--zone Europe/Paris`

evidence-ambiguous = `confirmed_at` falls where the clocks were changed; write its offset

evidence-future = `confirmed_at` is in the future

evidence-expired = the consent expired on { $on }; only a newer act of the person counts

evidence-no-wording = there is no wording: write the exact text that was shown, or name the file that holds it

evidence-two-wordings = both `wording` and `wording_file` are filled; keep one

evidence-short-wording = the wording is too short to be the text that was shown

evidence-half-wording = the wording begins with a quotation mark and does not end with one; write the whole text that was shown

evidence-wording-file = the wording file cannot be used: { $why }

evidence-too-long = `{ $column }` is too long; perhaps a quotation mark is not closed

evidence-not-an-id = `{ $column }` must be a plain id, without `@` and without line breaks

evidence-method = `method` is not one of double_optin, web_form, in_store_form, paper_form; a bought list, a purchase or accepted terms are no consent

evidence-left = `{ $column }` says that this person left the program that the file is from; `carillon member withdraw --file FILE` takes the file of those who left, so that nothing brings them back

evidence-no-act = `{ $column }` is empty, so the instant beside it may be when somebody else put the address in: it proves no act of the person

evidence-not-confirmed = `{ $column }` is the instant of the consent itself, so no link of a letter was pressed after it, and the method is not double_optin; `web_form` fits if the person filled in a form of yours, and nothing does if somebody else put the address in

evidence-dead = the mailbox was found dead on { $on }

evidence-erased = had everything erased on { $on }; only the person can come back

evidence-withdrawn = withdrew on { $on }; only the person can come back

evidence-objected = objected on { $on }; only the person can come back

evidence-complained = complained on { $on }; only the person can come back

wording-file-elsewhere = name a file beside the import file or below it, without `..` and without a leading `/`

wording-file-leads-out = it leads out of the folder of the import file

wording-file-not-for-people = it must be a text for people: a file that ends in { $endings }

wording-file-size = it is no text file of a plausible size

wording-file-control-characters = it holds control characters, so it is no plain text

wording-file-keys = it holds keys

withdraw-exists = `{ $file }` exists already; name a new file after `--unread`

withdraw-nobody = nobody is named

withdraw-record-behind = they are out in the store; the record of departures could not be written, and a daemon adds them to it as soon as it can: `carillon status` says when something is to be done

withdraw-no-member = no member has this address; when somebody asked to leave, compare it with the one that they get our mail at

withdraw-unread-unwritten = the lines that could not be read could not be written to a file either

withdraw-a-file = `{ $file }` is a file; `carillon member withdraw --file { $file }` reads it

ended-withdrawn = { $done } withdrawn, { $already } had been before, { $unknown } unknown

ended-withdrawn-unread = { $done } withdrawn, { $already } had been before, { $unknown } unknown, { $unread ->
    [one] { $unread } line
   *[other] { $unread } lines
} not read

ended-erased = { $done } erased, { $already } had been before, { $unknown } unknown

ended-and = { $ended }; { $strangers }

ended-strangers = { $count ->
    [one] { $count } was no member
   *[other] { $count } were no members
}: kept out from now on

unread-several = there are several addresses; write each person who left on a line of its own

unread-link = the unsubscribe link is cut off, or was made with other keys; write the address

unread-comment = there is an address in a comment; take the mark off if it is meant

unread-lines = { $count ->
    [one] line
   *[other] lines
} { $lines }: { $why }

unread-lines-more = lines { $lines } and { $more } more: { $why }

unread-file = all other lines were taken; these are in `{ $file }`, which holds personal data: mend it, run `carillon member withdraw --file { $file }`, then delete it

address-not-kept = (not kept)

consent-paused = { $consent }, paused until { $until }

members-listed = { $count ->
    [one] { $count } member
   *[other] { $count } members
}; addresses are masked, `member export` shows one in full

export-personal = this is personal data: hand it to the person it is about and to nobody else
