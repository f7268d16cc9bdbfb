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
    /// The column of the instant at which the person filled in a form: it must be filled for `confirmed_at` of the form to be an act
    /// of the person, and a double opt-in was confirmed at another one.
    pub asked: Option<&'static str>,
    /// Other columns that must be filled for that.
    pub act: &'static [&'static str],
    /// What the names of files begin with in which nobody agreed to anything.
    pub nobody_agreed: &'static [&'static str],
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

/// Whether the heading of a column, in lower case, is one under which programs say that somebody left. Who wrote it knows; a heading that only
/// may say so has to be looked at by a person.
pub(super) fn tells_who_left(heading: &str) -> bool {
    const PARTS: [&str; 17] = [
        "unsub",
        "blacklist",
        "blocklist",
        "opt-out",
        "opt_out",
        "opt out",
        "optout",
        "désabonn",
        "desabonn",
        "désinscri",
        "desinscri",
        "abgemeldet",
        "abmeld",
        "uitgeschreven",
        "afgemeld",
        "disiscri",
        "bounce",
    ];
    const BEGINNINGS: [&str; 5] = ["status", "statut", "stato", "estado", "subscription"];
    PARTS.iter().any(|part| heading.contains(part)) || BEGINNINGS.iter().any(|word| heading.starts_with(word))
}

/// Our own columns, as `docs/members.md` has them.
const OUR_OWN: ExportForm =
    ExportForm { columns: &[], zone: None, asked: None, act: &[], nobody_agreed: &[], left: &[] };

/// An audience's contacts come in files by their status, whose instants are in UTC without an offset. `subscribed` has, behind the
/// fields of the audience, `MEMBER_RATING`, `OPTIN_TIME`, `OPTIN_IP`, `CONFIRM_TIME`, `CONFIRM_IP`, columns of a place, then
/// `LAST_CHANGED`, `LEID`, `EUID`, `NOTES` and `TAGS`. In the place of `LAST_CHANGED`, `unsubscribed` has `UNSUB_TIME`,
/// `UNSUB_CAMPAIGN_TITLE`, `UNSUB_CAMPAIGN_ID`, `UNSUB_REASON` and `UNSUB_REASON_OTHER`, and `cleaned` has `CLEAN_TIME`,
/// `CLEAN_CAMPAIGN_TITLE` and `CLEAN_CAMPAIGN_ID`. `nonsubscribed` and `sms_only` have the columns of the first: only their names
/// tell that nobody in them agreed to letters.
///
/// `OPTIN_TIME` is when a form was filled in and `OPTIN_IP` from where; `CONFIRM_TIME` is when the link of the letter was pressed.
/// An address that the account or a program put in has a `CONFIRM_TIME` as well, in files since 2018 also an `OPTIN_TIME` at the
/// same instant, and no `OPTIN_IP` unless a program gave one.
///
/// Source: headers and rows of exports in public repositories, as of 2013 to 2018, 2021, 2024 and 2026, which agree in the columns;
/// the fields `timestamp_signup`, `ip_signup`, `timestamp_opt` and `ip_opt` of the Marketing API for what the instants mean.
const MAILCHIMP: ExportForm = ExportForm {
    columns: &[("address", &["email address", "email"]), ("confirmed_at", &["confirm_time"])],
    zone: Some("UTC"),
    asked: Some("optin_time"),
    act: &["optin_ip"],
    nobody_agreed: &["nonsubscribed", "sms_only"],
    left: &[
        LeftColumn { name: "unsub_time", required: false, stays: &[""] },
        LeftColumn { name: "clean_time", required: false, stays: &[""] },
    ],
};

/// `EMAIL`, `ADDED_TIME`, `MODIFIED_TIME` and the attributes of the account; `email_marketing` when the status of the
/// subscription was asked for. No column of its own says when a person agreed.
///
/// Source: the reference of `POST /contacts/export`, developers.brevo.com (`exportMandatoryAttributes`,
/// `exportSubscriptionStatus`), which names the columns and not the words in them: so anything but `subscribed` is taken for a
/// person who left.
const BREVO: ExportForm = ExportForm {
    columns: &[("address", &["email"])],
    zone: None,
    asked: None,
    act: &[],
    nobody_agreed: &[],
    left: &[LeftColumn { name: "email_marketing", required: false, stays: &["subscribed"] }],
};

/// `uuid`, `email`, `name`, `attributes`, `status`, `created_at`, `updated_at`; the status is `enabled`, `disabled` or
/// `blocklisted`, and speaks of the person, not of a list.
///
/// Source: `cmd/subscribers.go` and `schema.sql` of knadh/listmonk.
const LISTMONK: ExportForm = ExportForm {
    columns: &[("address", &["email"])],
    zone: None,
    asked: None,
    act: &[],
    nobody_agreed: &[],
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
            for name in names.chain(form.asked).chain(form.act.iter().copied()).chain(others) {
                assert_eq!(name, name.to_lowercase());
            }
            assert!(form.zone.is_none_or(|zone| jiff::tz::TimeZone::get(zone).is_ok()));
        }
    }
}
