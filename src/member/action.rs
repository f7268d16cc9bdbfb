//! What can happen to a consent, and by which way it reached us.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Someone asked, with this address, to be written to.
    Requested,
    /// The mail that asks for a confirmation went out.
    ConfirmMailSent,
    /// The person agreed.
    Confirmed,
    /// The person, who had agreed, did something that shows it still holds.
    Refreshed,
    /// The person took the consent back.
    Withdrawn,
    /// The person objected to direct marketing (GDPR 21(2)).
    Objected,
    /// The person reported a mail as unwanted.
    Complained,
    /// The mailbox is gone for good.
    BouncedDead,
    /// The consent grew too old.
    Expired,
    /// The person asked for erasure (GDPR 17), and the address was destroyed.
    Erased,
    /// The address or the language was corrected (GDPR 16).
    Rectified,
    /// The person asked for a pause.
    Paused,
    /// The person ended a pause.
    Resumed,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 13] = [
        Self::Requested,
        Self::ConfirmMailSent,
        Self::Confirmed,
        Self::Refreshed,
        Self::Withdrawn,
        Self::Objected,
        Self::Complained,
        Self::BouncedDead,
        Self::Expired,
        Self::Erased,
        Self::Rectified,
        Self::Paused,
        Self::Resumed,
    ];

    /// The word in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::ConfirmMailSent => "confirm_mail_sent",
            Self::Confirmed => "confirmed",
            Self::Refreshed => "refreshed",
            Self::Withdrawn => "withdrawn",
            Self::Objected => "objected",
            Self::Complained => "complained",
            Self::BouncedDead => "bounced_dead",
            Self::Expired => "expired",
            Self::Erased => "erased",
            Self::Rectified => "rectified",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
        }
    }

    /// Whether it ends a consent.
    pub fn ends(self) -> bool {
        use Action::{BouncedDead, Complained, Erased, Expired, Objected, Withdrawn};
        matches!(self, Withdrawn | Objected | Complained | BouncedDead | Expired | Erased)
    }

    /// The legal basis on which the event itself is kept: consent for what leads to a mail; for what ends it, the
    /// obligation to respect it and to prove that it was respected (GDPR 7(1), 17(3)(b) and (e)).
    pub fn basis(self) -> &'static str {
        match self {
            Self::Requested | Self::ConfirmMailSent | Self::Confirmed | Self::Refreshed => "consent",
            _ => "legal_obligation",
        }
    }
}

/// The text is no word of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a word of the consent ledger")]
pub struct NotInLedger;

impl FromStr for Action {
    type Err = NotInLedger;

    fn from_str(text: &str) -> Result<Self, NotInLedger> {
        Self::ALL.into_iter().find(|action| action.as_str() == text).ok_or(NotInLedger)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What stands before the way of a consent that was imported, in the ledger.
const IMPORTED: &str = "import:";

/// How a consent was given before it was imported. Accepted terms, a purchase, a pre-ticked box or a bought list are
/// not among them: they are no consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capture {
    /// A link in a mail to the address was followed and confirmed there.
    DoubleOptin,
    /// An unticked box or a button of its own on a web page.
    WebForm,
    /// The same on a screen in a shop.
    InStoreForm,
    /// The same on paper, kept.
    PaperForm,
}

impl Capture {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::DoubleOptin, Self::WebForm, Self::InStoreForm, Self::PaperForm];

    /// The word in files.
    pub fn as_str(self) -> &'static str {
        let imported = self.imported();
        imported.strip_prefix(IMPORTED).unwrap_or(imported)
    }

    /// The word in the ledger.
    fn imported(self) -> &'static str {
        match self {
            Self::DoubleOptin => "import:double_optin",
            Self::WebForm => "import:web_form",
            Self::InStoreForm => "import:in_store_form",
            Self::PaperForm => "import:paper_form",
        }
    }
}

impl FromStr for Capture {
    type Err = NotInLedger;

    fn from_str(text: &str) -> Result<Self, NotInLedger> {
        Self::ALL.into_iter().find(|capture| capture.as_str() == text).ok_or(NotInLedger)
    }
}

/// The way by which something reached us.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// The button on the page that the confirmation mail leads to: the owner of the mailbox acted.
    DoubleOptinPost,
    /// A mail provider's one-click unsubscribe (RFC 8058).
    OneClickPost,
    /// A button on one of our pages.
    PagePost,
    /// A mail to the unsubscribe address.
    Mailto,
    /// A complaint report (RFC 5965).
    Arf,
    /// A delivery status notification (RFC 3464).
    Dsn,
    /// A person of the shop, at the command line.
    Staff(String),
    /// The consent clock.
    ExpiryJob,
    /// The record of departures, which a store restored from a backup had forgotten.
    Record,
    /// A file with the evidence of each consent.
    Import(Capture),
}

impl Method {
    /// Whether only the owner of the mailbox can have done it. Nothing else lifts a withdrawal.
    pub fn is_owners(&self) -> bool {
        matches!(self, Self::DoubleOptinPost)
    }

    /// Whether who comes in this way is written to in the language of the form or the row.
    pub fn brings_language(&self) -> bool {
        matches!(self, Self::DoubleOptinPost | Self::Import(_))
    }

    /// Whether a consent can be given this way at all.
    pub fn can_consent(&self) -> bool {
        matches!(self, Self::DoubleOptinPost | Self::PagePost | Self::Import(_))
    }
}

impl FromStr for Method {
    type Err = NotInLedger;

    fn from_str(text: &str) -> Result<Self, NotInLedger> {
        Ok(match text.split_once(':') {
            Some(("staff", who)) => Self::Staff(who.to_owned()),
            Some(("import", capture)) => Self::Import(capture.parse()?),
            Some(_) => return Err(NotInLedger),
            None => match text {
                "double_optin_post" => Self::DoubleOptinPost,
                "one_click_post" => Self::OneClickPost,
                "page_post" => Self::PagePost,
                "mailto" => Self::Mailto,
                "arf" => Self::Arf,
                "dsn" => Self::Dsn,
                "expiry_job" => Self::ExpiryJob,
                "departures_record" => Self::Record,
                _ => return Err(NotInLedger),
            },
        })
    }
}

impl Method {
    /// As the ledger writes it.
    pub fn word(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::DoubleOptinPost => "double_optin_post",
            Self::OneClickPost => "one_click_post",
            Self::PagePost => "page_post",
            Self::Mailto => "mailto",
            Self::Arf => "arf",
            Self::Dsn => "dsn",
            Self::ExpiryJob => "expiry_job",
            Self::Record => "departures_record",
            Self::Import(capture) => capture.imported(),
            Self::Staff(who) => return Cow::Owned(format!("staff:{who}")),
        })
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for action in Action::ALL {
            assert_eq!(action.as_str().parse(), Ok(action));
        }
        for text in [
            "double_optin_post",
            "one_click_post",
            "page_post",
            "mailto",
            "arf",
            "dsn",
            "expiry_job",
            "departures_record",
        ]
        .into_iter()
        .chain(["staff:camille", "staff:a:b", "import:paper_form", "import:double_optin"])
        {
            assert_eq!(text.parse::<Method>().map(|method| method.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "staff", "import:bought_list", "Dsn", "import"] {
            assert_eq!(text.parse::<Method>(), Err(NotInLedger), "{text}");
        }
    }
}
