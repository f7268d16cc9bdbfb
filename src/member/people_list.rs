//! A list of people as a person or another program wrote it: who is meant on each line.
//!
//! Most such lists hold those who left elsewhere. A line that a human can read must not be lost there, so all that
//! programs put around an address is taken off; what is still in doubt is handed back with its line and the reason, and
//! never guessed.

use super::{Address, AddressError, Pseudonym, read_unsubscribe_token};
use crate::keys::Keyring;
use crate::phrase::{Phrase, Spoken};
use crate::table::lines;
use crate::{phrase, spoken_errors};

/// What stands between the columns of a line.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// How every token of an unsubscribe link begins.
const TOKEN: &str = "v1.";

/// A person as a list names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonNamed {
    /// By the name in the ledger.
    Pseudonym(Pseudonym),
    /// By address.
    Address(Address),
}

/// Why nobody was taken from a line. Never says what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It holds no address that mail can be sent to.
    Address(AddressError),
    /// It names several people: who of them left?
    Several,
    /// It holds an unsubscribe link that was not made with our keys.
    Link,
    /// It is a comment, and holds an address all the same.
    Comment,
}

spoken_errors!(Unread);

impl Spoken for Unread {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Address(error) => error.phrase(),
            Self::Several => phrase!("unread-several"),
            Self::Link => phrase!("unread-link"),
            Self::Comment => phrase!("unread-comment"),
        }
    }
}

/// A line from which nobody was taken.
#[derive(Clone, PartialEq, Eq)]
pub struct UnreadLine {
    /// Its number, from 1.
    pub line: usize,
    /// What it says: personal data.
    pub text: String,
    /// Why.
    pub why: Unread,
}

/// What a list says.
#[derive(Clone, Default)]
pub struct PeopleList {
    /// Who is named, in the order of the lines.
    pub people: Vec<PersonNamed>,
    /// The line of each, from 1.
    pub lines: Vec<usize>,
    /// The lines from which nobody was taken. Empty lines, comments and a header are none of them.
    pub unread: Vec<UnreadLine>,
}

impl PeopleList {
    /// Reads a list, one person to a line, in any usual encoding. `keyring` tells whose the unsubscribe links are.
    pub fn read(bytes: &[u8], keyring: &Keyring) -> Self {
        let mut list = Self::default();
        let mut first = true;
        let mut header = None;
        for (at, text) in lines(bytes).into_iter().enumerate() {
            let shown: String = text.chars().filter(|letter| !is_invisible(*letter)).collect();
            let line = shown.trim();
            let comment = line.starts_with('#') || line.starts_with("//");
            let named = match named(line, header.as_ref(), keyring) {
                _ if line.is_empty() || is_separator_line(line) => continue,
                Ok(_) if comment => Err(Unread::Comment),
                Err(_) if comment => continue,
                Err(_) if std::mem::take(&mut first) && !line.contains('@') && is_header(line) => {
                    header = Header::of(line);
                    continue;
                }
                named => named,
            };
            first = false;
            match named {
                Ok(person) => {
                    list.people.push(person);
                    list.lines.push(at + 1);
                }
                Err(why) => list.unread.push(UnreadLine { line: at + 1, text, why }),
            }
        }
        list
    }
}

/// The column of a list that holds the people, where its header names one such column.
struct Header {
    delimiter: char,
    columns: usize,
    address: usize,
}

impl Header {
    fn of(line: &str) -> Option<Self> {
        let delimiter = DELIMITERS.into_iter().max_by_key(|delimiter| line.matches(*delimiter).count())?;
        let cells: Vec<&str> = line.split(delimiter).collect();
        let mut named = cells.iter().enumerate().filter(|(_, cell)| names_addresses(cell));
        match (named.next(), named.next()) {
            (Some((address, _)), None) => Some(Self { delimiter, columns: cells.len(), address }),
            _ => None,
        }
    }

    /// The address in that column of `line`, when it has the columns of the header.
    fn address(&self, line: &str) -> Option<Address> {
        let cells: Vec<&str> = line.split(self.delimiter).collect();
        let cell = cells.get(self.address).filter(|_| cells.len() == self.columns)?;
        let found = distinct(words(cell).filter_map(|word| word.parse().ok()));
        found.first().filter(|_| found.len() == 1).cloned()
    }
}

