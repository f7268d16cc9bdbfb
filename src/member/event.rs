//! One line of the consent ledger, and the chain that binds it to the lines before it.
//!
//! The ledger is append-only. Each line holds the hash of the line before, so a line that was changed, taken out or put
//! in afterwards is found by computing the chain again.

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::{Action, Fingerprint, Method, Pseudonym};
use crate::keys::Sha256Digest;
use crate::keys::hex::HexDigits;

/// The only purpose that Carillon asks consent for.
pub const PURPOSE: &str = "presale-announcements";

/// The only channel that it writes by.
pub const CHANNEL: &str = "email";

/// Something that happened, before it has its place in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// When it happened.
    pub occurred_at: Timestamp,
    /// To whom.
    pub subject: Pseudonym,
    /// The address that it was about, for the time when the address itself is gone.
    pub fingerprint: Fingerprint,
    /// Who is responsible for the processing: `[consent] controller`.
    pub controller: Arc<str>,
    /// What happened.
    pub action: Action,
    /// The exact wording that was shown, by its digest.
    pub text_version: Option<Sha256Digest>,
    /// The version of the form or page that showed it.
    pub form_version: Option<String>,
    /// Where: the id of a form, a terminal, a program. Never an address.
    pub source: String,
    /// How it reached us.
    pub method: Method,
    /// The Message-ID of the mail that asked for a confirmation.
    pub mail_ref: Option<String>,
    /// The digest of the token that was used, never the token.
    pub token_fp: Option<Sha256Digest>,
    /// One word of a closed list, never free text.
    pub reason: Option<String>,
}

impl NewEvent {
    /// What happened to whom, and how it reached us, by way of `source`: what is known of every event. `controller` is
    /// `[consent] controller`.
    pub fn new(
        (action, method): (Action, Method),
        (subject, fingerprint): (Pseudonym, Fingerprint),
        controller: impl Into<Arc<str>>,
        source: &str,
        occurred_at: Timestamp,
    ) -> Self {
        Self {
            occurred_at,
            subject,
            fingerprint,
            controller: controller.into(),
            action,
            text_version: None,
            form_version: None,
            source: source.to_owned(),
            method,
            mail_ref: None,
            token_fp: None,
            reason: None,
        }
    }
}

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number, gapless from 1.
    pub seq: i64,
    /// The digest of the line before.
    pub prev_hash: Sha256Digest,
    /// The digest of this line.
    pub hash: Sha256Digest,
    /// A UUID (version 7) of its own, for references from outside.
    pub event_id: String,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// What the consent is for.
    pub purpose: Cow<'static, str>,
    /// By which channel.
    pub channel: Cow<'static, str>,
    /// The legal basis on which the line is kept.
    pub basis: Cow<'static, str>,
    /// What happened.
    pub what: NewEvent,
}

/// The end of the chain: what the next line is bound to, and what an anchor outside the store remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// The number of the last line, 0 when there is none.
    pub seq: i64,
    /// Its digest.
    pub hash: Sha256Digest,
}

impl Head {
    /// The head of an empty ledger.
    pub const EMPTY: Self = Self { seq: 0, hash: Sha256Digest::ZERO };
}

impl Event {
    /// The line after `head` that says `what`, written down at `now`. Instants are kept in whole microseconds.
    pub fn after(head: Head, what: NewEvent, now: Timestamp) -> Self {
        let what = NewEvent { occurred_at: whole_micros(what.occurred_at), ..what };
        let recorded_at = whole_micros(now);
        let mut event = Self {
            seq: head.seq + 1,
            prev_hash: head.hash,
            hash: Sha256Digest::ZERO,
            event_id: event_id(head, recorded_at),
            recorded_at,
            purpose: PURPOSE.into(),
            channel: CHANNEL.into(),
            basis: what.action.basis().into(),
            what,
        };
        event.hash = event.digest();
        event
    }

