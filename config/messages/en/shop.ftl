# What is said of the running shop: setting it up, what comes next, what is wrong.

init-exists = `{ $file }` exists already; nothing was changed. Name another folder to start afresh

init-a-file = `{ $file }` is a file; name a folder

init-configuration = the configuration, explained line by line: begin with [shop]

init-campaign = a first campaign to edit

init-prices = its prices

init-members = your members go here, each with the evidence of the consent; there is nobody in it yet

init-members-example = what such a file looks like

init-keys = the keys: back them up apart from the store, never lose them

init-store = the store, empty

init-next = Next, in that folder:

outbox-warning = letters are written to files in `{ $folder }` and nobody is written to: `transport` in `[mail]` is "directory"

outbox-filed = { $count ->
    [one] { $count } of the accepted is a file
   *[other] { $count } of the accepted are files
} in `{ $folder }`; nobody was written to

outbox-filed-then = { $count ->
    [one] { $count } of the accepted is a file
   *[other] { $count } of the accepted are files
} in the folder that `[mail.directory]` named then; nobody was written to

status-no-campaign = no campaign is applied; `carillon campaign apply FILE` applies one

status-no-daemon = daemon: none is running; { $last }

status-daemon = daemon: running

status-daemons = daemons: { $count } are running

daemon-stopped = the last one was stopped at { $at } (cleanly)

daemon-seen = the last one was last seen at { $at }

daemon-none-yet = none has run on this store yet

status-draft = a draft of the next edition of `{ $source }` waits: `{ $slug }`, which opens { $begins }; `carillon campaign draft { $slug }` shows it

status-mail = mail: { $warning }

status-relay = relay: { $learned }

status-quiet = quiet hours: no letter of a mailing leaves before { $until }

status-warm-up = warm-up, day { $day }: { $letters } of { $most ->
    [one] { $most } letter
   *[other] { $most } letters
} of mailings have left today

status-warm-up-full = warm-up, day { $day }: as many letters of mailings have left as may leave today, { $most }; more leave from { $at } on

status-relays = relays, in the order in which they are used: { $relays }

relay-learned = { $relay } ({ $learned })

learned = learned that it takes { $parts }

learned-connections = { $count ->
    [one] { $count } connection
   *[other] { $count } connections
} at once

learned-mails = { $count ->
    [one] { $count } mail
   *[other] { $count } mails
} on a connection

learned-rate = { $rate } mails a minute

learned-provider = { $name } { $rate } a minute

status-sign-ups = sign-ups: { $waiting ->
    [one] { $waiting } waits for a confirmation
   *[other] { $waiting } wait for a confirmation
}; { $letters ->
    [one] { $letters } letter
   *[other] { $letters } letters
} to send; { $confirmed } confirmed so far

status-turned-away = { $line }; { $count } turned away so far, the last at { $at }

status-renewals = renewals: { $letters ->
    [one] { $letters } letter
   *[other] { $letters } letters
} to send; { $asked ->
    [one] { $asked } member was asked and has
   *[other] { $asked } members were asked and have
} not answered; { $renewed } renewed so far

status-renewals-doubt = renewals: { $letters ->
    [one] { $letters } letter
   *[other] { $letters } letters
} to send; { $asked ->
    [one] { $asked } member was asked and has
   *[other] { $asked } members were asked and have
} not answered ({ $doubt } in doubt); { $renewed } renewed so far

status-problem = problem: { $words }

status-problem-numbered = problem: { $words } (number { $id })

status-problem-seen = problem: { $words } (number { $id }), acknowledged by { $who }

status-problem-do = { "     " }do: { $remedy }

next-since = { $what } since { $since }

next-why = { $what }: { $why }

problems-never = there was never a problem

problems-none = no problem stands

problem-acknowledged = problem { $id } is acknowledged: { $words }

problem-with = { $title } ({ $object })

problem-title = { $kind }

problem-remedy = { $kind }

demo-title = A season of pre-sales before the winter soldes of { $year }, on a simulated clock. Times are Paris time.

demo-starts = the daemon starts; nothing is due yet

demo-restarts = the daemon is stopped in the middle of the mailing, and started again two minutes later

demo-begun = mailing « { $mailing } » begins: { $planned ->
    [one] { $planned } member consents and is not suppressed
   *[other] { $planned } members consent and are not suppressed
}

demo-missed = mailing « { $mailing } » missed its time: { $why }

demo-expired = mailing « { $mailing } »: { $count } expire unsent

demo-finished = mailing « { $mailing } » has ended: { $counts }

demo-stopped = mailing « { $mailing } » is stopped: { $why }

demo-reaped = { $back ->
    [one] { $back } claim goes back
   *[other] { $back } claims go back
} to the queue, { $doubt } are in doubt

demo-nothing-planned = nothing was planned

demo-leave-by-link = { $count ->
    [one] { $count } member withdraws with the one-click link of the mail
   *[other] { $count } members withdraw with the one-click link of their mail
}

demo-leave-waiting = { $count ->
    [one] { $count } member withdraws while the message waits
   *[other] { $count } members withdraw while their messages wait
} in the queue

demo-gate = the gate is { $is } (a millisecond before: { $was })

demo-gate-soldes = the gate is { $is }, as the soldes begin (a millisecond before: { $was })

demo-account = The account of every delivery:

demo-account-line = planned { $planned } = accepted { $accepted } + refused { $refused } + skipped { $skipped } + expired { $expired } + in doubt { $doubt }

demo-adds-up = { "    " }{ $files ->
    [one] { $files } mail was written,
   *[other] { $files } mails were written,
} { $accepted ->
    [one] { $accepted } delivery accepted
   *[other] { $accepted } deliveries accepted
}: it adds up

demo-does-not-add-up = { "    " }{ $files ->
    [one] { $files } mail was written,
   *[other] { $files } mails were written,
} { $accepted ->
    [one] { $accepted } delivery accepted
   *[other] { $accepted } deliveries accepted
}: IT DOES NOT ADD UP

demo-account-wrong = the account does not add up

demo-mails = The mails:     { $folder } (files; nobody was written to)

demo-gate-file = The gate file: { $folder }

demo-shop = The shop:      { $folder } (try `carillon status` in there)

demo-serve = `carillon demo --serve` keeps the pages and the gate up afterwards

demo-no-winter = the calendar knows no coming winter

demo-page = the page: { $url }

demo-gate-url = the gate: { $url }

demo-ctrl-c = Ctrl-C ends it
