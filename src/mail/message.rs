//! From a rendered letter to the bytes on the wire, with exactly the headers that the standards and the large
//! providers ask for.
//!
//! The same input gives the same bytes: date, id and even the boundary follow from what is passed in. No header can be
//! smuggled in: names are constants, and every value is a type that cannot hold a line break.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::message::header::{self, ContentTransferEncoding, HeaderName, HeaderValue, Headers};
use lettre::message::{Body, Mailbox, Mailboxes, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::dkim::DkimSigner;
use super::fields::{FeedbackId, MessageId};
use super::template::Rendered;
use crate::keys::hex::to_hex;
use crate::member::Address;
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken};
use crate::text::{DisplayName, ListId, Subject, WebAddress, mailto_encoded};

/// A name with an address, as From and Reply-To show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The name that people read.
    pub name: Option<DisplayName>,
    /// The address.
    pub address: Address,
}

/// What a message is for, and the headers that follow from it.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// A mailing of a campaign.
    Mailing {
        /// The list, the same for all campaigns (RFC 2919).
        list: ListId,
        /// The one-click address (RFC 8058). It alone identifies the recipient.
        unsubscribe: WebAddress,
        /// A mailbox that unsubscribes, too, where one is read.
        unsubscribe_mailbox: Option<Address>,
        /// The groups by which Gmail sums up complaints.
        feedback: Option<FeedbackId>,
    },
    /// An answer to something that the person just did: no list, and nothing to unsubscribe from.
    Functional,
}

/// Everything that one message is made of.
#[derive(Clone, Debug)]
pub struct Outgoing<'a> {
    /// Who writes.
    pub from: &'a Party,
    /// Where answers go, when not to `from`.
    pub reply_to: Option<&'a Party>,
    /// The one person that it goes to.
    pub to: &'a Address,
    /// The subject line.
    pub subject: &'a Subject,
    /// What is read.
    pub bodies: Bodies,
    /// The Date field: when the message was made.
    pub date: Timestamp,
    /// The Message-ID, minted once and kept for every attempt.
    pub id: &'a MessageId,
    /// What it is for.
    pub purpose: &'a Purpose,
    /// Who signs it, where it is signed here.
    pub dkim: Option<&'a DkimSigner>,
}

/// The two bodies of a message, encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bodies {
    text: Vec<u8>,
    html: Vec<u8>,
}

impl Bodies {
    /// Of a rendered letter.
    ///
    /// # Errors
    /// [`BuildError`], when a part cannot be encoded.
    pub fn of(letter: &Rendered) -> Result<Self, BuildError> {
        Ok(Self::of_encoded(encode(&letter.text)?, encode(&letter.html)?))
    }

    /// Of parts that [`encode`] made, whole or line by line.
    pub(super) fn of_encoded(text: Vec<u8>, html: Vec<u8>) -> Self {
        Self { text, html }
    }
}