    /// What the next line is bound to.
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }

    /// Shows `see` the fields of the line, in their order. Everything that writes a line out goes by this list; a field that is
    /// not in it does not compile.
    fn fields<E>(&self, mut see: impl FnMut(&'static str, Field<'_>) -> Result<(), E>) -> Result<(), E> {
        let Self { seq, prev_hash, hash, event_id, recorded_at, purpose, channel, basis, what } = self;
        let NewEvent {
            occurred_at,
            subject,
            fingerprint,
            controller,
            action,
            text_version,
            form_version,
            source,
            method,
            mail_ref,
            token_fp,
            reason,
        } = what;
        see("seq", Field::Number(*seq))?;
        see("prev_hash", Field::Digits((*prev_hash).into()))?;
        see(HASH, Field::Digits((*hash).into()))?;
        see("event_id", Field::Text(event_id))?;
        see("occurred_at", Field::Instant(*occurred_at))?;
        see("recorded_at", Field::Instant(*recorded_at))?;
        see("subject", Field::Digits((*subject).into()))?;
        see("fingerprint", Field::Digits(fingerprint.digits().into()))?;
        see("fingerprint_key", Field::Digits(fingerprint.key().into()))?;
        see("controller", Field::Text(controller))?;
        see("purpose", Field::Text(purpose))?;
        see("channel", Field::Text(channel))?;
        see("action", Field::Text(action.as_str()))?;
        see("basis", Field::Text(basis))?;
        see("text_version", Field::digest(*text_version))?;
        see("form_version", Field::optional(form_version.as_deref()))?;
        see("source", Field::Text(source))?;
        see("method", Field::Text(&method.word()))?;
        see("mail_ref", Field::optional(mail_ref.as_deref()))?;
        see("token_fp", Field::digest(*token_fp))?;
        see("reason", Field::optional(reason.as_deref()))
    }

    /// The digest that this line must have: SHA-256 over its canonical bytes.
    ///
    /// They are the line `carillon consent event 1`, then each field but the digest in its order as `name:length:value` and
    /// a line feed, the length in bytes, with `name:-` for an absent value. Instants are microseconds since 1970 in decimal.
    pub fn digest(&self) -> Sha256Digest {
        let mut canon = String::with_capacity(USUAL);
        canon.push_str("carillon consent event 1\n");
        let Ok(()) = self.fields(|name, field| {
            if name != HASH {
                field.add_to(&mut canon, name);
            }
            Ok::<_, Infallible>(())
        });
        Sha256Digest::of(canon.as_bytes())
    }

    /// Whether this line is whole and follows `head`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn follows(&self, head: Head) -> Result<(), BrokenLine> {
        if self.seq != head.seq + 1 {
            Err(BrokenLine::Gap)
        } else if self.prev_hash != head.hash {
            Err(BrokenLine::Unbound)
        } else if self.hash != self.digest() {
            Err(BrokenLine::Changed)
        } else {
            Ok(())
        }
    }
}

/// Bytes of most lines in their canonical form.
const USUAL: usize = 1_024;

/// The one field that is not in its own digest.
const HASH: &str = "hash";

/// How many fields a line has.
const FIELDS: usize = 21;

/// What a field of a line holds.
enum Field<'a> {
    Number(i64),
    Instant(Timestamp),
    Text(&'a str),
    Digits(HexDigits),
    Absent,
}

impl<'a> Field<'a> {
    fn optional(text: Option<&'a str>) -> Self {
        text.map_or(Self::Absent, Self::Text)
    }

    fn digest(digest: Option<Sha256Digest>) -> Self {
        digest.map_or(Self::Absent, |digest| Self::Digits(digest.into()))
    }

    /// Adds it to the canonical bytes. Millions of lines are written and verified one after the other: no text is made for it.
    fn add_to(&self, canon: &mut String, name: &str) {
        canon.push_str(name);
        let value = match self {
            Self::Number(number) => Decimal::of(*number),
            Self::Instant(instant) => Decimal::of(instant.as_microsecond()),
            Self::Text(text) => return add_value(canon, text),
            Self::Digits(digits) => return add_value(canon, digits.as_str()),
            Self::Absent => return canon.push_str(":-\n"),
        };
        add_value(canon, value.as_str());
    }
}

fn add_value(canon: &mut String, value: &str) {
    canon.push(':');
    canon.push_str(Decimal::of(i64::try_from(value.len()).unwrap_or(i64::MAX)).as_str());
    canon.push(':');
    canon.push_str(value);
    canon.push('\n');
}

/// A number in decimal, without room on the heap.
struct Decimal {
    room: [u8; 20],
    from: usize,
}

impl Decimal {
    fn of(number: i64) -> Self {
        let (mut room, mut from, mut rest) = ([b'0'; 20], 20, number.unsigned_abs());
        for place in room.iter_mut().rev() {
            *place = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
            from -= 1;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            from -= 1;
            if let Some(sign) = room.get_mut(from) {
                *sign = b'-';
            }
        }
        Self { room, from }
    }

    fn as_str(&self) -> &str {
        // All of it is ASCII.
        self.room.get(self.from..).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default()
    }
}

impl Serialize for Field<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Instant(instant) => instant.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Digits(digits) => serializer.serialize_str(digits.as_str()),
            Self::Absent => serializer.serialize_none(),
        }
    }
}

impl Serialize for Event {
    /// All fields, side by side, under the names of the canonical bytes.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut line = serializer.serialize_struct("Event", FIELDS)?;
        self.fields(|name, field| line.serialize_field(name, &field))?;
        line.end()
    }
}

