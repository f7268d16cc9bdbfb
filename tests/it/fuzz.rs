//! The bodies of the fuzz targets, on bytes that look like the real thing.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::bodies;
use crate::support::build::{campaign, mailing};
use crate::tidy::root;

/// One of the texts between the bars.
fn one_of(pieces: &'static str) -> impl Strategy<Value = &'static str> {
    prop::sample::select(pieces.split('¦').collect::<Vec<_>>())
}

/// A text with holes in it, letters changed, and pieces put in.
fn damaged(text: &'static str, pieces: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let hole = (0..text.len(), 0..40_usize, one_of(pieces));
    vec(hole, 0..6).prop_map(move |holes| {
        let mut bytes = text.as_bytes().to_vec();
        for (start, length, piece) in holes {
            let start = start.min(bytes.len());
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, piece.bytes());
        }
        bytes
    })
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..300)
}

fn campaign_text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let announcement = mailing("announcement").says("fr", "subject", "{duration} dès {opens}");
        campaign().mailing(announcement).mailing(mailing("last-hours")).text()
    });
    &TEXT
}

/// Reports: ours, and those of the collection beside the project where there is one.
static REPORTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folders = [root().join("tests/fixtures/bounces"), root().join("../shared/bounces/messages")];
    let files = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
    files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
});

/// A report with holes in it, pieces put in, and its line ends changed.
fn report() -> impl Strategy<Value = Vec<u8>> {
    let hole = (any::<prop::sample::Index>(), 0..200_usize, one_of(REPORT_PIECES));
    (any::<prop::sample::Index>(), vec(hole, 0..8), 0..4_u8).prop_map(|(which, holes, ends)| {
        let mut bytes = REPORTS[which.index(REPORTS.len())].clone();
        for (start, length, piece) in holes {
            let start = start.index(bytes.len() + 1);
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, piece.bytes());
        }
        match ends {
            0 => bytes.into_iter().filter(|byte| *byte != b'\r').collect(),
            1 => bytes.into_iter().map(|byte| if byte == b'\n' { b'\r' } else { byte }).collect(),
            _ => bytes,
        }
    })
}

const REPORT_PIECES: &str = "¦\n¦\n\n¦\r\n\r\n¦--¦: ¦;¦Content-Type: message/rfc822\n\n¦Content-Type: message/delivery-status\n\n¦\
    Content-Type: multipart/report; boundary=\"\"\n\n¦Content-Type: multipart/mixed; boundary=p1\n¦Content-Transfer-Encoding: base64\n¦\
    Content-Transfer-Encoding: quoted-printable\n¦charset=iso-2022-jp¦\u{1b}$B¦=E9=¦=?utf-8?b?¦?=¦Status: 5.1.1\n¦Action: failed\n¦\
    Final-Recipient: rfc822; camille@example.fr\n¦{\"notificationType\":\"Bounce\"¦b+1.0123456789abcdef@¦u+v1.¦@¦é¦İ¦\u{0}¦550 ¦user";

const CAMPAIGN_PIECES: &str = "¦\"¦\n¦[¦=¦{¦\u{200e}¦soldes.winter.2027¦window.opens¦window.closes¦- 4 days¦\
    at 24:00¦2027-03-28 02:30¦9999-12-31 23:59¦-9999-01-01 00:00¦Europe/Paris¦\u{e9}¦[[mailings]]\n¦FR\", \"BE";

const WORDING: &str = "soldes¦solde¦S O L D E S¦s.o.l.d.e.s¦sol&shy;des¦sol<b>des</b>¦vente privée¦&#x73;¦\
    \\u00e9¦{{ x }}¦{%¦%C3%A9¦à partir du mercredi 6 janvier 2027¦6 janvier¦<a href=\"¦>¦\"¦&¦\u{200b}¦ſoldes¦\
    𝒔oldes¦s0ldes¦\n¦. ¦saldi¦rebajas¦x";

const PEOPLE: &str = "camille@example.fr¦<¦>¦;¦,¦\t¦\"¦\r\n¦\n¦mailto:¦@¦/u/v1.¦\u{feff}¦\u{e9}¦.¦ ¦\
    address;language;confirmed_at;wording;source;method\n¦2026-09-14T18:02:11+02:00¦fr¦double_optin¦form:footer¦\
    J’accepte.¦14/09/2026 18:02";

const REPLIES: &str = "250¦250-¦250 ¦550 5.1.1 ¦421 4.3.2¦<camille@example.fr>¦\r\n¦\n¦\u{0}¦\u{1b}[31m¦2.0.0¦\
    5.1.1¦451\t¦99¦600 ¦é¦(5.7.1)¦Message-ID: <x@y>";

const CALENDAR: &str = "schema = 1\namends = \"FR\"\n\n[[order]]\nid = \"fr-summer-2027\"\nmarkets = [\"FR\"]\nseason = \"summer\"\n\
    year = 2027\nfirst_day = 2027-06-30\nlast_day = 2027-07-27\nsource = \"https://www.example.org/arrete\"\n\
    who = \"camille\"\nsays = \"Les soldes commencent le 30 juin\"\n";

