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

status-mail = mail: { $warning }

status-relay = relay: { $learned }

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

problems-none = no problem stands; whether a daemon runs, `carillon status` asks

problem-acknowledged = problem { $id } is acknowledged: { $words }

problem-with = { $title } ({ $object })

problem-title = { $kind }

problem-remedy = { $kind }