/// Why a message cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The one-click address would cross the network unencrypted.
    #[error("{}", self.phrase())]
    UnsubscribeNotPrivate,
    /// The date is before 1970 or after 9999.
    #[error("{}", self.phrase())]
    Date(Timestamp),
    /// lettre refuses a part of it.
    #[error("the message cannot be assembled")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Spoken for BuildError {
    /// What is wrong, with its causes: an error of this kind ends in a finding, which has one sentence.
    fn phrase(&self) -> Phrase {
        match self {
            Self::UnsubscribeNotPrivate => phrase!("letter-unsubscribe-not-private"),
            Self::Date(date) => phrase!("letter-date", date = Fact::text(date)),
            Self::Refused(why) => phrase!("letter-refused", why = chain(&**why)),
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {}", chain(cause)))
}

/// The message as it goes over the wire: CRLF, no line above 998 octets, text part first.
///
/// # Errors
/// [`BuildError`]; none depends on the recipient.
pub fn build(outgoing: Outgoing<'_>) -> Result<Vec<u8>, BuildError> {
    let date = system_time(outgoing.date)?;
    // What lettre's builder sets, without what it does besides: it reads each address that it has written once more.
    let mut head = Headers::with_capacity(14);
    head.set(header::From::from(Mailboxes::from(mailbox(outgoing.from)?)));
    head.set(header::To::from(Mailboxes::from(Mailbox::new(None, address(outgoing.to)?))));
    head.set(header::Date::from(date));
    head.insert_raw(raw("Message-ID", outgoing.id.as_str()));
    head.set(header::Subject::from(outgoing.subject.as_str().to_owned()));
    if let Some(reply_to) = outgoing.reply_to {
        head.set(header::ReplyTo::from(Mailboxes::from(mailbox(reply_to)?)));
    }
    for (name, value) in purpose_fields(outgoing.purpose)? {
        head.insert_raw(raw(name, &value));
    }
    head.set(header::MIME_VERSION_1_0);
    let mut message = head.to_string().into_bytes();
    message.extend(parts(outgoing.id, outgoing.subject, outgoing.bodies).formatted());
    let Some(signer) = outgoing.dkim else { return Ok(message) };
    let mut whole = signer.fields(&message, outgoing.date).map_err(BuildError::refused)?;
    whole.append(&mut message);
    Ok(whole)
}

/// Both bodies, with the headers that belong to them.
fn parts(id: &MessageId, subject: &Subject, bodies: Bodies) -> MultiPart {
    let encoded = |bytes| Body::dangerous_pre_encoded(bytes, ContentTransferEncoding::QuotedPrintable);
    MultiPart::alternative()
        .boundary(boundary(id, subject))
        .singlepart(SinglePart::plain(encoded(bodies.text)))
        .singlepart(SinglePart::html(encoded(bodies.html)))
}

impl BuildError {
    /// A part of the message that cannot be, for the reason `why`.
    pub(super) fn refused(why: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Refused(Box::new(why))
    }
}

fn address(address: &Address) -> Result<lettre::Address, BuildError> {
    address.as_str().parse().map_err(BuildError::refused)
}

fn mailbox(party: &Party) -> Result<Mailbox, BuildError> {
    Ok(Mailbox::new(party.name.as_ref().map(|name| name.as_str().to_owned()), address(&party.address)?))
}

/// lettre reads the system clock for a message without a date, and panics on dates that HTTP cannot write.
fn system_time(date: Timestamp) -> Result<SystemTime, BuildError> {
    let last = 253_402_300_799; // 9999-12-31T23:59:59Z
    if !(0..=last).contains(&date.as_second()) {
        return Err(BuildError::Date(date));
    }
    SystemTime::try_from(date).map_err(|_| BuildError::Date(date))
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn purpose_fields(purpose: &Purpose) -> Result<Vec<(&'static str, String)>, BuildError> {
    // Exchange answers with out-of-office notes unless told not to; others look at List-Id or Auto-Submitted.
    let quiet = ("X-Auto-Response-Suppress", "OOF, AutoReply".to_owned());
    match purpose {
        Purpose::Mailing { list, unsubscribe, unsubscribe_mailbox, feedback } => {
            if !unsubscribe.is_private() {
                return Err(BuildError::UnsubscribeNotPrivate);
            }
            let mailbox = unsubscribe_mailbox.as_ref().map_or_else(String::new, |mailbox| {
                format!(", <mailto:{}?subject=unsubscribe>", mailto_encoded(mailbox.as_str()))
            });
            let mut fields = vec![
                ("List-Id", list.to_string()),
                ("List-Unsubscribe", format!("<{unsubscribe}>{mailbox}")),
                ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
            ];
            fields.extend(feedback.as_ref().map(|feedback| ("Feedback-ID", feedback.as_str().to_owned())));
            fields.push(quiet);
            Ok(fields)
        }
        // RFC 3834 5.2.
        Purpose::Functional => Ok(vec![("Auto-Submitted", "auto-generated".to_owned()), quiet]),
    }
}

/// A boundary that no quoted-printable text can hold: there, `=` is followed by hexadecimal digits or a line end.
fn boundary(id: &MessageId, subject: &Subject) -> String {
    let digest = Sha256::new().chain_update(id.as_str()).chain_update([0]).chain_update(subject.as_str()).finalize();
    format!("=_{}", to_hex(&digest))
}

/// Always quoted-printable: short lines, no 8BITMIME needed, and the same for every text. Each line is encoded by itself.
pub(super) fn encode(text: &str) -> Result<Vec<u8>, BuildError> {
    let visible = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    let text = if text.chars().all(visible) {
        text.to_owned()
    } else {
        text.replace("\r\n", "\n").replace('\r', "\n").chars().filter(|c| visible(*c)).collect()
    };
    Body::new_with_encoding(text, ContentTransferEncoding::QuotedPrintable)
        .map(Body::into_vec)
        .map_err(|_| BuildError::refused(std::io::Error::other("a body cannot be encoded")))
}

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, MimeHeaders};
    use proptest::prelude::*;

    use super::*;

    fn party(name: &str) -> Party {
        Party { name: DisplayName::parse(name).ok(), address: "presale@example.fr".parse().unwrap() }
    }

    fn mailing() -> Purpose {
        Purpose::Mailing {
            list: ListId::parse("Avant-premières", "presale.example.fr").unwrap(),
            unsubscribe: WebAddress::parse(&format!("https://news.example.fr/u/v1.{}", "x".repeat(90))).unwrap(),
            unsubscribe_mailbox: Some("u+abc@b.example.fr".parse().unwrap()),
            feedback: Some(FeedbackId::new(&["hiver-2027", "opening"], "exemple").unwrap()),
        }
    }

    fn letter(subject: &str, text: &str, html: &str) -> Rendered {
        Rendered { subject: Subject::parse(subject).unwrap(), text: text.to_owned(), html: html.to_owned() }
    }

    fn bytes(letter: &Rendered, from: &Party, purpose: &Purpose) -> Vec<u8> {
        build(Outgoing {
            from,
            reply_to: Some(&party("Élise, boutique")),
            to: &"camille@example.net".parse().unwrap(),
            subject: &letter.subject,
            bodies: Bodies::of(letter).unwrap(),
            date: "2027-01-02T07:00:00Z".parse().unwrap(),
            id: &MessageId::parse("m1.a2b3@news.example.fr").unwrap(),
            purpose,
            dkim: None,
        })
        .unwrap()
    }

    /// The header as lines of one field each.
    fn header(bytes: &[u8]) -> Vec<String> {
        let text = std::str::from_utf8(bytes).unwrap();
        let (header, _) = text.split_once("\r\n\r\n").unwrap();
        header.replace("\r\n ", " ").split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn a_mailing_has_exactly_these_headers() {
        let letter = letter("C’est ouvert", "texte", "<p>texte</p>");
        let fields = header(&bytes(&letter, &party("Chaussures Exemple"), &mailing()));
        let expected = [
            "From: \"Chaussures Exemple\" <presale@example.fr>",
            "To: camille@example.net",
            "Date: Sat, 02 Jan 2027 07:00:00 +0000",
            "Message-ID: <m1.a2b3@news.example.fr>",
            "Subject: =?utf-8?b?Q+KAmWVzdA==?= ouvert",
            "Reply-To: =?utf-8?b?w4lsaXNlLCBib3V0aXF1ZQ==?= <presale@example.fr>",
            "List-Id: =?utf-8?b?QXZhbnQtcHJlbWnDqHJlcw==?= <presale.example.fr>",
            &format!(
                "List-Unsubscribe: <https://news.example.fr/u/v1.{}>, <mailto:u+abc@b.example.fr?subject=unsubscribe>",
                "x".repeat(90)
            ),
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "Feedback-ID: hiver-2027:opening:exemple",
            "X-Auto-Response-Suppress: OOF, AutoReply",
            "MIME-Version: 1.0",
        ];
        assert_eq!(fields[..expected.len()], expected);
        assert!(fields[expected.len()].starts_with("Content-Type: multipart/alternative;"), "{fields:?}");
        assert_eq!(fields.len(), expected.len() + 1);
    }

    /// The same message by lettre's own builder.
    fn as_lettre_builds_it(letter: &Rendered, from: &Party, purpose: &Purpose) -> Vec<u8> {
        let id = MessageId::parse("m1.a2b3@news.example.fr").unwrap();
        let mut builder = lettre::Message::builder()
            .from(mailbox(from).unwrap())
            .to(Mailbox::new(None, "camille@example.net".parse().unwrap()))
            .date(system_time("2027-01-02T07:00:00Z".parse().unwrap()).unwrap())
            .raw_header(raw("Message-ID", id.as_str()))
            .subject(letter.subject.as_str())
            .reply_to(mailbox(&party("Élise, boutique")).unwrap());
        for (name, value) in purpose_fields(purpose).unwrap() {
            builder = builder.raw_header(raw(name, &value));
        }
        let parts = parts(&id, &letter.subject, Bodies::of(letter).unwrap());
        builder.multipart(parts).unwrap().formatted()
    }

    #[test]
    fn a_functional_message_belongs_to_no_list() {
        let letter = letter("Confirmez", "texte", "<p>texte</p>");
        let fields = header(&bytes(&letter, &party("Exemple"), &Purpose::Functional));
        assert!(fields.contains(&"Auto-Submitted: auto-generated".to_owned()));
        assert!(!fields.iter().any(|field| field.starts_with("List-") || field.starts_with("Feedback-ID")));
    }

    #[test]
    fn the_same_letter_gives_the_same_bytes() {
        let letter = letter("Été", "à 8\u{a0}h\n", "<p>à 8&nbsp;h</p>\n");
        assert_eq!(bytes(&letter, &party("É"), &mailing()), bytes(&letter, &party("É"), &mailing()));
    }

    #[test]
    fn an_unsubscribe_address_without_https_is_refused() {
        let Purpose::Mailing { list, .. } = mailing() else { unreachable!() };
        let purpose = |url: &str| Purpose::Mailing {
            list: list.clone(),
            unsubscribe: WebAddress::parse(url).unwrap(),
            unsubscribe_mailbox: None,
            feedback: None,
        };
        assert!(purpose_fields(&purpose("http://news.example.fr/u/x")).is_err());
        assert!(purpose_fields(&purpose("http://127.0.0.1:8080/u/x")).is_ok());
    }

    #[test]
    fn a_date_that_cannot_be_written_is_refused() {
        assert!(system_time("1969-12-31T23:59:59Z".parse().unwrap()).is_err());
        assert!(system_time(Timestamp::MAX).is_ok());
    }

    /// Nothing that looks like a line end may stand alone, and nothing may be longer than RFC 5322 allows.
    fn assert_lines(bytes: &[u8]) {
        for line in bytes.split(|b| *b == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            assert!(!line.contains(&b'\r') && line.len() <= 998 && !line.contains(&0));
        }
        let bare = bytes.windows(2).any(|pair| pair[1] == b'\n' && pair[0] != b'\r');
        assert!(!bare && bytes.is_ascii());
    }

    proptest! {
        #[test]
        fn arbitrary_text_makes_a_message_with_one_of_each_header(
            subject in any::<String>(), name in any::<String>(), text in any::<String>(), html in "\\PC{0,1200}|[\r\n\u{0}=_.-]{0,60}",
        ) {
            let subject = Subject::parse(&subject).unwrap_or_else(|_| Subject::parse("x").unwrap());
            let letter = Rendered { subject: subject.clone(), text, html };
            let by_lettre = as_lettre_builds_it(&letter, &party(&name), &mailing());
            let bytes = bytes(&letter, &party(&name), &mailing());
            prop_assert_eq!(&bytes, &by_lettre);
            assert_lines(&bytes);
            let names: Vec<String> = header(&bytes)
                .iter()
                .map(|field| field.split(':').next().unwrap().to_ascii_lowercase())
                .collect();
            let expected = ["from", "to", "date", "message-id", "subject", "reply-to", "list-id", "list-unsubscribe",
                "list-unsubscribe-post", "feedback-id", "x-auto-response-suppress", "mime-version", "content-type"];
            prop_assert_eq!(&names, &expected);

            let parsed = MessageParser::default().parse(&bytes).unwrap();
            prop_assert_eq!(parsed.subject().unwrap_or_default(), subject.as_str());
            prop_assert_eq!(parsed.parts.len(), 3);
            let part_type = |index: usize| parsed.parts[index].content_type().unwrap().subtype().unwrap().to_owned();
            prop_assert_eq!((part_type(1), part_type(2)), ("plain".to_owned(), "html".to_owned()));
            let visible = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
            prop_assert_eq!(visible(parsed.parts[1].text_contents().unwrap()), visible(&letter.text));
            prop_assert_eq!(visible(parsed.parts[2].text_contents().unwrap()), visible(&letter.html));
        }
    }
}
