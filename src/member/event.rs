//! One line of the consent ledger, and the chain that binds it to the lines before it.
//!
//! The ledger is append-only. Each line holds the hash of the line before, so a line that was changed, taken out or put
//! in afterwards is found by computing the chain again.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Serialize;

use super::{Action, Fingerprint, Method, Pseudonym};
use crate::keys::Sha256Digest;

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
    pub controller: String,
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
        controller: &str,
        source: &str,
        occurred_at: Timestamp,
    ) -> Self {
        Self {
            occurred_at,
            subject,
            fingerprint,
            controller: controller.to_owned(),
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
    pub purpose: String,
    /// By which channel.
    pub channel: String,
    /// The legal basis on which the line is kept.
    pub basis: String,
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
            purpose: PURPOSE.to_owned(),
            channel: CHANNEL.to_owned(),
            basis: what.action.basis().to_owned(),
            what,
        };
        event.hash = event.digest();
        event
    }

    /// What the next line is bound to.
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }

    /// The fields of the line, in their order. Everything that writes a line out goes by this list; a field that is not
    /// in it does not compile.
    fn fields(&self) -> [(&'static str, Field<'_>); 21] {
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
        [
            ("seq", Field::Number(*seq)),
            ("prev_hash", Field::shown(prev_hash)),
            (HASH, Field::shown(hash)),
            ("event_id", Field::text(event_id)),
            ("occurred_at", Field::Instant(*occurred_at)),
            ("recorded_at", Field::Instant(*recorded_at)),
            ("subject", Field::shown(subject)),
            ("fingerprint", Field::shown(fingerprint)),
            ("fingerprint_key", Field::shown(fingerprint.key())),
            ("controller", Field::text(controller)),
            ("purpose", Field::text(purpose)),
            ("channel", Field::text(channel)),
            ("action", Field::text(action.as_str())),
            ("basis", Field::text(basis)),
            ("text_version", Field::Optional(text_version.map(|digest| digest.to_string().into()))),
            ("form_version", Field::Optional(form_version.as_deref().map(Cow::Borrowed))),
            ("source", Field::text(source)),
            ("method", Field::shown(method)),
            ("mail_ref", Field::Optional(mail_ref.as_deref().map(Cow::Borrowed))),
            ("token_fp", Field::Optional(token_fp.map(|digest| digest.to_string().into()))),
            ("reason", Field::Optional(reason.as_deref().map(Cow::Borrowed))),
        ]
    }

    /// The digest that this line must have: SHA-256 over its canonical bytes.
    ///
    /// They are the line `carillon consent event 1`, then each field but the digest in its order as `name:length:value` and
    /// a line feed, the length in bytes, with `name:-` for an absent value. Instants are microseconds since 1970 in decimal.
    pub fn digest(&self) -> Sha256Digest {
        let mut canon = String::with_capacity(USUAL);
        canon.push_str("carillon consent event 1\n");
        for (name, field) in self.fields().into_iter().filter(|(name, _)| *name != HASH) {
            match field.canonical() {
                Some(value) => canon.extend([name, ":", &value.len().to_string(), ":", &value, "\n"]),
                None => canon.extend([name, ":-\n"]),
            }
        }
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

/// What a field of a line holds.
#[derive(Serialize)]
#[serde(untagged)]
enum Field<'a> {
    Number(i64),
    Instant(Timestamp),
    Text(Cow<'a, str>),
    Optional(Option<Cow<'a, str>>),
}

impl<'a> Field<'a> {
    fn text(text: &'a str) -> Self {
        Self::Text(text.into())
    }

    fn shown(value: impl ToString) -> Self {
        Self::Text(value.to_string().into())
    }

    /// How the canonical bytes write it, if there is anything.
    fn canonical(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Number(number) => Some(number.to_string().into()),
            Self::Instant(instant) => Some(instant.as_microsecond().to_string().into()),
            Self::Text(text) => Some(text),
            Self::Optional(text) => text,
        }
    }
}

impl Serialize for Event {
    /// All fields, side by side, under the names of the canonical bytes.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let fields = self.fields();
        let mut line = serializer.serialize_struct("Event", fields.len())?;
        for (name, field) in &fields {
            line.serialize_field(name, field)?;
        }
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

fn whole_micros(instant: Timestamp) -> Timestamp {
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
