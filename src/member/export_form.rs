//! What the exports of other programs look like: which column holds what, in which zone their instants are, and by which column a
//! row says that the person left. Data, each with its source; what they can prove is told in `docs/members.md`.

/// A program that exports people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportProgram {
    /// A table of our own columns.
    Csv,
    /// Mailchimp's export of an audience.
    Mailchimp,
    /// Brevo's export of contacts.
    Brevo,
    /// listmonk's export of subscribers.
    Listmonk,
}

impl ExportProgram {
    /// Every program.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Mailchimp, Self::Brevo, Self::Listmonk];

    /// Its name at the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Mailchimp => "mailchimp",
            Self::Brevo => "brevo",
            Self::Listmonk => "listmonk",
        }
    }

    /// What its export looks like.
    pub fn form(self) -> &'static ExportForm {
        match self {
            Self::Csv => &OUR_OWN,
            Self::Mailchimp => &MAILCHIMP,
            Self::Brevo => &BREVO,
            Self::Listmonk => &LISTMONK,
        }
    }
}

/// What an export looks like. Names of columns are in lower case, in which they are compared.
#[derive(Clone, Copy, Debug)]
pub struct ExportForm {
    /// Under which names it has our columns, where it has not our own.
    pub columns: &'static [(&'static str, &'static [&'static str])],
    /// The zone of its instants, where it is known.
    pub zone: Option<&'static str>,
    /// A column that must be filled for `confirmed_at` of the form to be an act of the person.
    pub act: Option<&'static str>,
    /// Columns by which a row says that the person left.
    pub left: &'static [LeftColumn],
}

/// A column by which a row says that the person left.
#[derive(Clone, Copy, Debug)]
pub struct LeftColumn {
    /// Its name.
    pub name: &'static str,
    /// Whether the export always has it.
    pub required: bool,
    /// What stands in it while the person has not left, in lower case. Anything else means that the person has.
    pub stays: &'static [&'static str],
}

/// Our own columns, as `docs/members.md` has them.
const OUR_OWN: ExportForm = ExportForm { columns: &[], zone: None, act: None, left: &[] };

/// An audience's contacts come in three files, `subscribed`, `unsubscribed` and `cleaned`, whose instants are in UTC without an
/// offset. `OPTIN_TIME` is filled when the person filled in a form; `CONFIRM_TIME` also when somebody else put the address in.
/// The second and third file have `UNSUB_TIME` and `CLEAN_TIME` beside the columns of the first.
///
/// Source: files of exports that are kept in public repositories, as of 2013, 2015, 2016, 2018 and 2024; they agree.
const MAILCHIMP: ExportForm = ExportForm {
    columns: &[("address", &["email address", "email"]), ("confirmed_at", &["confirm_time"])],
    zone: Some("UTC"),
    act: Some("optin_time"),
    left: &[
        LeftColumn { name: "unsub_time", required: false, stays: &[""] },
        LeftColumn { name: "clean_time", required: false, stays: &[""] },
    ],
};

/// `EMAIL`, `ADDED_TIME`, `MODIFIED_TIME` and the attributes of the account; `email_marketing` when the status of the
/// subscription was asked for. No column of its own says when a person agreed.
///
/// Source: the reference of `POST /contacts/export`, developers.brevo.com, which names the columns and not the words in them:
/// so anything but `subscribed` is taken for a person who left.
const BREVO: ExportForm = ExportForm {
    columns: &[("address", &["email"])],
    zone: None,
    act: None,
    left: &[LeftColumn { name: "email_marketing", required: false, stays: &["subscribed"] }],
};

/// `uuid`, `email`, `name`, `attributes`, `status`, `created_at`, `updated_at`; the status is `enabled`, `disabled` or
/// `blocklisted`, and speaks of the person, not of a list.
///
/// Source: `cmd/subscribers.go` and `schema.sql` of knadh/listmonk.
const LISTMONK: ExportForm = ExportForm {
    columns: &[("address", &["email"])],
    zone: None,
    act: None,
    left: &[LeftColumn { name: "status", required: true, stays: &["enabled"] }],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_they_are_compared() {
        for form in ExportProgram::ALL.map(ExportProgram::form) {
            let names = form.columns.iter().flat_map(|(_, names)| names.iter().copied());
            let others = form.left.iter().flat_map(|left| [left.name].into_iter().chain(left.stays.iter().copied()));
            for name in names.chain(form.act).chain(others) {
                assert_eq!(name, name.to_lowercase());
            }
            assert!(form.zone.is_none_or(|zone| jiff::tz::TimeZone::get(zone).is_ok()));
        }
    }
}
