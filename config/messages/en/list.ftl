# Lists of members: who is on them, whom a mailing to them reaches, and the commands of `carillon list`.

list-reason-address = the reason holds an address, which would stay when the person is erased: say why, and not who

list-unknown = there is no list `{ $list }`; there are { $known }

list-unknown-none = there is no list `{ $list }`, and none at all yet

list-unknown-remedy = mend the name, or make the list: `carillon list add { $list } --file FILE --reason "…"`, or `carillon member import FILE --list { $list }`

list-empty = nobody is on the list `{ $list }`: `{ $mailing }` would reach nobody by it

list-reaches-nobody = { $people ->
    [one] { $people } person is
   *[other] { $people } people are
} on the list `{ $list }`, and none of them may be written to today: `{ $mailing }` would reach nobody by it

mailing-kept-out = `{ $mailing }` would reach nobody: { $people ->
    [one] the only person who could be written to is
   *[other] all { $people } people who could be written to are
} on a list that `not` leaves out ({ $lists })

mailing-kept-out-remedy = take the wrong list out of `not`; `carillon list show { $list }` says who is on it

list-empty-remedy = `carillon list add { $list } --file FILE --reason "…"` puts members on it; `carillon list show { $list }` says who is on it

list-count = { $reached } of { $people } on `{ $list }`

members-reached-on-lists = `{ $mailing }` would be written to { $people ->
    [one] { $people } person
   *[other] { $people } people
} today: { $letters }; { $lists }
    .remedy = nothing; whom it is written to is settled when it begins, and whoever has left the list by the hand-over gets nothing

members-left-out = `{ $mailing }` is not for { $parts }
    .remedy = nothing, if that is meant

left-out-unconfirmed = { $count } who have not confirmed

left-out-left = { $count } who left

left-out-run-out = { $count } whose consent has run out

left-out-paused = { $count } who asked for a pause

left-out-barred = { $count } who are on the suppression list

left-out-kept-out = { $count } who are on a list that it leaves out

left-out-elsewhere = { $count } who are on none of its lists

lists-none = there is no list yet; `carillon list add LIST` and `carillon member import FILE --list LIST` make one

list-shown = { $list }: { $people ->
    [one] { $people } person
   *[other] { $people } people
}, of whom { $reached } may be written to today

list-act = { $people } since { $on }, { $how }

list-by-import = from the file { $file }, imported by { $who }

list-by-command = by { $who }: { $reason }

list-mailing = `{ $mailing }` of `{ $campaign }` goes to it

list-of-member = list       { $list } since { $since }, { $how }

list-added = put on `{ $list }`: { $done }; on it before: { $already }; left: { $left }; no members: { $unknown }

list-removed = taken off `{ $list }`: { $done }; not on it: { $already }; no members: { $unknown }

list-no-member = no member has this address or pseudonym, and nobody is made one by a list

list-new = the list `{ $list }` is new

list-a-file = `{ $file }` is a file; `--file { $file }` reads it

list-awaited = the list `{ $list }` is awaited by { $mailings }: cancel the campaign, or apply it with another `to`, first

list-deleted = the list `{ $list }` is removed; { $people ->
    [one] { $people } person was
   *[other] { $people } people were
} on it

list-not-deleted = { $people ->
    [one] { $people } person is
   *[other] { $people } people are
} on the list `{ $list }`; nothing was changed: `carillon list delete { $list } --yes` removes it

import-listed = on the list `{ $list }` since now: { $count }

import-would-be-on = on the list `{ $list }` afterwards: { $count }
