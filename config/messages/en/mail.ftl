# What is said about letters: templates, their checks, and finished messages.

language-name = { $language ->
    [fr] French
   *[other] English
}

# The files of the templates.

template-passed-over = this file is passed over: a desktop or an editor left it behind
    .remedy = remove it if you like

template-unknown-file = this is no file of the template set

template-file-names = name it as in `docs/mail.md`: a kind's folder with `subject.txt`, `body.txt`, `body.html`, or `base.html`, `base.txt`

template-half-replaced = the { language-name } letter `{ $kind }` is replaced in part: { $missing } { $count ->
    [one] is
   *[other] are
} missing
    .remedy = add what is missing, or remove the others of this language

template-fault = { $why }
    .remedy = correct the template; those that Carillon brings along show how (`docs/mail.md`, `docs/gate.md`)

template-too-long = more than { $longest } bytes come out
    .remedy = shorten the template, and look for a loop that does not end

template-subject = the subject cannot be sent: { $why }
    .remedy = write one line of at most { $limit } characters

template-sample = { $why }
    .remedy = this is a fault of the program, not of a template

template-unknown-name = there is no `{ $name }` in this letter
    .remedy = use a field that `docs/mail.md` lists for this kind of letter

# The pages of a shop.

page-file-names = name it like the file of `config/pages` that it replaces

page-words-unreadable = the words cannot be read: { $why }

page-text-missing = `{ $key }` is missing

page-text-unknown = there is no text `{ $key }`

page-compare-with-ours = compare with the files that Carillon brings along, `config/pages`

# The letters of a mailing.

mailing-unwritten = the letters of the mailing `{ $mailing }` cannot be written: { $why }
    .remedy = mend what the sentence names, and check again

mailing-subject = the subject of the { language-name } letter of the mailing `{ $mailing }` cannot be sent: { $why }
    .remedy = shorten this `subject`

mailing-subject-of-template = the subject of the { language-name } letter of the mailing `{ $mailing }` cannot be sent: { $why }
    .remedy = write a `subject` for this mailing, or a shorter title; `{ $file }` puts words around it

letter-template = the { language-name } letter: { $why }

letter-no-language = the mailing has no language

letter-unsubscribe-not-private = the unsubscribe address is not HTTPS, which RFC 8058 asks for; see `url` in `[public]`

letter-date = a message cannot be dated `{ $date }`

# A mail to an auditor or a data protection officer, in French and English, with lines of the file of anchors between.
anchors-letter-subject = consent ledger: anchors up to { $day }
anchors-letter = On { $day } the consent ledger of { $shop } ended with line { $line }. Add the lines above to your file of anchors, one to a line, but for those that are in it already; `carillon consent check-anchors FILE --public-key KEYS` checks it, on any machine. There is no personal data in them.

letter-refused = the message cannot be assembled: { $why }

mail-directory = `transport = "directory"`: mails become files in `{ $folder }`, and nobody is written to
    .remedy = for a rehearsal nothing; to write to people, `transport = "smtp"` with `[mail.smtp]`

# The rules of `carillon mail lint`. Each has its remedy; where a rule can be broken in several ways, the first has it.

mail-lang = `html` does not say its language and direction
    .remedy = write `lang` and `dir` on `html`, and again on the first element inside `body`: many mail readers drop the first

mail-lang-inside = the first element inside `body` does not say its language and direction

mail-title = there is no title
    .remedy = write the subject into `title`

mail-heading = there are { $count } main headings
    .remedy = keep exactly one `h1`

mail-table-role = a table does not say that it only lays out
    .remedy = write `role="presentation"` on tables that only lay out

mail-alt = an image has no `alt`
    .remedy = write `alt`; leave it empty for an ornament

mail-contrast = text stands out by { $whole }.{ $tenth } to 1 from what is behind it
    .remedy = choose colours at least 4.5 to 1 apart, 3 to 1 for large type

mail-small-type = text is set in { $size } px
    .remedy = use 14 px or more

mail-color-scheme = the letter does not say that it can be dark
    .remedy = add `<meta name="color-scheme" content="light dark">`

mail-preheader = there is no preheader
    .remedy = say in at most 100 characters what the subject does not, and let blanks follow it, as in the built-in `base.html`

