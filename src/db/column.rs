//! Columns keep their type: a state is a state in a statement too, and an instant an instant.
//!
//! Each value of the core that has a stored form names it once, here. What a column holds and is no such value is an
//! error that says what it was to be; it quotes the value unless that tells of a person.

use std::sync::Arc;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
// What `#[derive(AsExpression)]` expands to; the core does not know diesel, so it cannot be derived there.
use diesel::internal::derives::as_expression::Bound;
#[cfg(feature = "postgres")]
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, HasSqlType, Nullable, SingleValue, SqlOrd, Text};
use diesel::sqlite::Sqlite;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::audit::AuditAction;
use super::bounces::BounceSource;
use super::conn::MultiBackend;
use super::gates::AppliedGate;
use crate::bounce::BounceClass;
use crate::calendar::{Channel, Market};
use crate::campaign::{AudienceClass, CampaignState, MailingKind, SaleEdition, Schedule};
use crate::delivery::breaker::StoppedParts;
use crate::delivery::{DeliveryState, MailingState};
use crate::gate::GateTold;
use crate::keys::hex::HexDigits;
use crate::keys::{KeyId, Sha256Digest};
use crate::member::removal::{RemovalDay, StubMac};
use crate::member::renewal::RenewalState;
use crate::member::retention::RetentionClock;
use crate::member::{
    Action, Address, Cause, Consent, Fingerprint, FingerprintDigits, Language, ListBasis, ListName, Method, Pseudonym,
};
use crate::price::Currency;
use crate::problem::{Problem, ProblemKind};
use crate::smtp::{Enhanced, Stage};
use crate::text::Slug;
use types::{Instant, Json};

diesel::define_sql_function! {
    /// A text in lower case.
    fn lower(text: Text) -> Text;
}

/// The types that columns have in [`super::schema`].
pub(super) mod types {
    pub(crate) use diesel::sql_types::*;

    /// An instant: whole microseconds since 1970, rounded towards the past.
    #[derive(Clone, Copy, Debug, SqlType, diesel::query_builder::QueryId)]
    #[diesel(sqlite_type(name = "Long"))]
    #[diesel(postgres_type(oid = 20, array_oid = 1016))]
    pub struct Instant;

    /// A text that is JSON.
    #[derive(Clone, Copy, Debug, SqlType, diesel::query_builder::QueryId)]
    #[diesel(sqlite_type(name = "Text"))]
    #[diesel(postgres_type(oid = 25, array_oid = 1009))]
    pub struct Json;
}

impl SqlOrd for Instant {}

impl HasSqlType<Instant> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Instant>(lookup)
    }
}

impl HasSqlType<Json> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Json>(lookup)
    }
}

/// A value that the store keeps in one column.
pub(super) trait Stored: Sized {
    /// What the column holds: a text, or a number.
    type Raw: ToString;

    /// What it is, for an error.
    const WHAT: &'static str;

    /// Whether it tells of a person, so that no error may quote it.
    const PERSONAL: bool = false;

    /// What is kept of it.
    fn raw(&self) -> deserialize::Result<Self::Raw>;

    /// The value of which this is kept.
    fn stored(raw: &Self::Raw) -> Option<Self>;
}

/// A stored value that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the store holds {what} that cannot be read: `{value}`")]
pub(super) struct Unreadable {
    pub(super) what: &'static str,
    pub(super) value: String,
}

/// How much of an unreadable value an error quotes: of a schedule, its campaign's name.
const SHOWN: usize = 80;

/// Reads what a column holds.
fn read<T: Stored>(raw: &T::Raw) -> Result<T, Unreadable> {
    T::stored(raw).ok_or_else(|| Unreadable {
        what: T::WHAT,
        value: if T::PERSONAL { "not shown".to_owned() } else { raw.to_string().chars().take(SHOWN).collect() },
    })
}

/// What a column holds, or nothing when it cannot be read: so that one bad row does not keep the others from their turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tried<T>(pub(super) Option<T>);

