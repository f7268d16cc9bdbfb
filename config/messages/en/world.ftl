# What `carillon doctor` says of what the world knows of this shop.

dns-absent = there is none

dns-several = there are { $count }, where one may be

dns-word = `{ $word }` in it is not understood

dns-lookups = it takes { $count } lookups, and 10 are the most

dns-lacks = it has no `{ $tag }=`

dns-revoked = the key in it is empty, which takes it back

dns-no-name = that is no name that can be asked for

dns-silent = nobody answers ({ $servers })

dns-failed = { $servers } cannot say ({ $code })

dns-machine = this machine has no random numbers

doctor-dns-unasked = what the DNS has at `{ $name }` ({ $kind }) is not known: { $why }
    .remedy = see whom this machine asks (`/etc/resolv.conf`), or ask somebody else: `carillon doctor --resolver ADDRESS`

doctor-dns-no-resolver = whom this machine asks is not known: `/etc/resolv.conf` cannot be read: { $why }
    .remedy = let the daemon’s user read it, or ask somebody else: `carillon doctor --resolver ADDRESS`

doctor-spf-good = `{ $domain }` says who may send for it, and of everybody else `{ $all }`; whether your relay is named is not looked at

doctor-spf-elsewhere = `{ $domain }` has `{ $other }` say who may send for it; whether your relay is named is not looked at

doctor-spf-loose = the SPF record of `{ $domain }` says nothing of those whom it does not name
    .remedy = end it with `-all` or `~all`

doctor-spf-open = the SPF record of `{ $domain }` lets everybody send for it (`+all`)
    .remedy = name the relay’s addresses, and end it with `-all`

doctor-spf-wrong = the SPF record of `{ $domain }` cannot be used: { $why }
    .remedy = publish one TXT record at `{ $domain }`, such as `v=spf1 ip4:192.0.2.1 -all`, with the addresses that the relay sends from

doctor-dkim-own = `{ $name }` has the key that letters are signed with here ({ $algorithm })

doctor-dkim-relay = `{ $name }` has a key ({ $kind }) for the relay; whether it signs with it, `carillon mail lint` sees in a delivered copy

doctor-dkim-tried = the key at `{ $name }` says that it is being tried (`t=y`), so that receivers take its signatures for none
    .remedy = take `t=y` out of the record when the signatures are good

doctor-dkim-other = `{ $name }` has another key than the one that letters are signed with here, so that no signature is good
    .remedy = publish what `carillon mail dkim-record` prints

doctor-dkim-wrong = the key at `{ $name }` cannot be used: { $why }
    .remedy-own = publish what `carillon mail dkim-record` prints
    .remedy-relay = have whoever looks after the relay publish its key there, or mend `dkim_record`

doctor-dkim-unknown = letters are not signed here, and where the DNS has the relay’s key is not written
    .remedy = write it as `dkim_record` of `[mail.smtp]`, such as "mail._domainkey.{ $domain }"; or sign here: docs/mail.md

doctor-dmarc-good = `{ $place }` asks receivers for `{ $policy }`

doctor-dmarc-wrong = the DMARC record at `{ $place }` cannot be used: { $why }
    .remedy = publish one TXT record there that begins with `v=DMARC1; p=none`; large mailbox providers ask every sender of many mails for it

doctor-return-good = what comes back to `{ $domain }` goes to { $hosts }

doctor-return-nobody = nobody takes mail for `{ $domain }`: the DNS has neither an MX record nor an address for it, so that no report of undelivered mail arrives
    .remedy = publish an MX record for it, see docs/bounces.md; many relays refuse a sender that nobody can answer

doctor-return-refused = `{ $domain }` says that it takes no mail, so that no report of undelivered mail arrives
    .remedy = publish an MX record that names the machine that takes it, see docs/bounces.md

doctor-return-lost = `{ $host }`, which is to take mail for `{ $domain }`, has no address
    .remedy = mend its name in the MX record, or give it an address

doctor-public-unknown = the DNS has no address for `{ $host }`, to which all links lead
    .remedy = publish its address, or write another `url` in `[public]`

doctor-backup-good = the latest copy was made on { $at }

doctor-backup-old = the latest copy was made on { $at }, more than { $days } days ago
    .remedy = `carillon db backup FILE` makes one; see docs/operations.md for how often, and where to
    .remedy-server = make one as your tools do it, then say so: `carillon db backup --made-elsewhere`; see docs/operations.md

doctor-backup-never = no copy was ever made, as far as the store knows
    .remedy = `carillon db backup FILE` makes one; see docs/operations.md for how often, and where to
    .remedy-server = make one as your tools do it, then say so: `carillon db backup --made-elsewhere`; see docs/operations.md

doctor-files-shut = the record of departures and what lies beside the store are their owner’s alone

doctor-file-open = `{ $file }` is open to others (mode { $mode })
    .remedy = run `chmod 600 { $file }`, see who made it so, and who may have read it

doctor-time-kept = a time service keeps this machine’s clock

doctor-time-unseen = whether a time service keeps the clock cannot be seen here; in a container its host does

doctor-time-not-kept = no time service keeps this machine’s clock, and everything here goes by it
    .remedy = have one keep it, such as `systemd-timesyncd` or `chrony`; `timedatectl` shows how it stands

doctor-clocks-agree = the server of the store, and the daemons, show the same time

doctor-clock-of-server = the server of the store shows a time that is { $seconds } s away from this machine’s
    .remedy = see which of them a time service keeps, and set the other right

doctor-clock-of-daemon = another daemon has written a time that is { $seconds } s ahead of this machine’s
    .remedy = see which of the machines a time service keeps, and set the other right

doctor-zones-ours = the machine has no time zones; those of this program are used ({ $ours })

doctor-zones-unnamed = unnamed version

doctor-zones-agree = the machine’s ({ $theirs }) and those of this program ({ $ours }) have the same hours wherever this shop has any

doctor-zones-differ = the machine’s ({ $theirs }) have other hours than those of this program ({ $ours }) for { $zones }
    .remedy = bring the machine’s up to date (on Debian the package `tzdata`), then start the daemon again; the machine’s are used
