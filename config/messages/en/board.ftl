# The board on the private listener.

board-title = Board

board-sales = The sales

board-no-sales = No sale is applied yet.

board-coming = The next seven days

board-no-coming = Nothing happens in the next seven days.

board-told = Who was told

board-no-told = No mailing has left yet.

board-wrong = What is wrong

board-all-well = Nothing is wrong.

board-to-do = What to do:

board-since = since

board-season = The season

board-letters = The letters as they will look

board-no-letters = No letter is to come.

board-preview = The public page at an instant

board-preview-hint = What everybody will see then. Nothing is changed by looking.

board-which = Which page

board-at = When

board-show = Show

board-list = The list of sales

board-sale = Sale

board-mailing = Mailing

board-state = State

board-when = When

board-waiting = waiting

board-read-only = This page only shows. What is to be done is done with the commands of carillon.

board-skip = To the content

board-back = Back to the board

board-shown-at = As seen on

board-page-frame = The public page then

board-opens = opens on

board-open-until = open until

board-ended = ended on

board-letter-frame = letter `{ $mailing }` ({ $language })

board-law-unread = The legal dates cannot be read, so the season is not shown: { $why }

board-no-store = The store does not answer at the moment. Try again shortly; `carillon doctor` says more.

board-nothing-there = There is nothing of this name.

board-no-instant = This is no day and hour.

board-unwritable = This letter cannot be written; `carillon campaign check` says why.

board-stopped = stopped: the relay refused it

board-seen-by = seen by { $who }

board-filed = { $count ->
    [one] { $count } file in a folder: nobody was written to
   *[other] { $count } files in a folder: nobody was written to
}

board-in-doubt = { $count ->
    [one] { $count } in doubt
   *[other] { $count } in doubt
}

board-outbox = letters do not leave: they are written to `{ $folder }`

board-outbox-remedy = write `transport = "smtp"` below `[mail]` in the configuration, with the relay below `[mail.smtp]`, then start the daemon again

board-severity = { $word ->
    [critical] serious
   *[warning] to be looked at
}