/// What is wrong with a line of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenLine {
    /// Lines are missing before it, or it is there twice.
    #[error("it does not carry the next number: a line before it is missing")]
    Gap,
    /// The line before it is another than the one that it was bound to.
    #[error("it is bound to another line than the one before it")]
    Unbound,
    /// It is not as it was written.
    #[error("it was changed after it was written")]
    Changed,
    /// Something in it is no value that this program writes.
    #[error("it holds something that this program never writes")]
    Unreadable,
    /// It is there, and so is the stub of a line that was removed.
    #[error("it is there, and so is a stub that says it was removed")]
    Twice,
    /// There is a stub in its place that this program did not write.
    #[error("the stub in its place was not made with our keys: somebody else has taken the line out")]
    NotOurs,
    /// There is a stub in its place whose key is not known.
    #[error("the key of the stub in its place is not in the key file; restore that from its backup")]
    StubKey,
}

/// A UUID version 7 (RFC 9562 5.7): the instant, then bits that follow from the place in the chain and so occur once.
fn event_id(head: Head, at: Timestamp) -> String {
    let mut seed = head.hash.as_bytes().to_vec();
    seed.extend(head.seq.to_be_bytes());
    let noise =
        Sha256Digest::of(&seed).as_bytes().get(6..16).and_then(|noise| noise.try_into().ok()).unwrap_or_default();
    let millisecond = at.as_millisecond().unsigned_abs();
    uuid::Builder::from_unix_timestamp_millis(millisecond, &noise).into_uuid().to_string()
}

/// An instant as the ledger, and all that keeps instants, holds it: in whole microseconds.
pub fn whole_micros(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::keys::Keyring;

    /// An event about one member, at the given second.
    pub(crate) fn event(second: i64, action: Action, method: Method) -> NewEvent {
        let fingerprint = Fingerprint::of(&Keyring::generate([3; 32]), &"camille@example.fr".parse().unwrap());
        let whose = (Pseudonym::from_random([5; 16]), fingerprint);
        let text_version = Some(Sha256Digest::of(b"Je veux recevoir les avant-premieres."));
        let occurred_at = Timestamp::from_second(second).unwrap();
        NewEvent { text_version, ..NewEvent::new((action, method), whose, "exemple", "form-7", occurred_at) }
    }

    #[test]
    fn a_line_is_bound_to_all_that_is_in_it() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let event = Event::after(Head::EMPTY, event(1, Action::Confirmed, Method::DoubleOptinPost), now);
        assert_eq!(event.follows(Head::EMPTY), Ok(()));
        let next = Event::after(event.head(), event.what.clone(), now);
        assert_eq!(next.follows(event.head()), Ok(()));
        assert_ne!(next.event_id, event.event_id);
        assert_eq!(next.follows(Head::EMPTY), Err(BrokenLine::Gap));
        assert_eq!(next.follows(Head { hash: Sha256Digest::ZERO, ..event.head() }), Err(BrokenLine::Unbound));
        let edits: [fn(&mut Event); 5] = [
            |event| event.what.action = Action::Refreshed,
            |event| event.what.text_version = None,
            |event| event.what.mail_ref = Some(String::new()),
            |event| event.what.source = "form-8".to_owned(),
            |event| event.recorded_at = Timestamp::UNIX_EPOCH,
        ];
        for edit in edits {
            let mut changed = event.clone();
            edit(&mut changed);
            assert_eq!(changed.follows(Head::EMPTY), Err(BrokenLine::Changed));
        }
    }

    #[test]
    fn the_canonical_bytes_never_change() {
        let event = Event::after(
            Head::EMPTY,
            event(1_790_000_000, Action::Confirmed, Method::Import(crate::member::Capture::WebForm)),
            Timestamp::from_second(1_800_000_000).unwrap(),
        );
        // A ledger written by any release must be verifiable by every later one.
        assert_eq!(event.event_id, "01a3185c-5000-738c-9abf-2a7f6437cca3");
        assert_eq!(event.hash.to_string(), "5fa2e5fffce63a1ea8899ea37d0ef8849cd00777dc98bb641812d469596e0346");
    }
    #[test]
    fn an_export_shows_every_field_under_its_name() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let event = Event::after(Head::EMPTY, event(1_790_000_000, Action::Confirmed, Method::PagePost), now);
        let text_version = Sha256Digest::of(b"Je veux recevoir les avant-premieres.");
        let fingerprint = event.what.fingerprint;
        let expected = serde_json::json!({
            "seq": 1,
            "prev_hash": Sha256Digest::ZERO,
            "hash": event.hash,
            "event_id": event.event_id,
            "occurred_at": "2026-09-21T14:13:20Z",
            "recorded_at": "2027-01-15T08:00:00Z",
            "subject": "05050505050505050505050505050505",
            "fingerprint": fingerprint.to_string(),
            "fingerprint_key": fingerprint.key().to_string(),
            "controller": "exemple",
            "purpose": "presale-announcements",
            "channel": "email",
            "action": "confirmed",
            "basis": "consent",
            "text_version": text_version,
            "form_version": null,
            "source": "form-7",
            "method": "page_post",
            "mail_ref": null,
            "token_fp": null,
            "reason": null,
        });
        assert_eq!(serde_json::json!(event), expected);
    }
}
