//! What a report says of one recipient: from its status, its reply code, its words, and the step at which it was said.
//!
//! Whoever is alive is not to be taken for dead, so two things that disagree come out as the milder one.

use super::pattern::folded;
use super::table::{BounceClass, BounceTable, MailStep};
use crate::smtp::Enhanced;

/// The bytes of a text that are read for words.
const MOST_WORDS: usize = 16_384;

/// What is known of one failure.
#[derive(Clone, Debug, Default)]
pub struct BounceEvidence {
    /// The status that the reporting server wrote.
    pub status: Option<Enhanced>,
    /// The status in what the last server said.
    pub said: Option<Enhanced>,
    /// The reply code in what the last server said.
    pub code: Option<u16>,
    /// What the last server said, or what the report says of it.
    pub text: String,
    /// What else the report says: where and how it was said.
    pub around: String,
}

impl BounceEvidence {
    /// What a relay said to us, at RCPT.
    pub fn of_reply(code: Option<u16>, status: Option<Enhanced>, text: &str) -> Self {
        Self { said: status, code, text: text.to_owned(), around: "in reply to rcpt to".to_owned(), ..Self::default() }
    }

    /// The status that counts: the one that was said before the one that was written about it.
    pub fn best_status(&self) -> Option<Enhanced> {
        match (self.said, self.status) {
            // `5.0.0` says nothing that the other does not say better.
            (Some(said), Some(status)) if said.subject == 0 && status.class == said.class => Some(status),
            (said, status) => said.or(status),
        }
    }

    /// Whether the status leaves open what is wrong: `5.0.x`, `5.1.x`, or Postfix's `5.4.4` of a name that is not found.
    fn is_vague(&self) -> bool {
        self.best_status().is_none_or(|status| matches!((status.subject, status.detail), (0 | 1, _) | (4, 4) | (5, 0)))
    }

    /// Whether anything says that it may be otherwise tomorrow.
    fn is_temporary(&self) -> bool {
        [self.status, self.said].into_iter().flatten().any(|status| status.class == 4)
            || self.code.is_some_and(|code| code / 100 == 4)
    }

    /// What it comes to.
    pub fn class(&self, table: &BounceTable) -> BounceClass {
        let (text, around) = (folded(head(&self.text)), folded(head(&self.around)));
        let status = self.best_status();
        let by_words = table.of_words(&text);
        let by_status = status.and_then(|status| table.of_status(status));
        let by_code = if status.is_none() { self.code.and_then(|code| table.of_code(code)) } else { None };
        let step = table.step(&text).or_else(|| table.step(&around));
        let class = match by_words {
            Some(BounceClass::AddressDead) => {
                let statuses: Vec<Enhanced> = [self.said, self.status].into_iter().flatten().collect();
                let believed = table.believes_death(&statuses, self.code, step, &text);
                if believed { BounceClass::AddressDead } else { milder(by_status) }
            }
            Some(BounceClass::DomainDead) if by_status.is_some_and(|class| !class.is_dead()) && !self.is_vague() => {
                milder(by_status)
            }
            Some(words) => words,
            None => by_status.or(by_code).unwrap_or(BounceClass::Unknown),
        };
        match (class, step) {
            (_, Some(MailStep::Sender)) => BounceClass::PolicySender,
            // The mailbox was accepted before: who says that it is not there filters.
            (class, Some(MailStep::Body)) if class.is_dead() => BounceClass::Unknown,
            (class, _) if class.is_dead() && self.is_temporary() => BounceClass::InfraTemporary,
            (class, _) => class,
        }
    }
}

