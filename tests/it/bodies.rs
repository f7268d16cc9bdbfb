//! What holds of any bytes that reach the program from outside. The property tests beside this file try bytes that look like
//! the real thing; the fuzz targets under `fuzz` try what leads to code that nothing has reached yet.

use std::sync::{Arc, LazyLock};

use carillon::bounce::{self, BounceTable, ReturnedKind};
use carillon::calendar::{Calendar, Channel, Market};
use carillon::campaign::{AudienceClass, Campaign, Schedule};
use carillon::compliance::words::{self, MarketSales, PlacedText, TextKind, Writing};
use carillon::compliance::{Case, judge, seasons};
use carillon::dns::{DkimPublished, DnsQuestion, DnsRecordType, SpfPolicy};
use carillon::document::Document;
use carillon::finding::Finding;
use carillon::keys::Keyring;
use carillon::member::{
    ColumnTerms, ConfirmToken, EvidenceRules, ExportProgram, ImportFile, Lifetime, PeopleList, PersonNamed, Pseudonym,
    read_unsubscribe_token, unsubscribe_token,
};
use carillon::smtp::{Enhanced, ReplyLine, redact};
use carillon::table::Encoding;
use jiff::Timestamp;
use jiff::civil::{Date, date};

static CALENDAR: LazyLock<Calendar> = LazyLock::new(Calendar::built_in);

static KEYRING: LazyLock<Keyring> = LazyLock::new(|| Keyring::generate([7; 32]));

static FRANCE: LazyLock<Vec<MarketSales>> =
    LazyLock::new(|| vec![seasons(&CALENDAR, &france(), Channel::Online, days())]);

fn france() -> Market {
    "FR".parse().unwrap()
}

fn days() -> (Date, Date) {
    (date(2026, 12, 1), date(2027, 1, 31))
}

/// Whom a relay is told about.
const RECIPIENT: &str = "camille@example.fr";

/// The beginning of December 2026.
fn now() -> Timestamp {
    Timestamp::from_second(1_796_083_200).unwrap()
}

/// The place of a finding is in the file that it is about.
#[track_caller]
fn points_into(document: &Document, finding: &Finding) {
    let lines = document.text.split('\n').count();
    assert!(finding.place.line.is_none_or(|line| (1..=lines).contains(&line)), "{finding:?}");
}

/// A campaign file is read, resolved and judged; or there is something to say about it.
pub fn campaign_file(bytes: &[u8]) {
    let document = Document::new("any.toml", String::from_utf8_lossy(bytes));
    let refused = |findings: Vec<Finding>| {
        assert!(!findings.is_empty(), "it is refused without a reason");
        for finding in &findings {
            points_into(&document, finding);
        }
    };
    let campaign = match Campaign::parse(&document) {
        Ok(campaign) => campaign,
        Err(findings) => return refused(findings),
    };
    let schedule = match campaign.resolve(&CALENDAR) {
        Ok(schedule) => schedule,
        Err(findings) => return refused(findings),
    };
    let stored = serde_json::to_string(&schedule).unwrap();
    assert_eq!(serde_json::from_str::<Schedule>(&stored).unwrap(), schedule, "what is stored is what is read again");
    let judgement = judge(Case {
        campaign: &campaign,
        schedule: &schedule,
        calendar: &CALENDAR,
        templates: &[],
        pages: &[],
        members: None,
        audiences: None,
        record: None,
        offers: &[],
        gathered: Vec::new(),
        waivers: &[],
        now: now(),
    });
    judgement.open.iter().for_each(|finding| points_into(&document, finding));
    if judgement.cleared.is_some() {
        assert!(schedule.opens_at < schedule.closes_at, "an empty window is cleared");
    }
}

/// A text is checked for reserved words, and what is found stands where the finding says. The first byte says what the text
/// is for and how its file writes it.
pub fn wording(bytes: &[u8]) {
    let Some((first, text)) = bytes.split_first() else { return };
    let kinds = [TextKind::Subject, TextKind::Url, TextKind::Html, TextKind::TextBody, TextKind::Title];
    let writings = [Writing::Raw, Writing::TomlString, Writing::Template];
    let first = usize::from(*first);
    let (kind, writing) = (kinds[first % kinds.len()], writings[first / kinds.len() % writings.len()]);
    let document = Document::new("any", String::from_utf8_lossy(text));
    let text = PlacedText { writing, ..PlacedText::whole(&document, kind) };
    for finding in words::check(&text, AudienceClass::Public, &FRANCE) {
        points_into(&document, &finding);
        let (Some(line), Some(column)) = (finding.place.line, finding.place.column) else { continue };
        let words = finding.place.words.unwrap_or_default();
        let first = words.split_whitespace().next().unwrap_or_default();
        let from: String = document.text.split('\n').nth(line - 1).unwrap().chars().skip(column - 1).collect();
        assert!(from.starts_with(first), "`{first}` does not stand at {line}:{column}");
    }
}

/// A list of people who leave: every line with an address is taken or handed back, and what is handed back was there.
pub fn opt_outs(bytes: &[u8]) {
    let list = PeopleList::read(bytes, &KEYRING);
    for unread in &list.unread {
        assert!(unread.line > 0 && !unread.text.is_empty(), "line {}", unread.line);
    }
    for person in &list.people {
        if let PersonNamed::Address(address) = person {
            assert_eq!(address.as_str().parse().as_ref(), Ok(address), "an address is read as it is written");
        }
    }
}

