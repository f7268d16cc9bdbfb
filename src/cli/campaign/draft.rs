//! A campaign file out of a few answers: the file that `campaign new` starts from, with its remarks, and the answers in it.

use std::ops::Range;

use jiff::civil::Date;

use super::new::template;
use crate::calendar::{Channel, Market};
use crate::campaign::{AudienceClass, Campaign, Expression, MailingKind};
use crate::document::Document;
use crate::language::{InterfaceLanguage, Language};
use crate::member::ListName;
use crate::text::{Line, Slug};

/// The group of a sale for a closed group.
#[derive(Clone, Debug)]
pub(super) struct DraftGroup {
    pub(super) who: Line,
    pub(super) fixed_on: Date,
    pub(super) joinable: bool,
    /// Its people, where they are on a list already.
    pub(super) list: Option<ListName>,
}

/// What a person has answered so far, and what is taken for the rest.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) slug: Slug,
    pub(super) title: Line,
    pub(super) markets: Vec<Market>,
    pub(super) channel: Channel,
    pub(super) zone: String,
    pub(super) opens: Expression,
    pub(super) closes: Expression,
    pub(super) audience: AudienceClass,
    pub(super) group: Option<DraftGroup>,
    pub(super) mails: Vec<MailingKind>,
    pub(super) languages: Vec<Language>,
}

impl Draft {
    /// The file, with remarks in the reader's language.
    pub(super) fn text(&self, language: InterfaceLanguage) -> String {
        let template = template(language);
        let head = template.split("\n[[mailings]]").next().unwrap_or(template);
        let mut text = head.to_owned();
        // A template that is no campaign cannot leave the tests.
        if let Ok(campaign) = Campaign::parse(&Document::new("", template)) {
            for (span, value) in self.edits(&campaign, head) {
                text.replace_range(span, &value);
            }
        }
        let mailings: Vec<String> = self.mails.iter().map(|kind| self.mailing(*kind, language)).collect();
        format!("{text}{}", mailings.concat())
    }

    /// What takes the place of which bytes, the last first.
    fn edits(&self, campaign: &Campaign, head: &str) -> Vec<(Range<usize>, String)> {
        let window = &campaign.window;
        let mut edits = vec![
            (campaign.slug.span.clone(), quoted(self.slug.as_str())),
            (campaign.title.span.clone(), quoted(self.title.as_str())),
            (campaign.channel.span.clone(), quoted(&self.channel.to_string())),
            (campaign.audience.span.clone(), quoted(&self.audience.to_string())),
            (window.timezone.span.clone(), quoted(&self.zone)),
            (window.opens.span.clone(), quoted(self.opens.as_str())),
            (window.closes.span.clone(), quoted(self.closes.as_str())),
        ];
        let markets: Vec<String> = self.markets.iter().map(|market| quoted(&market.to_string())).collect();
        edits.extend(campaign.markets.first().map(|market| (market.span.clone(), markets.join(", "))));
        // What is sold and where it is shown are the example's; they stay as remarks that can be taken up.
        let examples =
            [campaign.sector.as_ref().map(|it| it.span.start), campaign.url.as_ref().map(|it| it.span.start)];
        edits.extend(examples.into_iter().flatten().map(|at| {
            let start = head.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
            (start..start, "# ".to_owned())
        }));
        if let (Some(group), Some(at)) = (&self.group, head.find("\n[window]")) {
            let DraftGroup { who, fixed_on, joinable, list } = group;
            let list = list.as_ref().map(|list| format!("list     = {}\n", quoted(list.as_str()))).unwrap_or_default();
            let table = format!(
                "[group]\nwho      = {}\nfixed_on = \"{fixed_on}\"\njoinable = {joinable}\n{list}\n",
                quoted(who.as_str())
            );
            edits.push((at + 1..at + 1, table));
        }
        edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        edits
    }