impl<T: Stored<Raw = String>, DB: Backend> FromSql<Text, DB> for Tried<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(T::stored(&<String as FromSql<Text, DB>>::from_sql(bytes)?)))
    }
}

impl<T: Stored<Raw = String>, DB: Backend> FromSql<Json, DB> for Tried<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(T::stored(&<String as FromSql<Text, DB>>::from_sql(bytes)?)))
    }
}

impl<T: Stored<Raw = i64>, DB: Backend> FromSql<Instant, DB> for Tried<T>
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(T::stored(&<i64 as FromSql<BigInt, DB>>::from_sql(bytes)?)))
    }
}

impl<T, ST: SingleValue, DB: Backend> Queryable<ST, DB> for Tried<T>
where
    Self: FromSql<ST, DB>,
{
    type Row = Self;

    fn build(row: Self) -> deserialize::Result<Self> {
        Ok(row)
    }
}

/// How values are read from and written into columns, for each type of column and what backends know that as.
macro_rules! kept {
    ($($column:ident($raw:ty as $plain:ident): $($type:ty),+;)+) => {$($(
        impl<DB: Backend> FromSql<$column, DB> for $type
        where
            $raw: FromSql<$plain, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                Ok(read(&<$raw as FromSql<$plain, DB>>::from_sql(bytes)?)?)
            }
        }

        impl<DB: Backend> Queryable<$column, DB> for $type
        where
            Self: FromSql<$column, DB>,
        {
            type Row = Self;

            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }

        impl ToSql<$column, Sqlite> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value(self.raw()?);
                Ok(IsNull::No)
            }
        }

        #[cfg(feature = "postgres")]
        impl ToSql<$column, Pg> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                <$raw as ToSql<$plain, Pg>>::to_sql(&self.raw()?, &mut out.reborrow())
            }
        }

        impl ToSql<$column, MultiBackend> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value(($column, self));
                Ok(IsNull::No)
            }
        }

    )+)+};
}
kept!(Instant(i64 as BigInt): Timestamp;);

/// The same, and the values stand in statements as they are: for types of our own.
macro_rules! columns {
    ($($column:ident($raw:ty as $plain:ident): $($type:ty),+;)+) => {$(
        kept!($column($raw as $plain): $($type),+;);
        $(bound!($column: $type, &$type);)+
    )+};
}

macro_rules! bound {
    ($column:ident: $($type:ty),+) => {$(
        impl AsExpression<$column> for $type {
            type Expression = Bound<$column, Self>;

            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }

        impl AsExpression<Nullable<$column>> for $type {
            type Expression = Bound<Nullable<$column>, Option<Self>>;

            fn as_expression(self) -> Self::Expression {
                Bound::new(Some(self))
            }
        }
    )+};
}
columns! {
    Json(String as Text): AppliedGate, GateTold, Schedule, StoppedParts, AsJson<Value>, AsJson<Vec<Language>>;
    Text(String as Text):
        Action, Address, AudienceClass, AuditAction, BounceClass, BounceSource, CampaignState, Cause, Channel, Consent, Currency, DeliveryState, Enhanced,
        FingerprintDigits, KeyId, Language,
        ListBasis, ListName, MailingKind, MailingState, Market, Method, ProblemKind, Pseudonym, RemovalDay, RenewalState, RetentionClock, SaleEdition, Sha256Digest, Slug, Stage,
        StubMac;
}

/// A text that many rows share.
#[derive(Clone, Debug)]
pub(super) struct SharedText(pub(super) Arc<str>);

/// Texts that are written as they are and lend what they hold to the statement. They are never read.
macro_rules! lent {
    ($($type:ty: $text:expr),+) => {$(
        bound!(Text: $type);

        impl ToSql<Text, Sqlite> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                let text: fn(&Self) -> &str = $text;
                out.set_value(text(self));
                Ok(IsNull::No)
            }
        }

        #[cfg(feature = "postgres")]
        impl ToSql<Text, Pg> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                let text: fn(&Self) -> &str = $text;
                <str as ToSql<Text, Pg>>::to_sql(text(self), out)
            }
        }
    )+};
}
lent!(HexDigits: HexDigits::as_str, SharedText: |shared| &shared.0);

