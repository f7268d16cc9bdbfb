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
    /// A mailing of a campaign, to one member.
    Mailing(MailingFields, WayOut),
    /// An answer to something that the person just did: no list, and nothing to unsubscribe from.
    Functional,
}

/// What the header of a mailing says in everybody's copy.
#[derive(Clone, Debug)]
pub struct MailingFields {
    /// The list, the same for all campaigns (RFC 2919).
    pub list: ListId,
    /// The groups by which Gmail sums up complaints.
    pub feedback: Option<FeedbackId>,
}

/// How one member leaves the list.
#[derive(Clone, Debug)]
pub struct WayOut {
    /// The one-click address (RFC 8058). It alone identifies the recipient.
    pub unsubscribe: WebAddress,
    /// A mailbox that unsubscribes, too, where one is read.
    pub mailbox: Option<Address>,
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
    let Outgoing { from, reply_to, to, subject, bodies, date, id, purpose, dkim } = outgoing;
    let own = OwnFields { to, date, id };
    match purpose {
        Purpose::Mailing(fields, way_out) => {
            LetterHead::of_mailing(from, reply_to, subject, fields)?.message(&own, way_out, bodies, dkim)
        }
        Purpose::Functional => {
            // RFC 3834 5.2.
            let fields = vec![("Auto-Submitted", "auto-generated".to_owned()), (QUIET.0, QUIET.1.to_owned())];
            LetterHead::of((from, reply_to), subject, &[], &fields)?.finish(&own, None, bodies, dkim)
        }
    }
}

/// What stands in the header of one person's copy alone, besides the way out.
#[derive(Clone, Copy)]
pub(super) struct OwnFields<'a> {
    pub(super) to: &'a Address,
    pub(super) date: Timestamp,
    pub(super) id: &'a MessageId,
}

/// The fields that are the same in everybody's copy of a letter, as they go over the wire: they are written once.
#[derive(Clone, Debug)]
pub(super) struct LetterHead {
    from: String,
    subject: String,
    /// Between the subject and the way out.
    before: String,
    /// Behind the way out.
    after: String,
    /// Around the bodies.
    frame: [Vec<u8>; 3],
}

impl LetterHead {
    /// The header of a mailing.
    pub(super) fn of_mailing(
        from: &Party,
        reply_to: Option<&Party>,
        subject: &Subject,
        fields: &MailingFields,
    ) -> Result<Self, BuildError> {
        Self::of((from, reply_to), subject, &fields.before(), &fields.after())
    }

    fn of(
        (from, reply_to): (&Party, Option<&Party>),
        subject: &Subject,
        before: &[(&'static str, String)],
        after: &[(&'static str, String)],
    ) -> Result<Self, BuildError> {
        let mut first = String::new();
        if let Some(reply_to) = reply_to {
            first.push_str(&field(header::ReplyTo::from(Mailboxes::from(mailbox(reply_to)?))));
        }
        first.extend(before.iter().map(|(name, value)| raw(name, value)));
        let mut last: String = after.iter().map(|(name, value)| raw(name, value)).collect();
        last.push_str(&field(header::MIME_VERSION_1_0));
        let from = field(header::From::from(Mailboxes::from(mailbox(from)?)));
        Ok(Self { from, subject: subject_field(subject), before: first, after: last, frame: frame(subject) })
    }

    /// The same under another subject.
    pub(super) fn with_subject(self, subject: &Subject) -> Self {
        Self { subject: subject_field(subject), frame: frame(subject), ..self }
    }

    /// The whole message to one member.
    pub(super) fn message(
        &self,
        own: &OwnFields<'_>,
        way_out: &WayOut,
        bodies: Bodies,
        dkim: Option<&DkimSigner>,
    ) -> Result<Vec<u8>, BuildError> {
        self.finish(own, Some(&way_out.value()?), bodies, dkim)
    }

    fn finish(
        &self,
        own: &OwnFields<'_>,
        way_out: Option<&str>,
        bodies: Bodies,
        dkim: Option<&DkimSigner>,
    ) -> Result<Vec<u8>, BuildError> {
        // All of it fits: nothing is moved while it is written.
        let mut message = String::with_capacity(4_096 + bodies.text.len() + bodies.html.len());
        message.push_str(&self.from);
        message.push_str(&field(header::To::from(Mailboxes::from(Mailbox::new(None, address(own.to)?)))));
        message.push_str(&field(header::Date::from(system_time(own.date)?)));
        message.push_str(&raw("Message-ID", own.id.as_str()));
        message.push_str(&self.subject);
        message.push_str(&self.before);
        if let Some(way_out) = way_out {
            message.push_str(&raw("List-Unsubscribe", way_out));
        }
        message.push_str(&self.after);
        let mut message = message.into_bytes();
        let [before, between, after] = &self.frame;
        for part in [before, &bodies.text, between, &bodies.html, after] {
            message.extend_from_slice(part);
        }
        let Some(signer) = dkim else { return Ok(message) };
        let mut whole = signer.fields(&message, own.date).map_err(BuildError::refused)?;
        whole.append(&mut message);
        Ok(whole)
    }
}

/// What stands around the two bodies, with the headers that belong to them.
fn frame(subject: &Subject) -> [Vec<u8>; 3] {
    let encoded = |mark: &[u8]| Body::dangerous_pre_encoded(mark.to_vec(), ContentTransferEncoding::QuotedPrintable);
    let framed = MultiPart::alternative()
        .boundary(boundary(subject))
        .singlepart(SinglePart::plain(encoded(MARK)))
        .singlepart(SinglePart::html(encoded(MARK)))
        .formatted();
    let mut rest = framed.as_slice();
    [(); 3].map(|()| {
        let end = rest.windows(MARK.len()).position(|here| here == MARK);
        let (before, behind) = rest.split_at(end.unwrap_or(rest.len()));
        rest = behind.strip_prefix(MARK).unwrap_or_default();
        before.to_vec()
    })
}

/// Stands where a body goes. Neither a header nor a boundary holds it.
const MARK: &[u8] = b"=@";

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

/// A field as it goes over the wire, folded where it is long.
fn field(value: impl header::Header) -> String {
    let mut one = Headers::with_capacity(1);
    one.set(value);
    one.to_string()
}

fn raw(name: &'static str, value: &str) -> String {
    let mut one = Headers::with_capacity(1);
    one.insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned()));
    one.to_string()
}

fn subject_field(subject: &Subject) -> String {
    field(header::Subject::from(subject.as_str().to_owned()))
}

/// Exchange answers with out-of-office notes unless told not to; others look at List-Id or Auto-Submitted.
const QUIET: (&str, &str) = ("X-Auto-Response-Suppress", "OOF, AutoReply");

impl MailingFields {
    /// What stands before the way out.
    fn before(&self) -> Vec<(&'static str, String)> {
        vec![("List-Id", self.list.to_string())]
    }

    /// What stands behind it.
    fn after(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned())];
        fields.extend(self.feedback.as_ref().map(|feedback| ("Feedback-ID", feedback.as_str().to_owned())));
        fields.push((QUIET.0, QUIET.1.to_owned()));
        fields
    }
}

