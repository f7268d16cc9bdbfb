# What is said about `carillon.toml`, and about a shop that is not set up yet.

config-value = `{ $key }` in `[{ $table }]`: { $why }

config-no-web-address = this is no web address: { $why }
    .remedy = write one that begins with https://, such as "https://www.example.fr"

config-address-of-this-machine = this address is not encrypted, and mails are sent for real
    .remedy = write https:// and have the server or the proxy before it answer there

config-address-not-encrypted = this address is not encrypted, and letters and pages lead people there
    .remedy = write https:// and have the server or the proxy before it answer there

config-url-with-query = links begin with it, so it cannot hold `?` or `#`
    .remedy = write the address that the pages begin with, such as "https://news.example.fr"

config-listen = this is not an address and a port
    .remedy = write one such as "127.0.0.1:8080"

config-private-listen = this is neither an address of numbers with a port nor a socket in the file system
    .remedy = write one such as "127.0.0.1:9464" or "unix:carillon.sock"

config-token-unreadable = `{ $path }` cannot be read: { $why }

config-token-unfit = `{ $path }` holds no token: at least { $least } letters, digits and signs without a space

config-check-token-file = write a long random word into the file, as with `openssl rand -hex 24`, and let nobody else read it (`chmod 600`)

config-private-other-machines = other machines can reach this address, and whoever does is told how the shop does
    .remedy = write an address of this machine, such as "127.0.0.1:9464"; or, where a firewall lets only the monitoring through, `other_machines = true` below it

config-lmtp-other-machines = other machines can reach this address, and a mail server that hands mail over there says no password
    .remedy = write an address of this machine, such as "127.0.0.1:2424", or a socket: "unix:/var/spool/postfix/carillon/lmtp"

store-url-unknown = `{ $url }` names no store: expected `sqlite:PATH` or `postgres://USER@HOST/DATABASE`
    .remedy = write a file, "sqlite:carillon.db", or a server, "postgres://…"

store-url-without-postgres = `{ $url }` names no store: this program was built without PostgreSQL; build it with `--features postgres`
    .remedy = write a file, "sqlite:carillon.db", or a server, "postgres://…"

config-password-exposed = there is a password in it, and `{ $path }` is open to others (mode { $mode })
    .remedy = run `chmod 600 { $path }`, or set CARILLON_STORE_URL instead

config-password-perhaps-exposed = there is a password in it, and who may read `{ $path }` cannot be seen: { $why }
    .remedy = set CARILLON_STORE_URL instead

config-backup-days = days from 0 to { $most } are expected
    .remedy = write after how many days without a backup `carillon doctor` is to say so; { $usual } is usual, 0 is never

config-usable = `{ $file }` can be used

config-usual = not set

config-minutes-without-store = minutes from 0 to { $most } are expected
    .remedy = write for how many minutes gates may be answered from memory while the store cannot be reached; { $usual } is usual

config-lifetime = a consent may be relied on for at most 36 months
    .remedy = write a number of months from 1 to 36

config-log-months = deliveries are listed one by one for 1 to 36 months after their mailing
    .remedy = write a number of months from 1 to 36; 12 is usual

config-valid-hours = the signed file of the schedule may be relied on for { $least } to { $most } hours
    .remedy = write a number of hours from { $least } to { $most }; { $usual } is usual

config-leap-days = a leap of the clock is allowed for { $least } to { $most } days
    .remedy = write for how many days the daemon may be stopped before a person must confirm the time; 7 is usual

config-connections = this is not a number from 1 to { $most }
    .remedy = write how many connections there may be at once; { $usual } is usual

config-no-calendars = there is no such folder, so no order in it would count
    .remedy = make the folder, or write where your calendar overrides are

config-no-messages = a connection that carries no message is of no use
    .remedy = write how many messages one connection carries at most, 1 or more; 100 is usual

text-no-rate = this is not a rate
    .remedy = write a whole number and a second, a minute, an hour or a day, such as "1800/min"

