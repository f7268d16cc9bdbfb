//! A list of people as a person or another program wrote it: who is meant on each line.
//!
//! Most such lists hold those who left elsewhere. A line that a human can read must not be lost there, so all that
//! programs put around an address is taken off; what is still in doubt is handed back with its line and the reason, and
//! never guessed.

use super::any_text::lines;
use super::{Address, AddressError, Pseudonym};

/// A person as a list names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By the name in the ledger.
    Pseudonym(Pseudonym),
    /// By address.
    Address(Address),
}

/// Why nobody was taken from a line. Never says what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// It holds no address that mail can be sent to.
    #[error(transparent)]
    Address(AddressError),
    /// It holds several, and other columns: who of them left?
    #[error("there are several addresses beside other words; keep the one that is meant")]
    Several,
    /// It is a comment, and holds an address all the same.
    #[error("there is an address in a comment; take the mark off if it is meant")]
    Comment,
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
    pub people: Vec<Named>,
    /// The lines from which nobody was taken. Empty lines, comments and a header are none of them.
    pub unread: Vec<UnreadLine>,
}

impl PeopleList {
    /// Reads a list, one person to a line, in any usual encoding.
    pub fn read(bytes: &[u8]) -> Self {
        let mut list = Self::default();
        let mut first = true;
        for (at, text) in lines(bytes).into_iter().enumerate() {
            let shown: String = text.chars().filter(|letter| !is_invisible(*letter)).collect();
            let line = shown.trim();
            let comment = line.starts_with('#') || line.starts_with("//");
            let named = match named(line) {
                _ if line.is_empty() => continue,
                Ok(_) if comment => Err(Unread::Comment),
                Err(_) if comment => continue,
                Err(_) if std::mem::take(&mut first) && !line.contains('@') && is_header(line) => continue,
                named => named,
            };
            first = false;
            match named {
                Ok(people) => list.people.extend(people),
                Err(why) => list.unread.push(UnreadLine { line: at + 1, text, why }),
            }
        }
        list
    }
}

/// Who is meant on one line.
fn named(line: &str) -> Result<Vec<Named>, Unread> {
    let cells: Vec<Vec<Address>> = line
        .split([',', ';', '\t', '|'])
        .filter(|cell| cell.chars().any(char::is_alphanumeric))
        .map(|cell| distinct(words(cell).filter_map(|word| word.parse().ok())))
        .collect();
    let people = distinct(cells.iter().flatten().cloned());
    match people.len() {
        0 => pseudonym(line).map(|pseudonym| vec![Named::Pseudonym(pseudonym)]).ok_or_else(|| fault(line)),
        1 => Ok(people.into_iter().map(Named::Address).collect()),
        _ if cells.iter().all(|cell| cell.len() == 1) => Ok(people.into_iter().map(Named::Address).collect()),
        _ => Err(Unread::Several),
    }
}

/// A pseudonym counts only where no address stands: other programs put digests of 32 digits beside their addresses.
fn pseudonym(line: &str) -> Option<Pseudonym> {
    let mut found = line.split([',', ';', '\t', '|']).flat_map(words).filter_map(|word| word.parse().ok());
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
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether a first line without an address names columns: one of its cells is made of words and speaks of addresses.
fn is_header(line: &str) -> bool {
    const COLUMNS: [&str; 7] = ["mail", "adress", "address", "courriel", "contact", "abonn", "subscri"];
    line.to_ascii_lowercase().starts_with("sep=")
        || line.split([',', ';', '\t', '|']).any(|cell| {
            let cell = cell.to_lowercase();
            let plain = cell.chars().all(|letter| letter.is_alphabetic() || " -_'’\"".contains(letter));
            plain && COLUMNS.iter().any(|column| cell.contains(column))
        })
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

    /// The addresses taken from a list, and the lines that were not.
    fn read(text: &str) -> (Vec<String>, Vec<(usize, Unread)>) {
        let list = PeopleList::read(text.as_bytes());
        let people = list.people.iter().map(|named| match named {
            Named::Address(address) => address.as_str().to_owned(),
            Named::Pseudonym(pseudonym) => pseudonym.to_string(),
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
    fn a_list_of_addresses_on_one_line_names_them_all() {
        for line in [
            "camille@example.fr, sacha@example.fr",
            "Camille <camille@example.fr>; Sacha <sacha@example.fr>;",
            "camille@example.fr;sacha@example.fr;camille@example.fr",
        ] {
            assert_eq!(read(line), (vec![CAMILLE.to_owned(), "sacha@example.fr".to_owned()], Vec::new()), "{line}");
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
            ("camille@example.fr;2025-01-01;service@shop.example.fr", Unread::Several),
            ("camille@example.fr sacha@example.fr", Unread::Several),
            ("# camille@example.fr", Unread::Comment),
        ] {
            let (people, unread) = read(&format!("{CAMILLE}\n\n{line}\nsacha@example.fr"));
            assert_eq!((people.len(), unread), (2, vec![(3, why)]), "{line}");
        }
    }

    #[test]
    fn an_odd_byte_or_another_encoding_costs_nobody() {
        let list = PeopleList::read(b"email;nom\r\ncamille@example.fr;Zo\xe9\r\n\"sacha@example.fr\";Zo\xc3\xa9\r\n");
        assert_eq!((list.people.len(), list.unread.len()), (2, 0));
        let utf_16: Vec<u8> =
            "\u{feff}email\r\ncamille@example.fr\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let list = PeopleList::read(&utf_16);
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
            prop_assert_eq!(people.is_empty() && unread.is_empty(), line.trim().is_empty() || !line.contains('@') && is_header(line.trim()));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = PeopleList::read(&bytes);
        }
    }
}
