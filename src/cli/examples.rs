//! Examples of every command, with which its help ends; and what holds for all of them.

use std::fmt::Write as _;

use clap::Command;

use super::exit::Exit;
use super::help::told;
use crate::language::InterfaceLanguage;
use crate::phrase;
use crate::phrase::in_words;

/// What a person types, and what it does. They stand in the order of the commands.
pub const EXAMPLES: &[(&str, &str)] = &[
    ("carillon alert test", "Tells you that nothing is wrong, by every way that is set, and what came of it"),
    ("carillon alert test --config /etc/carillon/carillon.toml", "The same of a shop in another folder"),
    ("carillon bounce classify report.eml", "What one report says, and what would follow"),
    ("carillon bounce classify --json reports/*.eml", "The same of many, for a program"),
    (
        "carillon bounce ingest - < report.eml",
        "Takes in a message that came back, as a mail server does through a pipe",
    ),
    (
        "carillon bounce ingest --recipient 'b+42.0123456789abcdef@b.example.fr' report.eml",
        "The same, with the address that it came to",
    ),
    ("carillon calendar list --market FR --channel online", "The sales of this year and the next, for online shops"),
    ("carillon calendar list --market FR-57 --from 2027-01-01 --to 2027-12-31", "The same for shops in the Moselle"),
    ("carillon calendar explain --market FR --channel online 2027-01-06", "Which sale that day belongs to, and why"),
    ("carillon calendar explain --market BE 2026-12-10 --law", "The same with everything else that the law asks"),
    ("carillon calendar check", "What nobody has published yet, in every country"),
    ("carillon calendar check --market FR --market BE", "The same for two of them"),
    ("carillon calendar ics --market FR > soldes.ics", "A file that a calendar program opens"),
    ("carillon calendar ics --market BE --channel store > solden.ics", "The same for shops in Belgium"),
    ("carillon calendar markets", "Every country, and every part of one that has rules of its own"),
    ("carillon calendar markets --json", "The same for a program"),
    (
        "carillon calendar override add --market FR-57 --season winter --year 2028 --first-day 2028-01-03 \\\n      \
         --last-day 2028-01-30 --source https://www.example.org/arrete",
        "An order that was published today",
    ),
    (
        "carillon calendar override add --market FR --season summer --year 2028 --first-day 2028-06-28 \\\n      \
         --last-day 2028-07-25 --source https://www.example.org/arrete --who \"Camille Exemple\"",
        "Another one, with the name of who answers for it",
    ),
    ("carillon campaign new journees-magiques-hiver-2027", "Writes `journees-magiques-hiver-2027.toml`"),
    ("carillon campaign new", "Asks five questions, shows the law as you answer, and writes the file"),
    (
        "carillon campaign new --title \"Les journées magiques\" --market FR --mail announcement",
        "The same without questions",
    ),
    ("carillon campaign new ete-2027 --out campagnes/ete.toml", "Writes it to a file of your choice"),
    ("carillon campaign copy hiver-2027", "Writes `hiver-2028.toml`, and lists what it could not know"),
    ("carillon campaign copy hiver.toml --season summer.2028 --out ete.toml", "From a file, for the summer sales"),
    ("carillon campaign drafts", "The next editions that wait for a person"),
    ("carillon campaign drafts --json", "The same for a program"),
    ("carillon campaign draft hiver-2028 --out hiver-2028.toml", "Writes the file of one of them"),
    ("carillon campaign draft hiver-2028 --dismiss --who \"Camille Exemple\"", "Does not want it this time"),
    ("carillon campaign check hiver.toml", "Says what is wrong, where, under which law, and what to write instead"),
    ("carillon campaign check --json hiver.toml printemps.toml", "The same about two files, for a program"),
    ("carillon campaign plan hiver.toml", "What would change, and whom the mailings would reach"),
    ("carillon campaign plan hiver.toml --out hiver.plan", "The same, kept for the one who applies it"),
    ("carillon campaign plan hiver.toml --json", "The same for a program"),
    ("carillon campaign apply hiver.toml", "Makes it so"),
    ("carillon campaign apply --plan hiver.plan", "Does what that plan showed, or nothing"),
    ("carillon campaign apply hiver.toml --although-told", "Moves an opening that people have been told"),
    (
        "carillon campaign waive hiver.toml --rule words.soldes-outside-period \\\n      \
         --words \"Soldes de la raison\" --reason \"title of a novel, checked by legal on 2 December\"",
        "Goes ahead although the check found these words",
    ),
    (
        "carillon campaign waive hiver.toml --rule blackout.announcement \\\n      \
         --reason \"allowed by the ministry, letter of 4 November\"",
        "Goes ahead although the law of the market forbids the day, with a reason that others can judge",
    ),
    ("carillon campaign unwaive hiver --rule words.soldes-outside-period", "Takes it back; the words are found again"),
    (
        "carillon campaign unwaive hiver --rule blackout.announcement --who \"Camille Exemple\"",
        "The same of another rule, under a name that the audit log keeps",
    ),
    ("carillon campaign approve", "What waits for somebody else, and by when"),
    ("carillon campaign approve hiver --look", "What approving it would change"),
    ("carillon campaign approve hiver --who \"Noor Exemple\"", "Applies what another person asked for"),
    ("carillon campaign list", "One line for each campaign: its gate, its mailings, its window"),
    ("carillon campaign list --json", "The same for a program"),
    ("carillon campaign show hiver", "Everything about one of them"),
    ("carillon campaign show hiver --json", "The same for a program"),
    ("carillon campaign pause hiver", "Nothing more is sent until it is resumed"),
    ("carillon campaign pause hiver --who \"Camille Exemple\"", "The same, under a name that the audit log keeps"),
    ("carillon campaign resume hiver", "Sends what still may leave"),
    ("carillon campaign resume hiver --who \"Camille Exemple\"", "The same, under a name that the audit log keeps"),
    ("carillon campaign cancel hiver", "Says what would be lost, and changes nothing"),
    ("carillon campaign cancel hiver --yes --reason \"the goods have not arrived\"", "Cancels it, and keeps why"),
    ("carillon campaign history hiver", "What was applied when, and what each version changed"),
    ("carillon campaign history hiver --json", "The same for a program"),
    ("carillon campaign revert hiver --to 2", "Writes the file of the second version back"),
    ("carillon campaign revert hiver --to 2 --out hiver-avant.toml", "Writes it to another file"),
    ("carillon campaign timeline", "The season to come, drawn in the terminal"),
    ("carillon campaign timeline --from 2027-01-01 --to 2027-01-31", "What happens in January"),
    ("carillon campaign timeline --out season.html", "One page to print or to send; also .svg, and .ics for calendars"),
    ("carillon clock", "The time here, the newest time that was believed, and whether they fit"),
    ("carillon clock --json", "The same for a program"),
    ("carillon clock confirm", "Shows the time and asks whether it is right"),
    ("carillon clock confirm --yes", "Says that it is right without being asked"),
    ("carillon config check", "Whether the daemon could use the configuration, and else what is wrong, with its line"),
    ("carillon config check --show", "Every setting, with the line or the variable that it is from"),
    ("carillon consent verify", "Whether the ledger is whole"),
    ("carillon consent verify --anchor /mnt/elsewhere/carillon.anchors", "The same, against a copy of the anchors too"),
    ("carillon consent anchor", "Adds an anchor now; the daemon adds one each day"),
    ("carillon consent anchor --begin-anew", "Begins another file, when the old one is lost for good"),
    ("carillon consent public-key", "For those who are to check anchors"),
    ("carillon consent public-key > anchors.pub.pem", "A file that is handed over with the anchors"),
    ("carillon consent check-anchors carillon.anchors --public-key anchors.pub.pem --json", "The same for a program"),
    (
        "carillon consent check-anchors carillon.anchors --public-key anchors.pub.pem",
        "On any machine, without the store",
    ),
    ("carillon consent prove camille@example.fr", "Who agreed to what, when and how"),
    ("carillon consent prove - < addresses.txt", "The same of several people, whose addresses no history keeps"),
    ("carillon consent prove camille@example.fr --page proof.html", "The same as a page to print or hand over"),
    ("carillon consent rebuild", "Corrects what does not follow from the ledger"),
    ("carillon consent rebuild --json", "The same for a program"),
    ("carillon db migrate", "After an upgrade, while no daemon runs"),
    ("carillon db migrate --config /etc/carillon/carillon.toml", "The same of a shop in another folder"),
    ("carillon db backup /backup/carillon.db", "A consistent copy, while the daemon runs"),
    ("carillon db backup --made-elsewhere", "Notes that `pg_dump` or another tool has made one"),
    ("carillon db backup carillon-2027-01-02.db", "A copy in this folder"),
    ("carillon db restore /backup/carillon.db", "Where the store is lost: the backup takes its place"),
    ("carillon db restore /backup/carillon.db --yes", "In the place of a store, which is kept beside it"),
    ("carillon db restore --done-elsewhere", "The rest, after `pg_restore`"),
    ("carillon db check", "Whether the store is whole"),
    ("carillon db check --config /etc/carillon/carillon.toml", "The same of a shop in another folder"),
    ("carillon gate show", "What is open now"),
    ("carillon gate show hiver --at 2027-01-02T08:00", "Whether it will be open then"),
    ("carillon gate export --out public/carillon", "The signed schedule and its keys, for a web server to serve"),
    ("carillon gate export", "Into the folder that `[gate]` names"),
    ("carillon gate verify public/carillon/gates.jwt", "Whether that file is ours and still valid"),
    ("carillon gate verify gates.jwt --jwks jwks.json", "The same in the shop, which has no secret keys"),
    ("carillon keys list", "The ids of the keys, the current one first"),
    ("carillon keys list --json", "The same for a program"),
    ("carillon keys rotate", "Makes a new key the current one, while no daemon runs"),
    ("carillon keys rotate --who \"Camille Exemple\"", "The same, under a name that the audit log keeps"),
    ("carillon list show", "Every list, how many people are on it, and how many of them may be written to"),
    ("carillon list show club", "Since when people are on one of them, and by which file or command"),
    (
        "carillon list add club --file club.txt --reason \"took a card at the till in 2026\"",
        "Puts members on a list; who is no member is named by line, and not made one",
    ),
    ("carillon list add club camille@example.fr --reason \"asked for it by telephone\"", "One person"),
    ("carillon list remove club camille@example.fr", "No letter to the list leaves for Camille any more"),
    ("carillon list remove club --file gone.txt", "Everybody whom a file names"),
    ("carillon list delete club", "Says how many would be taken off it, and changes nothing"),
    ("carillon list delete club --yes", "Removes it; its people stay members"),
    ("carillon mail preview opening", "The letter of an example sale, as HTML, text and a whole message"),
    (
        "carillon mail preview --campaign hiver.toml --open",
        "Every letter of your campaign on one page, in your browser",
    ),
    ("carillon mail preview announcement --campaign hiver.toml --language fr", "The letter of your own campaign"),
    ("carillon mail test camille@example.net opening", "Sends one to yourself"),
    ("carillon mail test camille@example.net announcement --language fr", "The French one that announces a sale"),
    ("carillon mail lint", "Checks the templates in use"),
    ("carillon mail lint mail-preview/opening.fr.eml", "Checks a finished message"),
    ("carillon mail lint --market BE --market NL", "Checks them as Belgian and Dutch law read them"),
    ("carillon mail dkim-record", "Lines for the zone of your domain, as a name server reads them"),
    ("carillon mail dkim-record > dkim.zone", "A file for whoever keeps the zone"),
    ("carillon mail queue --campaign hiver --state in-doubt", "Which deliveries to look up in the relay's log"),
    ("carillon mail queue --state refused", "Which ones the relay refused, and why"),
    ("carillon mail report hiver", "How many were accepted, refused, are waiting …"),
    ("carillon mail report --csv", "The same of every campaign, for a spreadsheet"),
    ("carillon mail report --json", "All campaigns, for a program"),
    ("carillon mail retry hiver", "Tries again now, after the relay was mended"),
    ("carillon mail retry hiver --mailing announcement --only refused", "Tries what the relay refused once more"),
    ("carillon mail retry hiver --provider Orange", "Goes on with the part that Orange had refused"),
    ("carillon mail resolve 4711 --as arrived", "The relay's log has it: the message was delivered"),
    ("carillon mail resolve --relay-log /var/log/mail.log", "Looks all of them up in the relay's log"),
    ("carillon mail resolve --restored", "After a backup of the store was put back"),
    ("carillon member import members.csv --dry-run", "Says what would happen"),
    ("carillon member import subscribed.csv --from mailchimp --language fr", "An export of another program"),
    ("carillon member import members.csv --column address=EMAIL --zone Europe/Paris", "A file with columns of its own"),
    ("carillon member import clientes.xlsx --sheet Inscrites", "A sheet of a workbook"),
    (
        "carillon member import metz.csv --list metz --list clientes-2026",
        "Puts everybody in the file on two lists, too",
    ),
    ("carillon member list --state withdrawn", "Who has left, by pseudonym"),
    ("carillon member list --list club", "Who is on a list, with masked addresses"),
    ("carillon member list --json", "Everybody, for a program"),
    ("carillon member show camille@example.fr", "What is held about Camille"),
    ("carillon member show - < addresses.txt", "Several people, whose addresses no history keeps"),
    ("carillon member export camille@example.fr", "The answer to a request for access, as JSON"),
    ("carillon member export camille@example.fr > camille.json", "The same as a file to hand over"),
    ("carillon member withdraw camille@example.fr", "One person, who has asked you"),
    ("carillon member withdraw --file opt-outs.csv", "A list from another program"),
    ("carillon member erase camille@example.fr", "Says what would be destroyed, and changes nothing"),
    ("carillon member erase camille@example.fr --yes", "Destroys it"),
    ("carillon member retention --dry-run", "What goes today, what goes next, and when"),
    ("carillon member retention --json", "The same for a program"),
    ("carillon price import prices.csv", "Adds what is new in the file"),
    (
        "carillon price import export.csv --column sku=Reference --value market=FR",
        "A file with columns of its own names, all of it for France",
    ),
    ("carillon price import prices.xlsx --sheet 2", "From the second sheet of a workbook"),
    ("carillon price import prix.csv --encoding windows-1252", "A file that a spreadsheet saved the old way"),
    ("carillon law", "Every rule, with its text of law"),
    ("carillon law words.last-days --market FR", "One rule, and all that is known of it in France"),
    ("carillon price check offers.csv --market FR --at 2027-01-02T08:00", "Prices that will apply from then on"),
    (
        "carillon price correct BOT-1 --from 2026-11-06 --price 89.90 --reason \"see invoice 4711\"",
        "What was typed stays, and beside it what was charged",
    ),
    (
        "carillon price correct BOT-2 --from 2026-09-01 --price 129.00 --market BE --reason \"typed twice\"",
        "The same of a price in Belgium",
    ),
    ("carillon price check --campaign hiver", "The offers of a campaign, in all its markets"),
    ("carillon problem list", "What is wrong now, and since when"),
    ("carillon problem list --all", "Those that have ended, too"),
    ("carillon problem acknowledge 12 13", "You know about these two"),
    ("carillon problem acknowledge 12 --who \"Camille Exemple\"", "The same, under a name that the audit log keeps"),
    ("carillon demo", "A whole season in a few seconds"),
    ("carillon demo --serve", "The same, and then its pages at http://127.0.0.1:8080/"),
    ("carillon rehearse", "What is applied, from today until the last campaign is over"),
    (
        "carillon rehearse hiver.toml --from 2026-12-20 --law arrete.toml",
        "A file that is not applied yet, and an order that moves its dates",
    ),
    ("carillon init shop", "A new folder `shop` with everything to start from"),
    ("carillon init", "The same in the folder that you are in"),
    ("carillon run", "In the shop's folder, until it is told to stop"),
    ("carillon run --log debug", "With everything in its log"),
    ("carillon --config /var/lib/carillon/carillon.toml run --log-json", "For a service manager that collects logs"),
    ("carillon doctor", "What is not well, and what to do about it: after an installation, a move, an upgrade"),
    ("carillon doctor --json", "The same for a program"),
    ("carillon doctor --resolver 192.0.2.53", "The same, with what the DNS says outside of this network"),
    ("carillon doctor --letter copy.eml", "How a letter that came to your mailbox is signed, besides"),
    ("carillon status", "The whole picture"),
    ("carillon status --next 7d", "What happens in the next seven days"),
    ("carillon status --check", "One line and an exit code, for a monitor"),
    ("carillon completions bash > ~/.local/share/bash-completion/completions/carillon", "For one user, in bash"),
    ("carillon completions zsh > ~/.zfunc/_carillon", "For zsh, where `~/.zfunc` is in `fpath`"),
    ("carillon man | man -l -", "The first page"),
    ("carillon man --out /usr/local/share/man/man1", "A page for each command"),
    ("carillon man --lang fr --out /usr/local/share/man/fr/man1", "The same in French"),
];