const CALENDAR_PIECES: &str = "¦\n¦\"¦[¦]¦2027¦2027-01-06¦9999-12-31¦winter¦summer¦FR¦FR-57¦BE¦[country]\n¦\
    kind = \"blackout\"\n¦channel = \"store\"\n¦hour = 24:00\n¦[[sale]]\n¦order¦-¦=";

fn joined(pieces: &'static str, most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(one_of(pieces), 0..most).prop_map(|pieces| pieces.concat().into_bytes())
}

/// An answer with two mail servers and a text in it, bytes of which are changed, and which may end early.
fn dns_answer() -> impl Strategy<Value = Vec<u8>> {
    const ANSWER: &[u8] = b"\x12\x34\x81\x80\0\x01\0\x03\0\0\0\0\x01b\x07example\x02fr\0\0\x0f\0\x01\
        \xc0\x0c\0\x0f\0\x01\0\0\0\x3c\0\x07\0\x0a\x02mx\xc0\x0c\xc0\x0c\0\x0f\0\x01\0\0\0\x3c\0\x04\0\x14\xc0\x2c\
        \xc0\x0c\0\x10\0\x01\0\0\0\x3c\0\x0b\x0av=spf1 -al";
    let changed = vec((0..ANSWER.len(), any::<u8>()), 0..5);
    (changed, 0..3_u8, 0..ANSWER.len()).prop_map(|(changed, whole, end)| {
        let mut bytes = ANSWER.to_vec();
        for (at, byte) in changed {
            bytes[at] = byte;
        }
        bytes.truncate(if whole > 0 { bytes.len() } else { end });
        bytes
    })
}

proptest! {
    #[test]
    fn campaign_files(text in prop_oneof![damaged(campaign_text(), CAMPAIGN_PIECES), any_bytes()]) {
        bodies::campaign_file(&text);
    }

    #[test]
    fn wordings(first: u8, text in prop_oneof![3 => joined(WORDING, 30), 1 => any_bytes()]) {
        bodies::wording(&[&[first], &text[..]].concat());
    }

    #[test]
    fn lists_of_people_who_leave(text in prop_oneof![joined(PEOPLE, 30), any_bytes()]) {
        bodies::opt_outs(&text);
    }

    #[test]
    fn import_files(headed: bool, text in prop_oneof![joined(PEOPLE, 40), any_bytes()]) {
        let head = if headed { "address;language;confirmed_at;wording;source;method\n" } else { "" };
        bodies::import_file(&[head.as_bytes(), &text].concat());
    }

    #[test]
    fn mail_that_comes_back(text in prop_oneof![4 => report(), 1 => any_bytes()]) {
        bodies::returned_mail(&text);
    }

    #[test]
    fn replies_of_a_relay(text in prop_oneof![joined(REPLIES, 12), any_bytes()]) {
        bodies::smtp_reply(&text);
    }

    #[test]
    fn tokens(text in prop_oneof![vec(any::<u8>(), 16..60), "[vc]1\\.[A-Za-z0-9_-]{48}".prop_map(String::into_bytes)]) {
        bodies::token(&text);
    }

    #[test]
    fn answers_of_the_dns(message in prop_oneof![4 => dns_answer(), 1 => any_bytes()]) {
        bodies::dns_message(&message);
    }

    #[test]
    fn calendar_files(text in prop_oneof![damaged(CALENDAR, CALENDAR_PIECES), any_bytes()]) {
        bodies::calendar_file(&text);
    }
}

/// The bodies are about what is read, not about what is refused at once: the examples get through.
#[test]
fn the_examples_are_read_whole() {
    let document = carillon::document::Document::new("x.toml", campaign_text());
    assert!(carillon::campaign::Campaign::parse(&document).is_ok());
    let order = carillon::document::Document::new("x.toml", CALENDAR);
    let calendar = carillon::calendar::Calendar::built_in().with_overrides(&[order]).unwrap();
    let market = "FR".parse().unwrap();
    let summer = jiff::civil::date(2027, 6, 30);
    let periods = calendar.periods(&market, carillon::calendar::Channel::Store, summer, summer);
    assert_eq!(periods[0].first_day, summer);
}

/// Nothing builds the targets with the program, so this looks at their files.
#[test]
fn every_body_has_a_target_and_a_property() {
    let read = |name: &str| std::fs::read_to_string(root().join(name)).unwrap();
    let (bodies, here, manifest) = (read("tests/it/bodies.rs"), read("tests/it/fuzz.rs"), read("fuzz/Cargo.toml"));
    let names: Vec<&str> = bodies.lines().filter_map(|line| line.strip_prefix("pub fn ")?.split('(').next()).collect();
    assert!(names.len() > 5, "{names:?}");
    for name in &names {
        assert!(here.contains(&format!("bodies::{name}(")), "no property calls `{name}`");
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "fuzz/Cargo.toml lacks `{name}`");
        assert!(read(&format!("fuzz/fuzz_targets/{name}.rs")).contains(&format!("bodies::{name}(bytes)")), "{name}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), names.len(), "fuzz/Cargo.toml names a target without a body");
}
