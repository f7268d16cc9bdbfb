//! The rules that a letter is checked against. `docs/mail.md` lists them; a test compares the two.

use crate::finding::{Finding, Place, Severity};
use crate::phrase::Phrase;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its stable id.
    pub id: &'static str,
    /// How grave a breach is.
    pub severity: Severity,
    /// The message in the catalogues whose part `remedy` says what to do about it.
    pub message: &'static str,
    /// The text behind it.
    pub law: Option<&'static str>,
}

impl Rule {
    const fn error(id: &'static str, message: &'static str) -> Self {
        Self { id, severity: Severity::Error, message, law: None }
    }

    const fn warning(id: &'static str, message: &'static str) -> Self {
        Self { id, severity: Severity::Warning, message, law: None }
    }

    const fn under(self, law: &'static str) -> Self {
        Self { law: Some(law), ..self }
    }

    /// What to do about a breach.
    pub fn remedy(&self) -> Phrase {
        Phrase::new(self.message).part("remedy")
    }

    /// A breach of the rule at `place`, as `message` says.
    pub fn at(&self, place: Place, message: Phrase) -> Finding {
        let finding = Finding::new(self.severity, self.id, place, message).mended_by(self.remedy());
        Finding { law: self.law.map(str::to_owned), ..finding }
    }
}

macro_rules! rules {
    ($($name:ident = $rule:expr;)*) => {
        $(pub(in crate::mail) const $name: Rule = $rule;)*

        /// Every rule.
        pub const ALL: &[&Rule] = &[$(&$name),*];
    };
}

const ACCESS: &str = "WCAG 2.1 AA";
const TRACKING: &str = "CNIL, délibération n° 2026-042; loi Informatique et Libertés, art. 82";
const EXIT: &str = "CPCE art. L34-5; RGPD art. 7(3)";

rules! {
    LANG = Rule::error("mail.lang", "mail-lang").under(ACCESS);
    TITLE = Rule::error("mail.title", "mail-title").under(ACCESS);
    HEADING = Rule::error("mail.heading", "mail-heading").under(ACCESS);
    TABLE_ROLE = Rule::error("mail.table-role", "mail-table-role").under(ACCESS);
    ALT = Rule::error("mail.alt", "mail-alt").under(ACCESS);
    CONTRAST = Rule::error("mail.contrast", "mail-contrast").under(ACCESS);
    SMALL_TYPE = Rule::warning("mail.small-type", "mail-small-type");
    COLOR_SCHEME = Rule::warning("mail.color-scheme", "mail-color-scheme");
    PREHEADER = Rule::warning("mail.preheader", "mail-preheader");
    SIZE = Rule::error("mail.size", "mail-size");
    REMOTE = Rule::error("mail.remote", "mail-remote").under(TRACKING);
    PIXEL = Rule::error("mail.pixel", "mail-pixel").under(TRACKING);
    SCRIPT = Rule::error("mail.script", "mail-script");
    FORM = Rule::error("mail.form", "mail-form");
    POSITION = Rule::warning("mail.position", "mail-position");
    LINK = Rule::error("mail.link", "mail-link");
    REDIRECTOR = Rule::warning("mail.redirector", "mail-redirector").under(TRACKING);
    URLS_DIFFER = Rule::error("mail.urls-differ", "mail-urls-differ");
    PART = Rule::error("mail.part", "mail-part");
    UNSUBSCRIBE = Rule::error("mail.unsubscribe", "mail-unsubscribe").under(EXIT);
    UNSUBSCRIBE_LATE = Rule::error("mail.unsubscribe-late", "mail-unsubscribe-late");
    RECIPIENT_LINK = Rule::error("mail.recipient-link", "mail-recipient-link").under(TRACKING);
    PLACEHOLDER = Rule::error("mail.placeholder", "mail-placeholder");
    SAFE = Rule::error("mail.safe", "mail-safe");
    FRENCH_SPACING = Rule::warning("mail.french-spacing", "mail-french-spacing");
    SUBJECT_LENGTH = Rule::warning("mail.subject-length", "mail-subject-length");
    HEADER_MISSING = Rule::error("mail.header-missing", "mail-header-missing").under("RFC 5322 3.6");
    HEADER_TWICE = Rule::error("mail.header-twice", "mail-header-twice").under("RFC 5322 3.6");
    RECIPIENTS = Rule::error("mail.recipients", "mail-recipients");
    MESSAGE_ID = Rule::error("mail.message-id", "mail-message-id");
    LIST_UNSUBSCRIBE = Rule::error("mail.list-unsubscribe", "mail-list-unsubscribe").under("RFC 8058 3.1");
    ONE_CLICK = Rule::error("mail.one-click", "mail-one-click").under("RFC 8058 3.1");
    LIST_ID = Rule::error("mail.list-id", "mail-list-id").under("RFC 2919");
    FEEDBACK_ID = Rule::error("mail.feedback-id", "mail-feedback-id");
    DKIM_MISSING = Rule::warning("mail.dkim-missing", "mail-dkim-missing");
    DKIM_UNCOVERED = Rule::error("mail.dkim-uncovered", "mail-dkim-uncovered").under("RFC 8058 3.1");
    DKIM_FOREIGN = Rule::warning("mail.dkim-foreign", "mail-dkim-foreign").under("RFC 9989");
    LONG_LINE = Rule::error("mail.long-line", "mail-long-line").under("RFC 5322 2.1.1");
    LINE_END = Rule::warning("mail.line-end", "mail-line-end").under("RFC 5322 2.3");
}