/// What somebody types who has never typed anything here.
pub const FIRST_STEPS: [(&str, &str); 3] = [
    ("carillon demo", "A whole season in a few seconds; nobody is written to"),
    ("carillon init shop", "A folder with everything to start from"),
    ("carillon COMMAND --help", "What a command does, with examples"),
];

/// What each exit code means. `carillon status --check` has codes of its own, those of a monitor's plug-in.
pub const EXIT_CODES: [(Exit, &str); 6] = [
    (Exit::Done, "it did what it was asked"),
    (Exit::Refused, "it did not, for a reason that it states: a finding, something that is not there, a refused row"),
    (Exit::Usage, "the command line or the configuration is wrong"),
    (Exit::Unreachable, "a file, the store or the relay could not be reached: trying again makes sense"),
    (Exit::Interrupted, "a signal ended it"),
    (Exit::TryLater, "`bounce ingest` could not take the message in: the mail server keeps it and tries again"),
];

/// What is read from the environment.
pub const ENVIRONMENT: [(&str, &str); 5] = [
    ("CARILLON_CONFIG", "the configuration file, where `--config` is not given"),
    ("CARILLON_USER", "who runs the command, where `--who` is not given; the account's name where neither is"),
    ("CARILLON_STORE_URL", "the store, instead of `url` in `[store]`: a password need not stand in a file"),
    ("CARILLON_SMTP_PASSWORD", "the password for the relay, instead of a file"),
    ("CARILLON_LOG", "how much `carillon run` logs, where `--log` is not given"),
];