/// Who is meant on one line. A second address may be another person's who left, or that of whoever wrote it down.
fn named(line: &str, header: Option<&Header>, keyring: &Keyring) -> Result<PersonNamed, Unread> {
    let cells = line.split(DELIMITERS).filter(|cell| cell.chars().any(char::is_alphanumeric));
    let addresses = distinct(cells.flat_map(words).filter_map(|word| word.parse().ok()));
    let links = links(line, keyring);
    match (addresses.as_slice(), links.as_slice()) {
        ([], [member]) => Ok(PersonNamed::Pseudonym(*member)),
        ([], []) if line.contains("/u/v1.") => Err(Unread::Link),
        ([], []) => pseudonym(line).map(PersonNamed::Pseudonym).ok_or_else(|| fault(line)),
        ([address], []) => Ok(PersonNamed::Address(address.clone())),
        (_, []) => header.and_then(|header| header.address(line)).map(PersonNamed::Address).ok_or(Unread::Several),
        _ => Err(Unread::Several),
    }
}

/// Whose unsubscribe links stand on the line, as in the log of a proxy. A link proves itself.
fn links(line: &str, keyring: &Keyring) -> Vec<Pseudonym> {
    let mut members = Vec::new();
    for (at, _) in line.match_indices(TOKEN) {
        let member = line.get(at..).and_then(|text| read_unsubscribe_token(keyring, text));
        members.extend(member.filter(|member| !members.contains(member)));
    }
    members
}

/// A pseudonym counts only where no address stands: other programs put digests of 32 digits beside their addresses.
fn pseudonym(line: &str) -> Option<Pseudonym> {
    let mut found = line.split(DELIMITERS).flat_map(words).filter_map(|word| word.parse().ok());
    found.next().filter(|_| found.next().is_none())
}

/// What is wrong with the first word that was to be an address.
fn fault(line: &str) -> Unread {
    let word = words(line).find(|word| word.contains('@'));
    let error = word.and_then(|word| word.parse::<Address>().err());
    Unread::Address(error.unwrap_or(AddressError::NoAt))
}

/// The words of a cell without what programs and people put around an address: `mailto:`, brackets, quotation marks, a
/// final full stop, the subject of a link. None of it can be part of an address, or only where nobody has it.
fn words(cell: &str) -> impl Iterator<Item = &str> {
    let is_between = |letter: char| {
        letter.is_whitespace() || letter.is_control() || matches!(letter, '<' | '>' | '(' | ')' | '[' | ']' | ':' | '"')
    };
    cell.split(is_between).map(|word| {
        let word = word.trim_start_matches(is_mark).trim_end_matches(|letter: char| !letter.is_alphanumeric());
        let query = word.find('@').and_then(|at| word.get(at..)?.find('?').map(|query| at + query));
        query.and_then(|query| word.get(..query)).unwrap_or(word)
    })
}

fn is_mark(letter: char) -> bool {
    matches!(letter, '\'' | '`' | '.' | '‘' | '’' | '“' | '”' | '„' | '«' | '»' | '‹' | '›' | '•')
}

/// Letters that nobody sees: marks of byte order and direction, soft hyphens, spaces without width.
pub(super) fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether a first line without an address names columns.
fn is_header(line: &str) -> bool {
    line.split(DELIMITERS).any(names_addresses)
}

/// Whether a cell of a header is made of words and speaks of addresses.
fn names_addresses(cell: &str) -> bool {
    const COLUMNS: [&str; 7] = ["mail", "adress", "address", "courriel", "contact", "abonn", "subscri"];
    let cell = cell.to_lowercase();
    let plain = cell.chars().all(|letter| letter.is_alphabetic() || " -_'’\"".contains(letter));
    plain && COLUMNS.iter().any(|column| cell.contains(column))
}

/// Whether the line tells a spreadsheet what separates the columns.
fn is_separator_line(line: &str) -> bool {
    let line = line.trim_matches('"').to_ascii_lowercase();
    line.strip_prefix("sep=").is_some_and(|rest| rest.chars().count() <= 1)
}