    fn mailing(&self, kind: MailingKind, language: InterfaceLanguage) -> String {
        let (day, at, hours) = match language {
            InterfaceLanguage::En => ("day", "at", "hours"),
            InterfaceLanguage::Fr => ("jour", "à", "heures"),
        };
        let (from, until) = match kind {
            MailingKind::Announcement => (format!("window.opens - 1 {day} {at} 10:00"), "window.opens".to_owned()),
            MailingKind::Opening => ("window.opens".to_owned(), "window.closes".to_owned()),
            MailingKind::LastHours => {
                (format!("window.closes - 1 {day} {at} 18:00"), format!("window.closes - 2 {hours}"))
            }
        };
        let languages: Vec<String> = self.languages.iter().map(|language| quoted(language.code())).collect();
        format!(
            "\n[[mailings]]\nkind       = \"{kind}\"\nnot_before = \"{from}\"\nnot_after  = \"{until}\"\nlanguages  = [{}]\n",
            languages.join(", ")
        )
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A short name for a sale called `title` in `year`: its letters and digits without accents, words joined by dashes.
pub(super) fn slug_of(title: &str, year: i16) -> Option<Slug> {
    use unicode_normalization::UnicodeNormalization as _;

    let spelt = title.to_lowercase().replace('œ', "oe").replace('æ', "ae").replace('ß', "ss");
    let mut name = String::new();
    // What is left of a letter without its accent, and a dash in the place of what is no letter.
    for letter in spelt.nfd().filter(|letter| !unicode_normalization::char::is_combining_mark(*letter)) {
        if letter.is_ascii_alphanumeric() {
            name.push(letter);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_start_matches(|letter: char| !letter.is_ascii_lowercase()).trim_end_matches('-');
    let kept = name.get(..name.len().min(Slug::LONGEST - 8)).unwrap_or(name).trim_end_matches('-');
    let name = if kept.is_empty() { "campagne" } else { kept };
    let year = year.to_string();
    let dated = if name.split('-').any(|part| part == year) { name.to_owned() } else { format!("{name}-{year}") };
    dated.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;

    fn draft(audience: AudienceClass) -> Draft {
        let group = DraftGroup {
            who: Line::parse("les clientes de la boutique de Metz").unwrap(),
            fixed_on: jiff::civil::date(2026, 12, 1),
            joinable: false,
            list: Some("clientes-metz".parse().unwrap()),
        };
        Draft {
            slug: "essai-2027".parse().unwrap(),
            title: Line::parse("« Les \"jours\" \\ d’essai »").unwrap(),
            markets: vec!["FR".parse().unwrap(), "MC".parse().unwrap()],
            channel: Channel::Store,
            zone: "Europe/Paris".to_owned(),
            opens: "2027-03-02 08:00".parse().unwrap(),
            closes: "2027-03-06 20:00".parse().unwrap(),
            audience,
            group: (audience == AudienceClass::ClosedGroup).then_some(group),
            mails: vec![MailingKind::Announcement, MailingKind::Opening, MailingKind::LastHours],
            languages: vec![Language::Fr, Language::Nl],
        }
    }

    #[test]
    fn the_answers_stand_in_a_file_that_is_a_campaign() {
        for audience in AudienceClass::ALL {
            for language in InterfaceLanguage::ALL {
                let draft = draft(audience);
                let document = Document::new("essai.toml", draft.text(language));
                let campaign =
                    Campaign::parse(&document).unwrap_or_else(|found| panic!("{found:#?}\n{}", document.text));
                assert_eq!(campaign.title.value, draft.title);
                assert_eq!(campaign.markets.len(), 2);
                assert_eq!((campaign.audience.value, campaign.group.is_some()), (audience, draft.group.is_some()));
                assert!(campaign.url.is_none() && campaign.sector.is_none(), "the example's own are remarks");
                let schedule = campaign.resolve(&Calendar::built_in()).unwrap();
                assert_eq!(schedule.mailings.len(), 3);
                assert_eq!(schedule.opens_at.to_string(), "2027-03-02T07:00:00Z");
                // Every line is explained as in the file to edit.
                let remarks = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
                assert!(remarks(&document.text) > 40, "{}", document.text);
            }
        }
    }

    #[test]
    fn a_title_makes_a_short_name() {
        let check = |title: &str, expected: &str| assert_eq!(slug_of(title, 2027).unwrap().as_str(), expected);
        check("Les journées magiques", "les-journees-magiques-2027");
        check("  Œuvres & cœurs : l’été ! ", "oeuvres-coeurs-l-ete-2027");
        check("Hiver 2027", "hiver-2027");
        check("2 jours", "jours-2027");
        check("★★★", "campagne-2027");
        check(&"ab ".repeat(40), &format!("{}-2027", "ab-".repeat(19).trim_end_matches('-')));
    }
}