/// A file of people to import: each row proves a consent that counts, or says why it does not.
pub fn import_file(bytes: &[u8]) {
    let lifetime = Lifetime::months(24);
    let rules = EvidenceRules { now: now(), lifetime, zone: None, language: None };
    for encoding in [Encoding::Utf8, Encoding::Windows1252] {
        let Ok(mut file) = ImportFile::open("any.csv", encoding, bytes, ExportProgram::Csv, ColumnTerms::default())
        else {
            continue;
        };
        let mut wording = |_: &str| Ok(Arc::from("J’accepte."));
        while let Some(Ok(row)) = file.next(&rules, &mut wording) {
            let Ok(evidence) = row.evidence else { continue };
            assert!(evidence.confirmed_at <= now(), "a consent of the future counts");
            assert!(!evidence.wording.trim().is_empty(), "a consent to nothing counts");
            assert_eq!(evidence.address.as_str().parse(), Ok(evidence.address.clone()));
        }
    }
}

/// Mail that comes back is read, whatever it is, in a moment; what is kept of it is short and names nobody that it names.
pub fn returned_mail(bytes: &[u8]) {
    let begun = std::time::Instant::now();
    let returned = bounce::read(bytes, Some("b+1.0123456789abcdef@b.example.fr"), BounceTable::built_in());
    assert!(begun.elapsed().as_secs() < 20, "{} bytes are read for {:?}", bytes.len(), begun.elapsed());
    assert!(returned.recipients.is_empty() || returned.kind == ReturnedKind::Failure, "{:?}", returned.kind);
    assert!(returned.recipients.len() <= 100 && returned.traces.return_paths.len() <= 20);
    for one in &returned.recipients {
        assert!(one.said.chars().count() <= 400 && !one.said.chars().any(char::is_control), "{:?}", one.said);
        for address in &one.addresses {
            assert!(!one.said.to_ascii_lowercase().contains(address.as_str()), "{:?}", one.said);
        }
    }
}

/// What a relay sends is a line of SMTP or is not, and nothing in it reaches a log as it is.
pub fn smtp_reply(bytes: &[u8]) {
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(line) = ReplyLine::parse(line) else { continue };
        assert!((200..600).contains(&line.code), "{}", line.code);
        assert!(!line.text.chars().any(char::is_control), "{:?}", line.text);
        if let Some(status) = Enhanced::find(line.code, &line.text) {
            assert_eq!(status.class, line.code / 100);
            assert_eq!(status.to_string().parse(), Ok(status));
        }
        let kept = redact(&line.text, RECIPIENT);
        assert!(!kept.to_ascii_lowercase().contains(RECIPIENT), "{kept}");
    }
}

/// No text is a token but one that we made; and one that we made is read whatever stands around it.
pub fn token(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    assert_eq!(read_unsubscribe_token(&KEYRING, &text), None);
    assert_eq!(ConfirmToken::read(&KEYRING, &text), None);
    let Some((random, rest)) = bytes.split_first_chunk::<16>() else { return };
    let member = Pseudonym::from_random(*random);
    let token = unsubscribe_token(&KEYRING, &member);
    assert_eq!(read_unsubscribe_token(&KEYRING, &format!("<{token}>")), Some(member));
    // One letter changed, of the version, the number, the key or the proof.
    if let [at, letter, ..] = rest {
        let mut changed = token.clone().into_bytes();
        let at = usize::from(*at) % changed.len();
        changed[at] = *letter;
        let changed = String::from_utf8_lossy(&changed);
        let read = read_unsubscribe_token(&KEYRING, &changed);
        assert!(read.is_none() || changed == token, "{changed} is taken for a token");
    }
}

/// A file beside the calendar is refused with a reason, or adds periods that begin before they end.
pub fn calendar_file(bytes: &[u8]) {
    let document = Document::new("calendars/any.toml", String::from_utf8_lossy(bytes));
    match CALENDAR.clone().with_overrides(std::slice::from_ref(&document)) {
        Err(findings) => {
            assert!(!findings.is_empty(), "it is refused without a reason");
            for finding in &findings {
                points_into(&document, finding);
            }
        }
        Ok(calendar) => {
            for period in calendar.periods(&france(), Channel::Store, days().0, days().1) {
                assert!(period.starts_at < period.ends_at && period.first_day <= period.last_day, "{period:?}");
            }
        }
    }
}

/// Any answer of a DNS server is read or passed over, for every kind of record.
pub fn dns_message(bytes: &[u8]) {
    let id = bytes.first_chunk().map_or(0, |id| u16::from_be_bytes(*id));
    for kind in [DnsRecordType::A, DnsRecordType::Aaaa, DnsRecordType::Mx, DnsRecordType::Txt] {
        let Some(reply) = (DnsQuestion { id, name: "b.example.fr", kind }).read(bytes) else { continue };
        // A record takes twelve bytes at least.
        assert!(reply.records.len() * 12 <= bytes.len(), "{reply:?}");
        let _ = (SpfPolicy::among(&reply.records), DkimPublished::among(&reply.records));
    }
}
