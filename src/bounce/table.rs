//! The table of what reports say, as data: `config/bounces.toml`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::pattern::Phrasing;
use crate::smtp::Enhanced;

/// What a report says of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BounceClass {
    /// There is no such mailbox.
    AddressDead,
    /// There is no such domain, or it takes no mail.
    DomainDead,
    /// The mailbox is full.
    MailboxFull,
    /// The mailbox is there and takes nothing.
    MailboxDisabled,
    /// It does not like who sends: authentication, reputation, rate, rules.
    PolicySender,
    /// It does not like what is sent.
    PolicyContent,
    /// What is sent is too big.
    TooBig,
    /// Something on the way does not work now.
    InfraTemporary,
    /// It was tried for a long time.
    Expired,
    /// It says nothing that the table knows.
    Unknown,
}

impl BounceClass {
    /// Every class.
    pub const ALL: [Self; 10] = [
        Self::AddressDead,
        Self::DomainDead,
        Self::MailboxFull,
        Self::MailboxDisabled,
        Self::PolicySender,
        Self::PolicyContent,
        Self::TooBig,
        Self::InfraTemporary,
        Self::Expired,
        Self::Unknown,
    ];

    /// The word in the table, in the store and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AddressDead => "address-dead",
            Self::DomainDead => "domain-dead",
            Self::MailboxFull => "mailbox-full",
            Self::MailboxDisabled => "mailbox-disabled",
            Self::PolicySender => "policy-sender",
            Self::PolicyContent => "policy-content",
            Self::TooBig => "too-big",
            Self::InfraTemporary => "infra-temporary",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it says that nobody is there.
    pub fn is_dead(self) -> bool {
        matches!(self, Self::AddressDead | Self::DomainDead)
    }
}

/// The text names no class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a class of report")]
pub struct NoBounceClass;

impl FromStr for BounceClass {
    type Err = NoBounceClass;

    fn from_str(text: &str) -> Result<Self, NoBounceClass> {
        Self::ALL.into_iter().find(|class| class.as_str() == text).ok_or(NoBounceClass)
    }
}

impl fmt::Display for BounceClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What one report of a class does to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BounceEffect {
    /// The address is not written to any more.
    Dead,
    /// The same after a second report, a while after the first.
    DeadIfTwice,
    /// Counts once.
    Soft,
    /// Counts twice.
    SoftDouble,
    /// It is about us: nothing.
    Ours,
}

impl BounceEffect {
    /// The word in the table and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::DeadIfTwice => "dead-if-twice",
            Self::Soft => "soft",
            Self::SoftDouble => "soft-double",
            Self::Ours => "ours",
        }
    }
}

/// The step of SMTP at which a remote server said something, as far as a report tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailStep {
    /// At MAIL: about the sender.
    Sender,
    /// At RCPT: about the recipient.
    Recipient,
    /// After the body: the mailbox was accepted before.
    Body,
}