/// What a status says that contradicts words of death; never death.
fn milder(by_status: Option<BounceClass>) -> BounceClass {
    by_status.filter(|class| !class.is_dead()).unwrap_or(BounceClass::Unknown)
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(MOST_WORDS);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// The first status that stands in `text` as servers write it: `5.1.1`, `#5.1.1`, `(#5.1.1)`, `550-5.1.1`.
pub(super) fn status_in(text: &str) -> Option<Enhanced> {
    text.split(|c: char| c.is_whitespace() || "()[]<>;,'\"#-:".contains(c))
        .map(|word| word.trim_end_matches('.'))
        .filter_map(|word| word.parse::<Enhanced>().ok())
        .find(|status| matches!(status.class, 4 | 5))
}

/// The first reply code in `text` that stands where servers put one: first, or behind a colon, an arrow or a word that tells
/// that somebody speaks.
pub(super) fn code_in(text: &str) -> Option<u16> {
    let mut before: Option<&str> = None;
    for word in text.split_whitespace() {
        let bare = word.trim_start_matches(|c: char| "([<'\"#:".contains(c));
        let digits = bare.get(..3).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let ends = bare
            .get(3..)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.' || c == '%'));
        let introduced = before.is_none_or(|before| {
            let before = before.to_ascii_lowercase();
            before.ends_with([':', ';', ',', '-', '<', '>', '|'])
                || ["said", "was", "reason", "returned", "error", "with", "failure", "smtp", "code", "..."]
                    .contains(&before.as_str())
                || before.parse::<u16>().is_ok()
                || before.parse::<Enhanced>().is_ok()
        });
        if let Some(code) = digits.filter(|_| ends).and_then(|digits| digits.parse().ok())
            && (400..600).contains(&code)
            && introduced
        {
            return Some(code);
        }
        before = Some(word);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: &str, text: &str, expected: BounceClass) {
        let evidence = BounceEvidence {
            status: status.parse().ok(),
            said: status_in(text),
            code: code_in(text),
            text: text.to_owned(),
            around: String::new(),
        };
        assert_eq!(evidence.class(BounceTable::built_in()), expected, "{evidence:?}");
    }

    #[test]
    fn what_reports_say() {
        use BounceClass as C;
        check("5.1.1", "550 5.1.1 <a@example.fr>: Recipient address rejected: User unknown", C::AddressDead);
        check("5.1.1", "", C::AddressDead);
        check("", "550 User unknown", C::AddressDead);
        check("5.0.0", "550 Unknown user", C::AddressDead);
        check("5.5.0", "550 5.5.0 Adresse destinataire invalide. Invalid recipient. LPN007_416", C::AddressDead);
        check("4.1.1", "450 4.1.1 user unknown", C::InfraTemporary);
        check("5.2.0", "550 5.2.0 user unknown", C::Unknown);
        check("5.7.1", "550 5.7.1 user unknown", C::PolicySender);
        check("5.1.1", "550 5.7.1 IP address blacklisted by recipient", C::PolicySender);
        check("5.1.1", "550 5.1.1 user unknown, blocked using an RBL", C::PolicySender);
        check("5.0.0", "550 user unknown (in reply to end of DATA command)", C::Unknown);
        check("5.1.1", "550 5.1.1 mailbox is full", C::MailboxFull);
        check("5.2.2", "552-5.2.2 The recipient's inbox is out of storage space", C::MailboxFull);
        check("5.2.1", "", C::MailboxDisabled);
        check("5.1.2", "Host unknown (Name server: example.fr: host not found)", C::DomainDead);
        check("4.4.3", "Host not found, try again", C::InfraTemporary);
        check("5.7.515", "550 5.7.515 Access denied, sending domain does not pass authentication", C::PolicySender);
        check("5.6.0", "", C::PolicyContent);
        check("4.4.7", "", C::Expired);
        check("", "something else altogether", C::Unknown);
    }

    #[test]
    fn codes_are_found_where_servers_put_them() {
        assert_eq!(code_in("550 5.1.1 no"), Some(550));
        assert_eq!(code_in("host mx.example.fr said: 550-5.1.1 no"), Some(550));
        assert_eq!(code_in("of 500 bytes"), None);
        assert_eq!(status_in("sorry (#5.1.1) [192.0.2.4]"), Some(Enhanced::new(5, 1, 1)));
        assert_eq!(status_in("Exim 4.72 at 4.5.6.7"), None);
    }
}