impl WayOut {
    /// The value of List-Unsubscribe.
    fn value(&self) -> Result<String, BuildError> {
        let Self { unsubscribe, mailbox } = self;
        if !unsubscribe.is_private() {
            return Err(BuildError::UnsubscribeNotPrivate);
        }
        let mailbox = mailbox.as_ref().map_or_else(String::new, |mailbox| {
            format!(", <mailto:{}?subject=unsubscribe>", mailto_encoded(mailbox.as_str()))
        });
        Ok(format!("<{unsubscribe}>{mailbox}"))
    }
}

/// A boundary that no quoted-printable text can hold: there, `=` is followed by hexadecimal digits or a line end.
fn boundary(subject: &Subject) -> String {
    format!("=_{}", to_hex(&Sha256::digest(subject.as_str())))
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
        let fields = MailingFields {
            list: ListId::parse("Avant-premières", "presale.example.fr").unwrap(),
            feedback: Some(FeedbackId::new(&["hiver-2027", "opening"], "exemple").unwrap()),
        };
        let way_out = WayOut {
            unsubscribe: WebAddress::parse(&format!("https://news.example.fr/u/v1.{}", "x".repeat(90))).unwrap(),
            mailbox: Some("u+abc@b.example.fr".parse().unwrap()),
        };
        Purpose::Mailing(fields, way_out)
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
        let Purpose::Mailing(fields, way_out) = purpose else { unreachable!() };
        let raw = |name: &'static str, value: String| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
        let mut builder = lettre::Message::builder()
            .from(mailbox(from).unwrap())
            .to(Mailbox::new(None, "camille@example.net".parse().unwrap()))
            .date(system_time("2027-01-02T07:00:00Z".parse().unwrap()).unwrap())
            .raw_header(raw("Message-ID", id.as_str().to_owned()))
            .subject(letter.subject.as_str())
            .reply_to(mailbox(&party("Élise, boutique")).unwrap());
        let way_out = ("List-Unsubscribe", way_out.value().unwrap());
        for (name, value) in fields.before().into_iter().chain([way_out]).chain(fields.after()) {
            builder = builder.raw_header(raw(name, value));
        }
        let bodies = Bodies::of(letter).unwrap();
        let encoded = |bytes| Body::dangerous_pre_encoded(bytes, ContentTransferEncoding::QuotedPrintable);
        let parts = MultiPart::alternative()
            .boundary(boundary(&letter.subject))
            .singlepart(SinglePart::plain(encoded(bodies.text)))
            .singlepart(SinglePart::html(encoded(bodies.html)));
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
        let way_out = |url: &str| WayOut { unsubscribe: WebAddress::parse(url).unwrap(), mailbox: None };
        assert!(way_out("http://news.example.fr/u/x").value().is_err());
        assert!(way_out("http://127.0.0.1:8080/u/x").value().is_ok());
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