fn distinct(addresses: impl Iterator<Item = Address>) -> Vec<Address> {
    let mut kept: Vec<Address> = Vec::new();
    for address in addresses {
        if !kept.iter().any(|known| known.folded() == address.folded()) {
            kept.push(address);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CAMILLE: &str = "camille@example.fr";

    fn keyring() -> Keyring {
        Keyring::generate([1; 32])
    }

    /// The addresses taken from a list, and the lines that were not.
    fn read(text: &str) -> (Vec<String>, Vec<(usize, Unread)>) {
        let list = PeopleList::read(text.as_bytes(), &keyring());
        let people = list.people.iter().map(|named| match named {
            PersonNamed::Address(address) => address.as_str().to_owned(),
            PersonNamed::Pseudonym(pseudonym) => pseudonym.to_string(),
        });
        (people.collect(), list.unread.iter().map(|line| (line.line, line.why)).collect())
    }

    #[test]
    fn what_programs_put_around_an_address_is_taken_off() {
        for line in [
            "camille@example.fr",
            "  camille@Example.FR\t",
            "\u{feff}camille@example.fr",
            "\u{200b}camille@example.fr\u{a0}",
            "\"camille@example.fr\"",
            "'camille@example.fr'",
            "« camille@example.fr »",
            "“camille@example.fr”",
            "<camille@example.fr>",
            "Camille Durand <camille@example.fr>",
            "\"Durand, Camille\" <camille@example.fr>",
            "Durand (Camille) <camille@example.fr>,",
            "\"camille@example.fr\" <camille@example.fr>",
            "Camille@home <camille@example.fr>",
            "mailto:camille@example.fr",
            "MAILTO:camille@example.fr?subject=stop&cc=other@example.fr",
            "<a href=\"mailto:camille@example.fr\">camille@example.fr</a>",
            "e-mail: camille@example.fr",
            "camille@example.fr;2025-01-01",
            "camille@example.fr;2025-01-01 10:00:00;\"ne veut plus rien, jamais\"",
            "\"camille@example.fr\",\"2025-01-01\"",
            "camille@example.fr,01/01/2025,",
            "camille@example.fr\t2025-01-01T10:00:00+01:00",
            "17|camille@example.fr|unsubscribed",
            "2025-01-01;camille@example.fr",
            "camille@example.fr 2025-01-01",
            "camille@example.fr;5d41402abc4b2a76b9719d911017c592",
            "camille@example.fr;Camille@EXAMPLE.fr",
            "camille@example.fr.",
            "camille@example.fr …",
            "- camille@example.fr",
            "• camille@example.fr;",
            "camille@example.fr;@camille",
        ] {
            let (people, unread) = read(line);
            assert_eq!(people.iter().map(|address| address.to_lowercase()).collect::<Vec<_>>(), [CAMILLE], "{line}");
            assert_eq!(unread, [], "{line}");
        }
    }

    #[test]
    fn one_line_is_one_person() {
        for line in [
            "camille@example.fr, sacha@example.fr",
            "Camille <camille@example.fr>; Sacha <sacha@example.fr>;",
            "camille@example.fr;sacha@example.fr;camille@example.fr",
            "camille@example.fr;2025-01-01;service@shop.example.fr",
            "camille@example.fr sacha@example.fr",
        ] {
            assert_eq!(read(line), (Vec::new(), vec![(1, Unread::Several)]), "{line}");
        }
    }

    #[test]
    fn a_header_says_which_of_two_addresses_is_meant() {
        let row = "2025-01-01;camille@example.fr;service@shop.example.fr";
        for header in ["date;email;operator", "DATE;\"E-mail\";BY", "sep=;\ndate;email;operator"] {
            assert_eq!(read(&format!("{header}\n{row}\n")), (vec![CAMILLE.to_owned()], Vec::new()), "{header}");
        }
        for (header, row) in [
            ("date;email;contact", row),
            ("date;email", row),
            ("date,email,operator", row),
            ("date;email;operator", "2025-01-01;\"Durand; Camille\";camille@example.fr;service@shop.example.fr"),
            ("date;email;operator", "2025-01-01;camille@example.fr sacha@example.fr;service@shop.example.fr"),
        ] {
            let unread = read(&format!("{header}\n{row}\n"));
            assert_eq!(unread, (Vec::new(), vec![(2, Unread::Several)]), "{header} {row}");
        }
    }

    #[test]
    fn a_link_of_ours_names_its_member() {
        let member = Pseudonym::from_random([9; 16]);
        let token = super::super::unsubscribe_token(&keyring(), &member);
        for line in [
            format!("https://news.example.fr/u/{token}"),
            format!(
                "203.0.113.7 - - [26/Nov/2026:09:00:00 +0000] \"POST /u/{token} HTTP/1.1\" 200 512 \"-\" \"Mail/1.0\""
            ),
            format!("<https://news.example.fr/u/{token}>, <https://news.example.fr/u/{token}?x>"),
        ] {
            assert_eq!(read(&line), (vec![member.to_string()], Vec::new()), "{line}");
        }
        let other = super::super::unsubscribe_token(&Keyring::generate([2; 32]), &member);
        let cut = token.get(..30).unwrap();
        for (line, why) in [
            (format!("POST /u/{other}"), Unread::Link),
            (format!("POST /u/{cut}"), Unread::Link),
            (format!("POST /u/{token} camille@example.fr"), Unread::Several),
        ] {
            assert_eq!(read(&line), (Vec::new(), vec![(1, why)]), "{line}");
        }
    }

    #[test]
    fn a_header_comments_and_empty_lines_are_nobody() {
        for header in
            ["email", "E-mail;Date", "Adresse électronique,Motif", "\"Email Address\"\tName", "COURRIEL", "sep=;"]
        {
            let text = format!("\u{feff}\n# désinscrits\n// de l'ancien outil\n{header}\n\n  \n{CAMILLE}\n");
            assert_eq!(read(&text), (vec![CAMILLE.to_owned()], Vec::new()), "{header}");
        }
        let (people, unread) = read("camille@example.fr\nemail\n");
        assert_eq!((people.len(), unread), (1, vec![(2, Unread::Address(AddressError::NoAt))]), "only on top");
    }

    #[test]
    fn a_pseudonym_is_read_where_no_address_stands() {
        let pseudonym = "0123456789abcdef0123456789abcdef";
        let masked = format!("{pseudonym}  c…@example.fr  fr  confirmed");
        for line in [pseudonym, &format!("\"{pseudonym}\";x"), &masked] {
            assert_eq!(read(line).0, [pseudonym], "{line}");
        }
    }

    #[test]
    fn what_is_in_doubt_is_handed_back_with_its_line() {
        use AddressError::{Domain, Local, NoAt, NotAscii};
        for (line, why) in [
            ("camille.example.fr", Unread::Address(NoAt)),
            ("Camille Durand", Unread::Address(NoAt)),
            ("camille@", Unread::Address(NoAt)),
            ("camille@localhost", Unread::Address(Domain)),
            ("camille@example,fr", Unread::Address(Domain)),
            ("camille@@example.fr", Unread::Address(Local)),
            ("\"jean dupont\"@example.fr", Unread::Address(Local)),
            ("zoé@example.fr", Unread::Address(NotAscii)),
            ("camille@example.fr;sacha@example.fr", Unread::Several),
            ("# camille@example.fr", Unread::Comment),
        ] {
            let (people, unread) = read(&format!("{CAMILLE}\n\n{line}\nsacha@example.fr"));
            assert_eq!((people.len(), unread), (2, vec![(3, why)]), "{line}");
        }
    }

    #[test]
    fn an_odd_byte_or_another_encoding_costs_nobody() {
        let list = PeopleList::read(
            b"email;nom\r\ncamille@example.fr;Zo\xe9\r\n\"sacha@example.fr\";Zo\xc3\xa9\r\n",
            &keyring(),
        );
        assert_eq!((list.people.len(), list.unread.len()), (2, 0));
        let utf_16: Vec<u8> =
            "\u{feff}email\r\ncamille@example.fr\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let list = PeopleList::read(&utf_16, &keyring());
        assert_eq!((list.people.len(), list.unread.len()), (1, 0));
    }

    proptest! {
        /// An address that can be written to is found whatever stands before and behind it.
        #[test]
        fn no_address_is_lost(
            local in "[a-z0-9_+-]{1,12}(\\.[a-z0-9]{1,5})?",
            before in "(\"|'|<|Nom <|mailto:|\u{feff}| )?",
            after in "(\"|'|>|;2025-01-01|,x|\t1|\\.| )?",
        ) {
            let address = format!("{local}@example.fr");
            prop_assert_eq!(read(&format!("{before}{address}{after}")), (vec![address], Vec::new()));
        }

        /// Nothing that may be meant as an address is passed over in silence.
        #[test]
        fn every_line_with_an_at_is_taken_or_handed_back(line in "[a-z@., ;<>\"]{1,20}") {
            let (people, unread) = read(&line);
            let header = !line.contains('@') && is_header(line.trim());
            prop_assert_eq!(people.is_empty() && unread.is_empty(), line.trim().is_empty() || header);
        }
    }
}