text-no-daily-hours = these are no hours of the day
    .remedy = write when they begin and when they end, such as "21:00-08:00"

config-warm-up-none = no letter would leave on the first day, nor on any other
    .remedy = write how many letters leave on the first day, such as 200

config-warm-up-top = this is not more than the { $first_day } of the first day, so there would be no warm-up
    .remedy = write how many letters a day are so many that nobody need count them, or take `[mail.warm_up]` away

config-return-domain = this is not a domain
    .remedy = write a domain whose mail comes to this shop, such as "b.example.fr"

config-no-relay = there is no `[mail.smtp]` to send with
    .remedy = add `[mail.smtp]` with the relay's host and port

config-fallback-of-fallback = a relay that stands in for another has none that stands in for it
    .remedy = write all of them as `[[mail.smtp.fallback]]`, in the order in which they are to be used

config-relay-twice = the relay `{ $relay }` is there already
    .remedy = write another relay, or leave this one away

config-dkim-domain = this is neither `{ $domain }`, the domain of `from`, nor one above it
    .remedy = write one of them: a signature of another domain says nothing about who writes

config-dkim-selector = this is not a name below which a key can be found
    .remedy = write letters, digits and hyphens, such as "carillon1"

config-dkim-record = this is not the name of a key that a relay signs with
    .remedy = write where the DNS has it, such as "mail._domainkey.news.example.fr"

config-dkim-selector-twice = both keys cannot have the same name
    .remedy = write another one, such as "carillon1-ed25519"

config-dkim-half = `{ $other }` is missing beside it
    .remedy = write both, or neither

config-dkim-no-key = `{ $path }` does not hold a private key in PEM, PKCS#8

config-dkim-no-rsa = the key in `{ $path }` is not an RSA key of 2048 to 4096 bits

config-dkim-no-ed25519 = the key in `{ $path }` is not an Ed25519 key

config-dkim-make-rsa = write where the key is, readable by its owner only; `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048` makes one, and `openssl pkcs8 -topk8 -nocrypt` turns an older one into this form

config-dkim-make-ed25519 = write where the key is, readable by its owner only; `openssl genpkey -algorithm ed25519` makes one

config-write-a-mailbox = write an address such as "avant-premieres@news.example.fr"

list-name-unseen = the list's name cannot be shown: { $why }
    .remedy = write a short name such as "Avant-premières Exemple"

list-name-signs = the list's name holds brackets, quotes or commas
    .remedy = write a short name such as "Avant-premières Exemple"

list-id-form = the list's id is not of the form `presale.example.fr`
    .remedy = write one such as "presale.example.fr"

config-password-in-clear = a password would cross the network in clear text
    .remedy = write `security = "starttls"` or "tls"

config-no-password = there is no password for it
    .remedy = name a `password_file`, or set CARILLON_SMTP_PASSWORD

config-password-unreadable = `{ $path }` cannot be read: { $why }

config-check-password-file = check the path and who may read the file, or set CARILLON_SMTP_PASSWORD

config-check-credential = give the service this credential: `LoadCredential={ $name }:FILE` in its unit, see `systemctl edit carillon`

config-no-password-file = there is no password for it
    .remedy = name a `password_file`

config-alerts-nobody = it names nobody to tell
    .remedy = write a mailbox, `mail_to = "ops@example.org"`, a program, `command = ["/usr/local/bin/tell"]`, or remove the section

config-alerts-no-mailbox = there is a relay for alerts, and no mailbox that they go to
    .remedy = write `mail_to = "ops@example.org"` above `[alerts.smtp]`, or remove the relay

config-alerts-no-program = it names no program
    .remedy = write the program and its arguments, such as ["/usr/local/bin/tell", "--urgent"]

config-alerts-hours = this is not a number from { $least } to { $most }
    .remedy = write after how many hours a problem is told again; 24 is usual