/// Ends the help of `command` and of all below it with examples, explained in `language`.
pub(super) fn add_to(command: Command, language: InterfaceLanguage) -> Command {
    let steps = lines(FIRST_STEPS.iter(), language).join("\n");
    let codes: String = EXIT_CODES.iter().fold(String::new(), |mut text, (exit, meaning)| {
        let _ = writeln!(text, "  {}  {}", *exit as u8, told(meaning, language));
        text
    });
    let (first, last) = (phrase!("help-first-steps"), phrase!("help-exit-codes"));
    let (first, last) = (in_words(&first, language), in_words(&last, language));
    command
        .mut_subcommands(|below| add_below(below, "carillon", language))
        .after_help(format!("{first}\n{steps}\n\n{last}\n{codes}"))
}

fn add_below(command: Command, above: &str, language: InterfaceLanguage) -> Command {
    let path = format!("{above} {}", command.get_name());
    let command = command.mut_subcommands(|below| add_below(below, &path, language));
    let shown = of(&path, language);
    if shown.is_empty() {
        return command;
    }
    let heading = in_words(&phrase!("help-examples"), language);
    command.after_help(format!("{heading}\n{}", shown.join("\n")))
}

/// The examples of the command `path` as they stand in its help. A command that has others below it has theirs.
fn of(path: &str, language: InterfaceLanguage) -> Vec<String> {
    let words = format!("{path} ");
    lines(EXAMPLES.iter().filter(|(typed, _)| format!("{typed} ").starts_with(&words)), language)
}

fn lines<'a>(examples: impl Iterator<Item = &'a (&'a str, &'a str)>, language: InterfaceLanguage) -> Vec<String> {
    examples.map(|(typed, what)| format!("  {}\n      {}", typed_in(typed, language), told(what, language))).collect()
}

/// A command as somebody who speaks `language` types it: the reasons in it are in their words.
fn typed_in(typed: &str, language: InterfaceLanguage) -> String {
    reasons(typed).fold(typed.to_owned(), |typed, reason| typed.replace(reason, &told(reason, language)))
}

/// The reasons that a command gives.
pub(super) fn reasons(typed: &str) -> impl Iterator<Item = &str> {
    typed.split("--reason \"").skip(1).filter_map(|after| after.split_once('"')).map(|(reason, _)| reason)
}