impl<DB: Backend> Queryable<(Text, Text), DB> for Fingerprint
where
    FingerprintDigits: FromSql<Text, DB>,
    KeyId: FromSql<Text, DB>,
{
    type Row = (FingerprintDigits, KeyId);

    fn build((digits, key): Self::Row) -> deserialize::Result<Self> {
        Ok(Self::new(digits, key))
    }
}

impl<DB: Backend> Queryable<(Text, Text, Text, Text), DB> for Problem
where
    ProblemKind: FromSql<Text, DB>,
    String: FromSql<Text, DB>,
{
    type Row = (ProblemKind, String, String, String);

    fn build((kind, object, words, remedy): Self::Row) -> deserialize::Result<Self> {
        Ok(Self { kind, object, words, remedy })
    }
}

/// An instant in a statement.
#[derive(Clone, Copy, Debug)]
pub struct At(pub Timestamp);

impl From<Timestamp> for At {
    fn from(instant: Timestamp) -> Self {
        Self(instant)
    }
}

impl ToSql<Instant, Sqlite> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        <Timestamp as ToSql<Instant, Sqlite>>::to_sql(&self.0, out)
    }
}

impl AsExpression<Instant> for At {
    type Expression = Bound<Instant, Timestamp>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self.0)
    }
}

impl AsExpression<Instant> for &At {
    type Expression = Bound<Instant, Timestamp>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self.0)
    }
}

impl AsExpression<Nullable<Instant>> for At {
    type Expression = Bound<Nullable<Instant>, Option<Timestamp>>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(Some(self.0))
    }
}

impl Stored for Timestamp {
    type Raw = i64;

    const WHAT: &'static str = "an instant";

    fn raw(&self) -> deserialize::Result<i64> {
        Ok(self.as_microsecond())
    }

    fn stored(micros: &i64) -> Option<Self> {
        Self::from_microsecond(*micros).ok()
    }
}

/// Values that are kept as they are written and read.
macro_rules! words {
    ($($type:ty: $what:literal),+) => {$(
        impl Stored for $type {
            type Raw = String;

            const WHAT: &'static str = $what;

            fn raw(&self) -> deserialize::Result<String> {
                Ok(self.to_string())
            }

            fn stored(text: &String) -> Option<Self> {
                text.parse().ok()
            }
        }
    )+};
}
words! {
    Action: "an action of the consent ledger",
    AudienceClass: "an audience",
    AuditAction: "an action of the audit log",
    BounceClass: "a class of report",
    BounceSource: "a way by which a report becomes known",
    CampaignState: "the state of a campaign",
    Cause: "the cause of a suppression",
    Channel: "a channel",
    Consent: "the state of a consent",
    Currency: "a currency",
    DeliveryState: "the state of a delivery",
    Enhanced: "an enhanced status",
    FingerprintDigits: "a fingerprint",
    KeyId: "the id of a key",
    Language: "a language",
    ListBasis: "the kind of act that puts people on a list",
    ListName: "the name of a list",
    MailingKind: "the kind of a mailing",
    MailingState: "the state of a mailing",
    Market: "a market",
    Method: "a method of the consent ledger",
    ProblemKind: "a kind of problem",
    Pseudonym: "a pseudonym",
    RemovalDay: "the day of a removal",
    RenewalState: "the state of a letter that asks whether to go on",
    RetentionClock: "a clock of retention",
    SaleEdition: "a season and a year",
    Sha256Digest: "a digest",
    Slug: "the short name of a campaign",
    Stage: "the end of an attempt",
    StubMac: "the code of a removed line"
}

impl Stored for Address {
    type Raw = String;

    const WHAT: &'static str = "an address";

    const PERSONAL: bool = true;

    fn raw(&self) -> deserialize::Result<String> {
        Ok(self.as_str().to_owned())
    }

    fn stored(text: &String) -> Option<Self> {
        text.parse().ok()
    }
}