config-webhook-not-encrypted = what is told there would not be encrypted
    .remedy = write an https:// address; for a program on this very machine, http://127.0.0.1:PORT/ and `private_addresses = true`

config-webhook-secret-unreadable = `{ $path }` cannot be read: { $why }

config-webhook-no-secret = there is no secret of the form `whsec_` and base64 of 24 to 64 bytes in it

config-write-a-webhook-secret = `printf 'whsec_%s\n' "$(head -c 32 /dev/urandom | base64)"` writes one; let the daemon's user alone read the file

config-put-header = line { $line } of `{ $path }` is no header, or one that Carillon sets itself

config-write-put-headers = write one header a line, such as `x-api-key: 0123`, and let nobody else read the file (`chmod 600`)

config-no-wordings = there is neither `fr.toml` nor `en.toml` in `{ $folder }`
    .remedy = put a copy of `config/consent/fr.toml` there and change it

config-zone = there is no time zone of this name
    .remedy = write one such as "Europe/Paris"

config-rate = this is not a number from 1 to { $most }
    .remedy = remove the section `[join]` to have no sign-ups at all

config-source = a name has 1 to { $longest } letters a-z, digits, or `-`, `_`, `.`, `:`
    .remedy = write names such as "footer"

config-origin = an origin is a scheme and a host, perhaps with a port, and nothing behind it
    .remedy = write the address of the shop’s pages up to the host, such as "https://www.example.fr"

config-absent = there is no `{ $path }` here: the letters were written with the built-in templates for an example shop, and neither the shop's own templates nor its waivers were looked at
    .remedy = run the command in the shop's folder, or name its configuration with `--config`

shop-sample-name = the shop is still called `{ $name }`, as in the sample: so it signs its mails and pages
    .remedy = write your own name, address and links under `[shop]`

shop-example-links = mails and pages would link to { $hosts }, which is nobody's
    .remedy = write your own addresses under `[shop]` and `[public]`, and as `url` in the campaign

configuration-unreadable = cannot read the configuration `{ $path }`; name another with `--config`, or `carillon init` writes one in a new folder

config-brand-colour = this is no colour
    .remedy = write it as "#14433d": red, green and blue, two signs each

config-brand-word = there is nothing of this name
    .remedy = write one of { $words }

config-logo-unreadable = `{ $path }` cannot be read: { $why }
    .remedy = check the path, which begins at the folder of this file, and who may read the picture

config-logo-alone = there is no `{ $key }` that this is the dark one of
    .remedy = name the logo for light ground under `{ $key }`

config-letter-logo-drawn = Gmail and Outlook show no drawing
    .remedy = write a PNG of the logo, twice as large as it is to be seen

picture-too-large = the picture is larger than { $most } kB
    .remedy = export it smaller: a logo is shown 220 pixels wide at most, a photograph about 1,200

picture-no-logo = this is neither an SVG nor a PNG
    .remedy = export the logo as one of these

picture-no-photo = this is neither a JPEG nor a PNG
    .remedy = export the picture as one of these

picture-size = the picture does not say how wide and how high it is
    .remedy = export it with a `viewBox`, or as a PNG

picture-broken = the picture is cut off or damaged: nobody could show it
    .remedy = copy or export it again

picture-active = the drawing holds a program, or loads something from elsewhere
    .remedy = export it as plain SVG, with its letters as outlines

picture-address = the address of the pages is too long for a picture below it
    .remedy = see `url` in `[public]`

brand-darker-words = on light ground links and other words have { $shade }, because { $colour } is too pale to be read there
    .remedy = nothing; write a darker `colour` in `[brand]` to choose the shade yourself

brand-darker-buttons = buttons have { $shade }, because white words on { $colour } cannot quite be read
    .remedy = nothing; write a darker `colour` in `[brand]` to choose the shade yourself

config-no-pictures = there is no such folder
    .remedy = make the folder, put the pictures of the sales into it, and read the configuration again

config-picture = `{ $path }`: { $why }

config-shop-language = it is neither `fr` nor `en`
