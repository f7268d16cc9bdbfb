//! Columns that keep their type: a state is a state in a query too, and a text that is none is an error that names it.

use std::fmt;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;

use crate::delivery::{DeliveryState, MailingState};

/// A value that the store keeps under a name.
pub(super) trait Named: Sized {
    /// What it is, for an error.
    const WHAT: &'static str;

    /// Its name.
    fn name(&self) -> &'static str;

    /// The value with this name.
    fn named(name: &str) -> Option<Self>;
}

/// A text column that holds the name of a `T`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub(super) struct Col<T: fmt::Debug>(pub(super) T);

/// A stored text that names nothing.
#[derive(Debug, thiserror::Error)]
#[error("the store holds {what} that cannot be read: `{value}`")]
pub(super) struct Unreadable {
    pub(super) what: &'static str,
    pub(super) value: String,
}

impl<DB: Backend, T: Named + fmt::Debug> FromSql<Text, DB> for Col<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let value = String::from_sql(bytes)?;
        T::named(&value).map(Self).ok_or_else(|| Unreadable { what: T::WHAT, value }.into())
    }
}

impl<DB: Backend, T: Named + fmt::Debug> ToSql<Text, DB> for Col<T>
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <str as ToSql<Text, DB>>::to_sql(self.0.name(), out)
    }
}

/// The columns that hold `values`, for `IN (…)`.
pub(super) fn columns<T: Copy + fmt::Debug>(values: &[T]) -> Vec<Col<T>> {
    values.iter().copied().map(Col).collect()
}

macro_rules! named {
    ($($type:ty: $what:literal),*) => {
        $(impl Named for $type {
            const WHAT: &'static str = $what;

            fn name(&self) -> &'static str {
                (*self).name()
            }

            fn named(name: &str) -> Option<Self> {
                name.parse().ok()
            }
        })*
    };
}
named!(DeliveryState: "the state of a delivery", MailingState: "the state of a mailing");