macro_rules! json {
    ($($type:ty: $what:literal),+) => {$(
        impl Stored for $type {
            type Raw = String;

            const WHAT: &'static str = $what;

            fn raw(&self) -> deserialize::Result<String> {
                Ok(serde_json::to_string(self)?)
            }

            fn stored(text: &String) -> Option<Self> {
                serde_json::from_str(text).ok()
            }
        }
    )+};
}
json! {
    AppliedGate: "a schedule",
    GateTold: "what was told of a gate",
    Schedule: "a schedule",
    StoppedParts: "the stopped parts of a mailing",
    AsJson<Value>: "an audit entry's detail",
    AsJson<Vec<Language>>: "a mailing's languages"
}

/// A value of no type of our own that is kept as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AsJson<T>(pub T);

impl From<AsJson<Self>> for Vec<Language> {
    fn from(AsJson(languages): AsJson<Self>) -> Self {
        languages
    }
}

impl From<AsJson<Self>> for Value {
    fn from(AsJson(value): AsJson<Self>) -> Self {
        value
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;
    use crate::member::whole_micros;

    #[track_caller]
    fn kept<T: Stored<Raw = String> + PartialEq + Debug>(value: T, text: &str) {
        assert_eq!(value.raw().unwrap(), text);
        assert_eq!(read::<T>(&text.to_owned()).unwrap(), value);
    }

    #[test]
    fn what_is_written_is_read_again() {
        kept(Action::BouncedDead, "bounced_dead");
        kept(AudienceClass::ClosedGroup, "closed-group");
        kept(Channel::Store, "store");
        kept(Currency::EUR, "EUR");
        kept(Enhanced::new(5, 7, 1), "5.7.1");
        kept("FR-57".parse::<Market>().unwrap(), "FR-57");
        kept(Method::Staff("camille".to_owned()), "staff:camille");
        kept("Camille@EXAMPLE.fr".parse::<Address>().unwrap(), "Camille@example.fr");
        for state in CampaignState::ALL {
            kept(state, state.name());
        }
        for action in AuditAction::ALL {
            kept(*action, action.name());
        }
        for cause in Cause::ALL {
            kept(cause, cause.as_str());
        }
        for consent in Consent::ALL {
            kept(consent, consent.as_str());
        }
        for stage in Stage::ALL {
            kept(stage, stage.as_str());
        }
        for state in RenewalState::ALL {
            kept(state, state.as_str());
        }
        for clock in RetentionClock::ALL {
            kept(clock, clock.name());
        }
        for kind in ProblemKind::ALL {
            kept(kind, kind.name());
        }
        assert_eq!(AsJson(vec![Language::Fr, Language::En]).raw().unwrap(), r#"["fr","en"]"#);
    }

    #[test]
    fn an_instant_is_kept_to_the_microsecond_before_it() {
        for (nanosecond, micros) in [(0, 0), (999, 0), (1_999, 1), (1_999_999, 1_999)] {
            let instant = Timestamp::from_nanosecond(nanosecond).unwrap();
            assert_eq!(instant.raw().unwrap(), micros, "{nanosecond}");
            assert_eq!(whole_micros(instant), read(&micros).unwrap());
        }
    }

    #[test]
    fn what_cannot_be_read_is_quoted_unless_it_tells_of_a_person() {
        let said = |error: Unreadable| error.to_string();
        assert_eq!(
            read::<DeliveryState>(&"sent".to_owned()).map_err(said),
            Err("the store holds the state of a delivery that cannot be read: `sent`".to_owned())
        );
        assert_eq!(
            read::<Timestamp>(&i64::MAX).map_err(said),
            Err(format!("the store holds an instant that cannot be read: `{}`", i64::MAX))
        );
        let error = read::<Address>(&"camille@@example.fr".to_owned()).map_err(said).unwrap_err();
        assert_eq!(error, "the store holds an address that cannot be read: `not shown`");
        let long = read::<Stage>(&"x".repeat(1_000)).map_err(said).unwrap_err();
        assert!(long.len() < 200, "{long}");
    }
}