/// The kinds that words of a message tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ToldKind {
    Delay,
    Failure,
    AutoReply,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct BounceFile {
    class: Vec<ClassRow>,
    status: Vec<StatusRow>,
    #[serde(rename = "dead-words")]
    dead_words: DeadWords,
    code: Vec<CodeRow>,
    step: Vec<StepRow>,
    words: Vec<WordsRow>,
    kind: Vec<KindRow>,
    returned: MarkerRow,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassRow {
    name: BounceClass,
    effect: BounceEffect,
    #[cfg_attr(not(test), expect(dead_code, reason = "for people who read the table; a test asks for it"))]
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusRow {
    class: BounceClass,
    codes: Vec<StatusPattern>,
    #[cfg_attr(not(test), expect(dead_code, reason = "for people who read the table; a test asks for it"))]
    source: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeadWords {
    agree: Vec<StatusPattern>,
    #[serde(rename = "agree-at-recipient")]
    agree_at_recipient: Vec<StatusPattern>,
    #[serde(rename = "reply-codes")]
    reply_codes: Vec<u16>,
    clear: Vec<Phrasing>,
    #[cfg_attr(not(test), expect(dead_code, reason = "for people who read the table; a test asks for it"))]
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeRow {
    class: BounceClass,
    codes: Vec<u16>,
    #[cfg_attr(not(test), expect(dead_code, reason = "for people who read the table; a test asks for it"))]
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepRow {
    step: MailStep,
    words: Vec<Phrasing>,
    #[cfg_attr(not(test), expect(dead_code, reason = "for people who read the table; a test asks for it"))]
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WordsRow {
    class: BounceClass,
    any: Vec<Phrasing>,
    #[cfg_attr(not(test), expect(dead_code, reason = "for people who read the table; a test asks for it"))]
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KindRow {
    kind: ToldKind,
    #[serde(default)]
    from: Vec<Phrasing>,
    #[serde(default)]
    subject: Vec<Phrasing>,
    #[serde(default)]
    text: Vec<Phrasing>,
    #[cfg_attr(not(test), expect(dead_code, reason = "for people who read the table; a test asks for it"))]
    source: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkerRow {
    markers: Vec<String>,
    #[cfg_attr(not(test), expect(dead_code, reason = "for people who read the table; a test asks for it"))]
    source: String,
}

/// A status of which numbers may be left open: `5.7.*`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
struct StatusPattern([Option<u16>; 3]);

impl TryFrom<String> for StatusPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = |part: Option<&str>| match part {
            Some("*") => Ok(None),
            Some(part) => part.parse().map(Some).map_err(|_| format!("`{text}` is no status")),
            None => Err(format!("`{text}` is no status")),
        };
        let mut parts = text.split('.');
        Ok(Self([number(parts.next())?, number(parts.next())?, number(parts.next())?]))
    }
}

impl StatusPattern {
    fn fits(self, status: Enhanced) -> bool {
        let numbers = [status.class, status.subject, status.detail];
        self.0.into_iter().zip(numbers).all(|(wanted, number)| wanted.is_none_or(|wanted| wanted == number))
    }
}

/// The table.
#[derive(Debug, Default)]
pub struct BounceTable {
    effects: BTreeMap<BounceClass, BounceEffect>,
    file: BounceFile,
}

static BUILT_IN: LazyLock<BounceTable> = LazyLock::new(|| {
    // A table that does not parse cannot leave the tests; without one nobody is taken to be dead.
    BounceTable::parse(BounceTable::TEXT).unwrap_or_default()
});

impl BounceTable {
    /// The text of the table that is compiled in.
    pub const TEXT: &str = include_str!("../../config/bounces.toml");

    /// The table that is compiled in.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let file: BounceFile = toml::from_str(text)?;
        let effects = file.class.iter().map(|row| (row.name, row.effect)).collect();
        Ok(Self { effects, file })
    }

    /// What a report of the class does.
    pub fn effect(&self, class: BounceClass) -> BounceEffect {
        self.effects.get(&class).copied().unwrap_or(BounceEffect::Soft)
    }

    /// What the status says.
    pub(super) fn of_status(&self, status: Enhanced) -> Option<BounceClass> {
        self.file.status.iter().find(|row| row.codes.iter().any(|code| code.fits(status))).map(|row| row.class)
    }

    /// Whether words that say that nobody is there may be believed with these statuses and this reply code; `text`, folded, is
    /// the words.
    pub(super) fn believes_death(
        &self,
        statuses: &[Enhanced],
        code: Option<u16>,
        step: Option<MailStep>,
        text: &str,
    ) -> bool {
        let rule = &self.file.dead_words;
        let fits = |codes: &[StatusPattern], status: Enhanced| codes.iter().any(|code| code.fits(status));
        if statuses.is_empty() {
            let answered = code.is_some_and(|code| rule.reply_codes.contains(&code));
            return answered || rule.clear.iter().any(|words| words.is_in(text));
        }
        let at_recipient = step == Some(MailStep::Recipient);
        statuses
            .iter()
            .all(|status| fits(&rule.agree, *status) || at_recipient && fits(&rule.agree_at_recipient, *status))
    }

    /// What the reply code says, where nothing else does.
    pub(super) fn of_code(&self, code: u16) -> Option<BounceClass> {
        self.file.code.iter().find(|row| row.codes.contains(&code)).map(|row| row.class)
    }

    /// What the words say; `text` is folded.
    pub(super) fn of_words(&self, text: &str) -> Option<BounceClass> {
        self.file.words.iter().find(|row| row.any.iter().any(|words| words.is_in(text))).map(|row| row.class)
    }

    /// The step that the words tell; `text` is folded.
    pub(super) fn step(&self, text: &str) -> Option<MailStep> {
        self.file.step.iter().find(|row| row.words.iter().any(|words| words.is_in(text))).map(|row| row.step)
    }

    /// Whether the sender, the subject and the text of a message, each folded, tell the kind.
    pub(super) fn tells(&self, kind: ToldKind, told: &Told<'_>) -> Telling {
        let any = |words: &[Phrasing], text: &str| words.iter().any(|words| words.is_in(text));
        let rows = || self.file.kind.iter().filter(move |row| row.kind == kind);
        Telling {
            from: rows().any(|row| any(&row.from, told.from)),
            subject: rows().any(|row| any(&row.subject, told.subject)),
            text: rows().any(|row| any(&row.text, told.text)),
        }
    }

    /// Words at which the returned message begins, in lower case.
    pub(super) fn markers(&self) -> &[String] {
        &self.file.returned.markers
    }
}

/// What a message tells of its kind, folded.
pub(super) struct Told<'a> {
    pub(super) from: &'a str,
    pub(super) subject: &'a str,
    pub(super) text: &'a str,
}

/// What of a message tells a kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Telling {
    pub(super) from: bool,
    pub(super) subject: bool,
    pub(super) text: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_every_row_has_a_source() {
        let table = BounceTable::parse(BounceTable::TEXT).unwrap();
        let file = &table.file;
        assert_eq!(table.effects.len(), BounceClass::ALL.len());
        for class in BounceClass::ALL {
            assert!(table.effects.contains_key(&class), "{class} has no effect");
            assert_eq!(class.as_str().parse(), Ok(class));
        }
        let sources = (file.class.iter().map(|row| &row.source))
            .chain(file.status.iter().map(|row| &row.source))
            .chain(file.code.iter().map(|row| &row.source))
            .chain(file.step.iter().map(|row| &row.source))
            .chain(file.words.iter().map(|row| &row.source))
            .chain(file.kind.iter().map(|row| &row.source))
            .chain([&file.dead_words.source, &file.returned.source]);
        for source in sources {
            assert!(source.len() > 5, "{source:?}");
        }
        for marker in table.markers() {
            assert_eq!(*marker, marker.to_lowercase());
        }
    }

    #[test]
    fn what_is_about_us_never_counts_against_anybody() {
        let table = BounceTable::built_in();
        for class in [BounceClass::PolicySender, BounceClass::PolicyContent, BounceClass::TooBig] {
            assert_eq!(table.effect(class), BounceEffect::Ours, "{class}");
        }
    }

    #[test]
    fn words_about_us_are_asked_first() {
        let order: Vec<bool> = BounceTable::built_in().file.words.iter().map(|row| row.class.is_dead()).collect();
        assert!(order.is_sorted(), "a group about the living stands behind one about the dead");
    }
}
