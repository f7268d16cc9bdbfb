//! The header and the lines of a finished message.

use super::rules;
use crate::document::Document;
use crate::finding::{Finding, Place};
use crate::mail::dkim;
use crate::mail::fields::{FeedbackId, MessageId};
use crate::mail::received::Received;
use crate::phrase;
use crate::phrase::Fact;
use crate::text::WebAddress;

/// Fields that a message has exactly once (M-22).
const ONCE: [&str; 6] = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version"];

/// Fields that a message has at most once.
const AT_MOST_ONCE: [&str; 6] =
    ["Reply-To", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID", "Auto-Submitted"];

/// The one-click address of a message.
pub(super) fn unsubscribe(received: &Received) -> Option<String> {
    let field = received.values("List-Unsubscribe").first().copied()?;
    field
        .split(',')
        .map(|entry| entry.trim().trim_start_matches('<').trim_end_matches('>'))
        .find(|entry| entry.starts_with("http"))
        .map(str::to_owned)
}

pub(super) fn check(received: &Received, document: &Document) -> Vec<Finding> {
    let mut findings = fields(received, document);
    findings.extend(list(received, document));
    findings.extend(signature(received, document));
    findings.extend(lines(document));
    let order: Vec<&str> = received.parts.iter().map(|part| part.subtype.as_str()).collect();
    if order != ["plain", "html"] {
        findings.push(rules::PART.at(Place::file(&document.name), phrase!("mail-part")));
    }
    findings
}

/// The line of a field, when there is one.
fn place(document: &Document, name: &str) -> Place {
    let header = document.text.split("\r\n\r\n").next().and_then(|text| text.split("\n\n").next()).unwrap_or_default();
    let start = |line: &str| line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    let line = header.lines().position(start).map(|line| line + 1);
    Place { line, ..Place::file(&document.name).with_words(name) }
}

fn fields(received: &Received, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, least) in ONCE.iter().map(|name| (*name, 1)).chain(AT_MOST_ONCE.iter().map(|name| (*name, 0))) {
        let count = received.values(name).len();
        if count < least {
            findings
                .push(rules::HEADER_MISSING.at(place(document, name), phrase!("mail-header-missing", field = name)));
        } else if count > 1 {
            findings.push(
                rules::HEADER_TWICE
                    .at(place(document, name), phrase!("mail-header-twice", field = name, count = count)),
            );
        }
    }
    let several = received.values("To").iter().any(|to| to.matches('@').count() > 1);
    if several || !received.values("Cc").is_empty() || !received.values("Bcc").is_empty() {
        findings.push(rules::RECIPIENTS.at(place(document, "To"), phrase!("mail-recipients")));
    }
    if received.values("Message-ID").iter().any(|id| MessageId::parse(id).is_err()) {
        findings.push(rules::MESSAGE_ID.at(place(document, "Message-ID"), phrase!("mail-message-id")));
    }
    findings
}

fn list(received: &Received, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A functional message says that a machine wrote it, and belongs to no list (RFC 3834).
    if received.values("List-Unsubscribe").is_empty() && !received.values("Auto-Submitted").is_empty() {
        return findings;
    }
    let field = received.values("List-Unsubscribe").first().copied().unwrap_or_default();
    let first = field.split(',').next().unwrap_or_default().trim();
    let url = first.strip_prefix('<').and_then(|first| first.strip_suffix('>')).unwrap_or_default();
    let private = WebAddress::parse(url).is_ok_and(|url| url.is_private());
    if !private || field.matches("<http").count() != 1 {
        let message = phrase!("mail-list-unsubscribe");
        findings.push(rules::LIST_UNSUBSCRIBE.at(place(document, "List-Unsubscribe:"), message));
    }
    if received.values("List-Unsubscribe-Post") != ["List-Unsubscribe=One-Click"] {
        let message = phrase!("mail-one-click");
        findings.push(rules::ONE_CLICK.at(place(document, "List-Unsubscribe-Post"), message));
    }
    if !received.values("List-Id").first().is_some_and(|id| id.ends_with('>') && id.contains('<')) {
        findings.push(rules::LIST_ID.at(place(document, "List-Id"), phrase!("mail-list-id")));
    }
    for id in received.values("Feedback-ID") {
        let names: Vec<&str> = id.split(':').collect();
        let fits = names.split_last().is_some_and(|(sender, groups)| FeedbackId::new(groups, sender).is_ok());
        if !fits {
            findings.push(rules::FEEDBACK_ID.at(place(document, "Feedback-ID"), phrase!("mail-feedback-id")));
        }
    }
    findings
}

/// What is wrong with the signatures of a copy that was delivered. One that has come through no relay says nothing of them.
pub(super) fn of_a_copy(received: &Received, document: &Document) -> Option<Vec<Finding>> {
    let delivered = !received.values("Received").is_empty();
    delivered.then(|| signature(received, document).into_iter().collect())
}

/// Whether a copy that has come through a relay is signed, and what a signature must name. Whether it is good, and whose it is, is
/// for who asks the DNS.
fn signature(received: &Received, document: &Document) -> Option<Finding> {
    let signatures = received.values("DKIM-Signature");
    if signatures.is_empty() {
        let delivered = !received.values("Received").is_empty();
        return delivered.then(|| rules::DKIM_MISSING.at(Place::file(&document.name), phrase!("mail-dkim-missing")));
    }
    let from = received.values("From").first().and_then(|from| from.rsplit_once('@'));
    let from = from.map(|(_, domain)| domain.trim_end_matches('>').trim().to_ascii_lowercase()).unwrap_or_default();
    let domains: Vec<String> = signatures.iter().filter_map(|signature| dkim::signed_for(signature)).collect();
    // Receivers ask for a domain in common, whichever of the two is the one above.
    let is_theirs = |domain: &String| {
        from == *domain || from.ends_with(&format!(".{domain}")) || domain.ends_with(&format!(".{from}"))
    };
    if domains.len() == signatures.len() && !domains.iter().any(is_theirs) {
        let message = phrase!("mail-dkim-foreign", domains = Fact::texts(&domains), from = from);
        return Some(rules::DKIM_FOREIGN.at(place(document, "DKIM-Signature"), message));
    }
    let is_there = |name: &str| !received.values(name).is_empty();
    let fewest = signatures.iter().map(|signature| dkim::left_out(signature, is_there)).min_by_key(Vec::len)?;
    let message = || phrase!("mail-dkim-uncovered", fields = Fact::texts(&fewest));
    (!fewest.is_empty()).then(|| rules::DKIM_UNCOVERED.at(place(document, "DKIM-Signature"), message()))
}

fn lines(document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    let at = |line: usize| Place { line: Some(line + 1), ..Place::file(&document.name) };
    let mut lines = document.text.split('\n').enumerate();
    if let Some((index, line)) = lines.clone().find(|(_, line)| line.trim_end_matches('\r').len() > 998) {
        findings.push(rules::LONG_LINE.at(at(index), phrase!("mail-long-line", octets = line.len())));
    }
    let last = document.text.split('\n').count();
    if let Some((index, _)) = lines.find(|(index, line)| index + 1 < last && !line.ends_with('\r')) {
        findings.push(rules::LINE_END.at(at(index), phrase!("mail-line-end")));
    }
    findings
}
