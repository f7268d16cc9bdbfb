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
    /// What to do about it.
    pub remedy: &'static str,
    /// The text behind it.
    pub law: Option<&'static str>,
}

impl Rule {
    const fn error(id: &'static str, remedy: &'static str) -> Self {
        Self { id, severity: Severity::Error, remedy, law: None }
    }

    const fn warning(id: &'static str, remedy: &'static str) -> Self {
        Self { id, severity: Severity::Warning, remedy, law: None }
    }

    const fn under(self, law: &'static str) -> Self {
        Self { law: Some(law), ..self }
    }

    /// A breach of the rule at `place`.
    pub fn at(&self, place: Place, message: impl Into<Phrase>) -> Finding {
        Finding {
            rule: self.id,
            severity: self.severity,
            place,
            message: message.into(),
            law: self.law.map(str::to_owned),
            remedy: self.remedy.into(),
        }
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
    LANG = Rule::error("mail.lang", "write `lang` and `dir` on `html`, and again on the first element inside `body`: many mail readers drop the first").under(ACCESS);
    TITLE = Rule::error("mail.title", "write the subject into `title`").under(ACCESS);
    HEADING = Rule::error("mail.heading", "keep exactly one `h1`").under(ACCESS);
    TABLE_ROLE = Rule::error("mail.table-role", "write `role=\"presentation\"` on tables that only lay out").under(ACCESS);
    ALT = Rule::error("mail.alt", "write `alt`; leave it empty for an ornament").under(ACCESS);
    CONTRAST = Rule::error("mail.contrast", "choose colours at least 4.5 to 1 apart, 3 to 1 for large type").under(ACCESS);
    SMALL_TYPE = Rule::warning("mail.small-type", "use 14 px or more");
    COLOR_SCHEME = Rule::warning("mail.color-scheme", "add `<meta name=\"color-scheme\" content=\"light dark\">`");
    PREHEADER = Rule::warning("mail.preheader", "say in at most 100 characters what the subject does not, and let blanks follow it, as in the built-in `base.html`");
    SIZE = Rule::error("mail.size", "keep the HTML under 80 kB: Gmail cuts off at about 102 kB, and the way out with it");
    REMOTE = Rule::error("mail.remote", "send nothing that is fetched on opening: use text, colours, or an image inside the message").under(TRACKING);
    PIXEL = Rule::error("mail.pixel", "remove it; Carillon measures no openings").under(TRACKING);
    SCRIPT = Rule::error("mail.script", "remove it; mail readers drop or distrust it");
    FORM = Rule::error("mail.form", "link to a page with the form");
    POSITION = Rule::warning("mail.position", "lay out with tables and margins; mail readers ignore it");
    LINK = Rule::error("mail.link", "link to pages by `https://`");
    REDIRECTOR = Rule::warning("mail.redirector", "link to the page itself; Carillon counts no clicks").under(TRACKING);
    URLS_DIFFER = Rule::error("mail.urls-differ", "say the same in both parts, links included");
    PART = Rule::error("mail.part", "send a text part, then an HTML part, as `multipart/alternative`");
    UNSUBSCRIBE = Rule::error("mail.unsubscribe", "link to `recipient.unsubscribe_url` in both parts").under(EXIT);
    UNSUBSCRIBE_LATE = Rule::error("mail.unsubscribe-late", "link to it before the heading, too: a letter that is cut off must still let go");
    RECIPIENT_LINK = Rule::error("mail.recipient-link", "give everybody the same links; only the unsubscribe and preference pages may differ").under(TRACKING);
    PLACEHOLDER = Rule::error("mail.placeholder", "fill it in");
    SAFE = Rule::error("mail.safe", "remove the filter: it lets a merchandiser's text become markup");
    FRENCH_SPACING = Rule::warning("mail.french-spacing", "put U+202F before `!`, `?` and `;`, U+00A0 before `:`, inside « » and between a number and `h`");
    SUBJECT_LENGTH = Rule::warning("mail.subject-length", "say what matters in the first 60 characters");
    HEADER_MISSING = Rule::error("mail.header-missing", "have the message built by Carillon, and the relay leave it alone").under("RFC 5322 3.6");
    HEADER_TWICE = Rule::error("mail.header-twice", "send each of these fields once; Gmail refuses the message otherwise").under("RFC 5322 3.6");
    RECIPIENTS = Rule::error("mail.recipients", "write to one person at a time; tokens are personal");
    MESSAGE_ID = Rule::error("mail.message-id", "use letters, digits, dots and hyphens, then `@` and a domain");
    LIST_UNSUBSCRIBE = Rule::error("mail.list-unsubscribe", "send one HTTPS address in angle brackets, first").under("RFC 8058 3.1");
    ONE_CLICK = Rule::error("mail.one-click", "send `List-Unsubscribe-Post: List-Unsubscribe=One-Click` beside List-Unsubscribe").under("RFC 8058 3.1");
    LIST_ID = Rule::error("mail.list-id", "send `List-Id: Name <list.example.fr>`").under("RFC 2919");
    FEEDBACK_ID = Rule::error("mail.feedback-id", "send at most four names, joined by colons, the last of 5 to 15 characters");
    LONG_LINE = Rule::error("mail.long-line", "break lines after at most 998 octets").under("RFC 5322 2.1.1");
    LINE_END = Rule::warning("mail.line-end", "end every line with CR LF on the wire; a file saved by an editor may have lost them").under("RFC 5322 2.3");
}