mail-preheader-long = the preheader has more than 100 characters

mail-preheader-short = in a list of mails the words below follow the preheader: with the blanks after it, it fills { $shown } of { $room } characters

mail-preheader-repeats = the preheader repeats the subject

mail-size = the HTML has { $bytes } bytes
    .remedy = keep the HTML under 80 kB: Gmail cuts off at about 102 kB, and the way out with it

mail-remote = a `{ $what }` fetches something
    .remedy = send nothing that is fetched on opening: use text, colours, an image inside the message, or the logo of `[brand]`, which has one address for everybody

mail-remote-style = a style fetches something

mail-remote-background = a background image is fetched

mail-remote-image = an image is fetched on opening

mail-remote-style-sheet = `{ $what }` in the style sheet fetches something

mail-pixel = an image of one pixel tells who opens the letter
    .remedy = remove it; Carillon measures no openings

mail-script = there is a `{ $element }`
    .remedy = remove it; mail readers drop or distrust it

mail-script-attribute = `{ $attribute }` runs a script

mail-form = there is a `{ $element }`
    .remedy = link to a page with the form

mail-position = `position` is used
    .remedy = lay out with tables and margins; mail readers ignore it

mail-link = a link is not a full address
    .remedy = link to pages by `https://`

mail-link-not-encrypted = a link is not encrypted

mail-link-script = a link runs a script

mail-redirector = a link leads over another site, which can count who clicks
    .remedy = link to the page itself; Carillon counts no clicks

mail-urls-differ = { $part ->
    [text] the text part lacks a link of the other
   *[html] the HTML part lacks a link of the other
}
    .remedy = say the same in both parts, links included

mail-part = the parts are not text, then HTML
    .remedy = send a text part, then an HTML part, as `multipart/alternative`

mail-part-no-html = there is no HTML part

mail-part-no-text = there is no text part

mail-unsubscribe = a part has no link to unsubscribe
    .remedy = link to `recipient.unsubscribe_url` in both parts

mail-unsubscribe-late = the first link to unsubscribe comes after the heading
    .remedy = link to it before the heading, too: a letter that is cut off must still let go

mail-recipient-link = a link differs from one recipient to the next
    .remedy = give everybody the same links; only the unsubscribe and preference pages may differ

mail-recipient-link-tells = a link tells who the letter went to

mail-placeholder = `{ $words }` was left behind
    .remedy = fill it in

mail-safe = `safe` switches escaping off
    .remedy = remove the filter: it lets a merchandiser's text become markup

mail-french-spacing = an ordinary space before a mark can break the line there
    .remedy = write `\u00A0` in place of that space in a campaign file, as in `"Bottines\u00A0: tout commence"`; in a template, put a no-break space there

mail-french-spacing-guillemet = a no-break space belongs after «

mail-french-spacing-lacks = a no-break space belongs before the mark

mail-french-spacing-unit = an ordinary space between a number and its unit can break the line there

mail-subject-length = the subject is longer than mail readers show
    .remedy = say what matters in the first 60 characters

mail-header-missing = there is no `{ $field }`
    .remedy = have the message built by Carillon, and the relay leave it alone

mail-header-twice = `{ $field }` stands there { $count } times
    .remedy = send each of these fields once; Gmail refuses the message otherwise

mail-recipients = the message names more than one recipient
    .remedy = write to one person at a time; tokens are personal

mail-message-id = Gmail may refuse this Message-ID
    .remedy = use letters, digits, dots and hyphens, then `@` and a domain

mail-list-unsubscribe = there is not exactly one HTTPS address to unsubscribe at
    .remedy = send one HTTPS address in angle brackets, first

mail-one-click = unsubscribing by one click is not offered
    .remedy = send `List-Unsubscribe-Post: List-Unsubscribe=One-Click` beside List-Unsubscribe

mail-list-id = the list is not named
    .remedy = send `List-Id: Name <list.example.fr>`

mail-feedback-id = Gmail does not read this Feedback-ID
    .remedy = send at most four names, joined by colons, the last of 5 to 15 characters

