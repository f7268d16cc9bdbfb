//! Every rule of law that campaigns are held against, for people who ask what Carillon looks at, and what it does not see.
//!
//! What a rule is stands in `config/law/rules.toml`; the texts of law behind words stand in `config/wording/laws.toml`, market by
//! market. Both are compiled in, and `docs/compliance.md` is made of them.

use std::sync::LazyLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::words::{RuleLaw, laws_of_rule};
use crate::document::Document;
use crate::finding::Finding;

const FILE: (&str, &str) = ("config/law/rules.toml", include_str!("../../config/law/rules.toml"));

/// A rule, as the file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LawRule {
    /// The rule of its findings.
    pub id: String,
    /// The table of the documents that it stands in.
    pub group: String,
    /// How grave its findings are.
    pub grade: String,
    /// The texts behind it.
    pub law: String,
    /// What to do.
    pub remedy: String,
    /// Since when Carillon holds campaigns against it.
    pub since: Date,
    /// How certain it is: high, medium, low, or by market.
    pub certain: String,
    /// What Carillon does not see.
    pub unseen: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    rule: Vec<LawRule>,
}

/// Every rule, in the order of the documents.
///
/// # Errors
/// The finding that the file that this program was built with is damaged.
pub fn law_rules() -> Result<&'static [LawRule], Box<Finding>> {
    static RULES: LazyLock<Result<Vec<LawRule>, Box<Finding>>> =
        LazyLock::new(|| Document::new(FILE.0, FILE.1).parse_toml::<RuleFile>("words.data").map(|file| file.rule));
    RULES.as_deref().map_err(Clone::clone)
}

impl LawRule {
    /// The texts of law behind the rule that are kept market by market; empty where the calendar keeps them.
    ///
    /// # Errors
    /// The finding that the wording files of this program are damaged.
    pub fn texts(&self) -> Result<Vec<RuleLaw>, Box<Finding>> {
        laws_of_rule(&self.id)
    }

    /// The row of its table in the documents.
    pub fn row(&self) -> String {
        let Self { id, grade, law, remedy, unseen, .. } = self;
        format!("| `{id}` | {grade} | {law} | {remedy} | {unseen} |")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_rule_is_there_once_and_says_all() {
        let rules = law_rules().unwrap();
        let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
        assert_eq!(ids.len(), rules.len());
        for rule in rules {
            let LawRule { id, group, grade, law, remedy, certain, unseen, .. } = rule;
            for text in [group, grade, law, remedy, unseen] {
                assert!(!text.trim().is_empty() && !text.contains('|'), "{id}");
            }
            assert!(["high", "medium", "low", "by market"].contains(&certain.as_str()), "{id}: {certain}");
        }
    }

    #[test]
    fn texts_of_words_are_those_of_their_markets() {
        let rules = law_rules().unwrap();
        let last_days = rules.iter().find(|rule| rule.id == "words.last-days").unwrap().texts().unwrap();
        let french = last_days.iter().find(|law| law.markets == ["FR"]).unwrap();
        assert!(french.text.contains("L121-4 7°"), "{french:?}");
        let prolonged = rules.iter().find(|rule| rule.id == "duration.prolonged").unwrap();
        assert!(prolonged.texts().unwrap().iter().any(|law| law.markets == ["DE"]), "the same texts");
        let long = rules.iter().find(|rule| rule.id == "season.too-long").unwrap();
        assert_eq!(long.texts().unwrap(), []);
    }
}