mail-dkim-missing = this copy has come through a relay, and nobody has signed it
    .remedy = have the relay sign with DKIM, or sign here: docs/mail.md

mail-dkim-foreign = it is signed for { $domains } alone, and written by { $from }
    .remedy = have the relay sign for the domain of `from`, or one above it: any other proves nothing about who writes

mail-dkim-uncovered = no signature covers { $fields }
    .remedy = have the signer name these fields; it signs too early, or with a list of its own

mail-long-line = a line has { $octets } octets
    .remedy = break lines after at most 998 octets

mail-line-end = a line does not end with CR LF
    .remedy = end every line with CR LF on the wire; a file saved by an editor may have lost them

preview-letter = { $kind } ({ $language }): { $subject }

preview-not-sent = the campaign sends no such letter: these are the words of the template, for a mailing that is not in its file

preview-not-in-language = the campaign does not send this letter in this language: members who read it get the first language of the mailing

preview-page = all of them on one page: { $path }

preview-not-opened = it cannot be opened from here: open `{ $path }` in a browser

gallery-title = The letters as they will look

gallery-hint = Each on a telephone and on a desk, by day, by night, and while its pictures are not shown.

gallery-light = by day

gallery-dark = by night

gallery-look = { $width } pixels, { $scheme }

gallery-look-bare = { $width } pixels, { $scheme }, without pictures

gallery-text = The same as plain text

mail-example-shop = there is no `{ $path }`; an example shop signs the letters

lint-nothing = nothing to complain of

mail-test-accepted = accepted: { $said }

mail-test-filed = { $said }; { $warning }

mail-test-deferred = not now, { $reason }

mail-test-refused = refused { $reason }

mail-test-in-doubt = nobody can know whether it left, { $reason }; look into the mailbox

queue-none = no deliveries

queue-more = there may be more: `--after { $last }` shows them

queue-stage = at { $stage }:

report-none = no mailings

report-doubled = { $count ->
    [one] { $count } delivery reached
   *[other] { $count } deliveries reached
} their member twice: a relay said so of a message whose claim had been lost

report-filed = mailing `{ $mailing }` of `{ $campaign }`: { $filed }

report-part-stopped = mailing `{ $mailing }` of `{ $campaign }` is stopped for { $provider } since { $since }: { $why }

report-removed = mailing `{ $mailing }` of `{ $campaign }`: of { $count ->
    [one] { $count } delivery
   *[other] { $count } deliveries
} only the counts are kept

mailing-stopped = stopped

resolve-done = delivery { $id }: { $state }

resolve-by-log = { $count ->
    [0] nothing is in doubt
   *[other] the log says of { $taken } of { $count } in doubt that the relay took { $taken ->
        [one] it
       *[other] them
    }
}

resolve-not-in-log = { $count } not in this log: { $ids }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more (`carillon mail queue --state in-doubt`)
}. If it holds the time at which they were handed over, and of the relay that they went to, none of them has left: `carillon mail resolve ID … --as resend`

retry-mailings = { $count ->
    [one] { $count } stopped mailing goes on
   *[other] { $count } stopped mailings go on
}

retry-parts = { $count ->
    [one] { $count } stopped part of a mailing goes on
   *[other] { $count } stopped parts of mailings go on
}

retry-deferred = { $count ->
    [one] { $count } deferred delivery is due now
   *[other] { $count } deferred deliveries are due now
}

retry-refused = { $count ->
    [one] { $count } refused delivery waits again
   *[other] { $count } refused deliveries wait again
}

retry-and = { $before }; { $next }

retry-paused = `{ $slug }` is paused, so it waits: `carillon campaign resume { $slug }` lets its mailings leave

retry-held = `{ $slug }` is held, so it waits: `carillon campaign plan { $file }` shows why, `carillon campaign apply { $file }` ends it

retry-soon = a running daemon takes it up within 15 seconds

missed-no-audience = there was no confirmed member to write to

missed-unwritten = its letters could not be written

missed-not-begun = in its time no daemon ran, or its campaign was paused or held, or nothing could be sent, or people could not leave, or all of it was quiet hours

dkim-not-signed = letters are not signed here: the relay signs them, or nobody. Add `[mail.dkim]` to sign here, see docs/mail.md
