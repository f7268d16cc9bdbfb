//! The law of words, as data: which words a text of law reserves, in which countries, and when they are innocent.
//!
//! The files are `config/wording/*.toml`, compiled in. This module reads them; `judge` applies them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::announce::AnnouncementWords;
use super::concept::{Combination, Concepts};
use super::date::DateWords;
use super::moment::MomentWords;
use super::pattern::{AroundList, Pattern, PatternIndex, PatternList};
use super::token::Vocabulary;
use crate::calendar::{Confidence, LegalFact};
use crate::campaign::{DeclaredSale, PlannedDeclaration};
use crate::document::Document;
use crate::finding::{Finding, Severity};
use crate::phrase;

/// When a law forbids the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum When {
    /// Outside the sale periods of the market.
    OutsideSale,
    /// When the audience is `public`.
    PublicAudience,
    /// When anyone can join the audience: `public` and `open-members`.
    OpenAudience,
    /// When the audience is `open-members`.
    OpenMembers,
    /// When the campaign does not declare the sale that the word names.
    Undeclared,
    /// When the end of the sale is further away than the word says.
    FarFromEnd,
    /// At any time.
    Always,
    /// When the prices of the campaign do not bear out what is claimed of them.
    UnlikePrices,
    /// When the file does not say that it is so.
    UnlikeLimits,
}

/// Whether a sentence may announce a coming sale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Announcement {
    /// No.
    #[default]
    Never,
    /// If it states the day on which the sale starts.
    Dated,
    /// At any time, if it looks ahead.
    Free,
}

/// A text of law about a family of words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WordLaw {
    /// What families call it.
    pub(super) name: String,
    /// The rule id of its findings.
    pub(super) rule: String,
    pub(super) countries: Vec<String>,
    pub(super) severity: Gravity,
    pub(super) when: When,
    #[serde(default)]
    pub(super) announcement: Announcement,
    /// Whether the word is the name of the sale that the law regulates.
    #[serde(default)]
    pub(super) names_sale: bool,
    /// Anywhere in the sentence: readers are told what the law wants told.
    #[serde(default)]
    pub(super) told: AroundList,
    /// The sale that must be declared for the word to be free.
    #[serde(default)]
    pub(super) declared: Option<DeclaredSale>,
    /// Whether the law has an authority give a receipt.
    #[serde(default)]
    pub(super) needs_receipt: bool,
    /// How many months a declared sale may last.
    #[serde(default)]
    pub(super) longest_months: Option<u8>,
    /// How many days before the end the word is true.
    #[serde(default)]
    pub(super) within_days: Option<u16>,
    /// The text of law, for people.
    pub(super) text: String,
    /// Where it can be read.
    #[serde(default)]
    pub(super) source: Option<String>,
    /// How well it is attested.
    pub(super) confidence: Confidence,
    /// What is uncertain about it.
    #[serde(default)]
    pub(super) note: Option<String>,
    /// The message of the catalogues that says what is wrong. Its facts are `words`, `market` and `start`.
    pub(super) says: String,
    /// The language in which its part `remedy-dated` writes the day on which the next sale starts, when it has that part.
    #[serde(default)]
    pub(super) date_language: Option<String>,
}

impl WordLaw {
    /// What it says, in words.
    pub(super) fn fact(&self) -> LegalFact {
        let when = match self.when {
            When::OutsideSale => "outside the sales",
            When::PublicAudience => "when anyone can buy",
            When::OpenAudience => "when anyone can buy or join",
            When::OpenMembers => "when anyone can join",
            When::Undeclared => "without `[declaration]`",
            When::FarFromEnd => "long before the end of the sale",
            When::Always => "at any time",
            When::UnlikePrices => "when the prices of the campaign do not bear it out",
            When::UnlikeLimits => "when the campaign file says otherwise",
        };
        let announcement = match self.announcement {
            Announcement::Never => "",
            Announcement::Dated => "; a sentence that states the day on which the coming sale starts may use it",
            Announcement::Free => "; a sentence that looks ahead to the coming sale may use it",
        };
        let longest = self.longest_months.map(|months| format!("; it may last {months} months")).unwrap_or_default();
        let told = if self.told.is_empty() { "" } else { "; a sentence that says who can join may use it" };
        let severity = Severity::from(self.severity);
        LegalFact {
            topic: "words",
            says: format!("`{}`, {severity} {when}{announcement}{told}{longest}.", self.rule),
            text: Some(self.text.clone()),
            source: self.source.clone(),
            confidence: Some(self.confidence),
            note: self.note.clone(),
        }
    }

    /// Whether `declaration` gives the right to the word.
    pub(super) fn is_met_by(&self, declaration: Option<&PlannedDeclaration>) -> bool {
        declaration.is_some_and(|declaration| {
            Some(declaration.kind) == self.declared && (!self.needs_receipt || declaration.receipt.is_some())
        })
    }

    /// Whether it is law in `country`.
    pub(super) fn binds(&self, country: &str) -> bool {
        self.countries.iter().any(|known| known == country || known == "*")
    }
}

/// A severity as the files write it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Gravity {
    Note,
    Warning,
    Error,
}

impl From<Gravity> for Severity {
    fn from(gravity: Gravity) -> Self {
        match gravity {
            Gravity::Note => Self::Note,
            Gravity::Warning => Self::Warning,
            Gravity::Error => Self::Error,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct LawFile {
    law: Vec<WordLaw>,
}

/// What the words of a file are about. Those of one topic do not hide those of another: a sentence may well promise a
/// percentage at a private sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    /// What a sale is called, and for whom it is.
    Names,
    /// What is claimed of its prices and its stock.
    Claims,
    /// What people are asked for before they see or buy.
    Data,
    /// Who is in a closed group.
    Groups,
}

/// What a family of words claims of prices and stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ClaimKind {
    /// A reduction of everything that is spoken of.
    Reduction,
    /// A reduction that something of it reaches.
    ReductionUpTo,
    /// A lowest price.
    PriceFrom,
    /// A price of something, where only the name of an offer tells that it is one of the offers.
    PriceNamed,
    /// A price that nothing is dearer than.
    PriceAtMost,
    /// A price that was asked before.
    InsteadOf,
    /// So many bought, so many more for nothing.
    BoughtAndFree,
    /// So many for the price of fewer.
    ForFewer,
    /// Anything else that only who meets a condition gets.
    OnCondition,
    /// That there is not enough for all.
    LimitedStock,
    /// The same in small print, which says only what holds of any sale.
    WhileStockLasts,
}

/// What a word is taken for when nothing around it decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Otherwise {
    #[default]
    Offence,
    Innocent,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FamilyText {
    laws: Vec<String>,
    #[serde(default)]
    forms: Vec<String>,
    #[serde(default)]
    combinations: Vec<String>,
    #[serde(default)]
    inside: Vec<String>,
    #[serde(default)]
    inside_tags: Vec<String>,
    #[serde(default)]
    excepted: Vec<String>,
    #[serde(default)]
    always_innocent: Vec<String>,
    #[serde(default)]
    offence: Vec<String>,
    #[serde(default)]
    innocent: Vec<String>,
    #[serde(default)]
    innocent_near: Vec<String>,
    #[serde(default)]
    offence_near: Vec<String>,
    #[serde(default)]
    innocent_by_default: Vec<String>,
    #[serde(default)]
    otherwise: Otherwise,
    #[serde(default)]
    announced: bool,
    #[serde(default)]
    under_way: Vec<String>,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    not_languages: Vec<String>,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    claim: Option<ClaimKind>,
    #[serde(default)]
    figure: Option<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FamilyFile {
    family: Vec<FamilyText>,
    figures: Option<FigureFile>,
}

/// The same words as `config/wording/claims.toml` writes them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FigureFile {
    some: Vec<String>,
    everyday: Vec<String>,
    stated: Vec<String>,
    numbers: BTreeMap<String, u32>,
}

/// The words that claims of prices are read with; `config/wording/claims.toml` says what each list is for.
#[derive(Debug, Default)]
pub(super) struct FigureWords {
    pub(super) some: AroundList,
    pub(super) everyday: Vec<String>,
    /// A number beside a sign of what it counts, or a fraction, that claims something of prices wherever nothing else explains it.
    pub(super) stated: PatternList,
    /// Numbers in words.
    pub(super) numbers: BTreeMap<String, u32>,
}

/// A family of words that are judged alike.
#[derive(Debug)]
pub(super) struct WordFamily {
    pub(super) topic: Topic,
    pub(super) laws: Vec<WordLaw>,
    pub(super) forms: Vec<Pattern>,
    /// What says the same by several ideas in one sentence.
    pub(super) combinations: Vec<Combination>,
    /// Around the word: innocent, whatever else is said.
    pub(super) always_innocent: AroundList,
    /// Around the word: an offence.
    pub(super) offence: AroundList,
    /// Around the word: another sense of it.
    pub(super) innocent: AroundList,
    /// Close by: another sense of it.
    pub(super) innocent_near: PatternList,
    /// Close by: an offence.
    pub(super) offence_near: PatternList,
    /// Around the word: innocent if nothing above decided.
    pub(super) innocent_by_default: AroundList,
    /// Whether the word is innocent when nothing decided.
    pub(super) innocent_otherwise: bool,
    /// Whether a sentence may use it to announce a lawful sale.
    pub(super) announced: bool,
    /// Around the word: the sentence says that the sale has begun, so no date announces it.
    pub(super) under_way: AroundList,
    /// The languages that it is judged in; empty means all.
    pub(super) languages: Vec<String>,
    /// The languages in which it means something else.
    pub(super) not_languages: Vec<String>,
    /// What a field is called in which people write it.
    pub(super) fields: Vec<Pattern>,
    /// What it claims of prices and stock.
    pub(super) claim: Option<ClaimKind>,
    /// The percentage that it claims, where no number says so.
    pub(super) figure: Option<u8>,
}

/// Every family, the words that tokens are undisguised with, and those that say how a sentence is read.
#[derive(Debug)]
pub(super) struct WordLaws {
    pub(super) laws: Vec<WordLaw>,
    pub(super) families: Vec<WordFamily>,
    /// Where families may begin, by their numbers.
    pub(super) index: PatternIndex,
    pub(super) vocabulary: Vocabulary,
    pub(super) concepts: Concepts,
    pub(super) dates: DateWords,
    pub(super) moments: MomentWords,
    pub(super) figures: FigureWords,
    pub(super) announcing: AnnouncementWords,
    /// How the steps of a sale are called.
    pub(super) steps: PatternList,
    official_hosts: Vec<String>,
}

impl WordLaws {
    /// Whether `url` leads to what the authorities publish: information, not advertising.
    pub(super) fn is_official(&self, url: &str) -> bool {
        let host = url.split_once("://").map_or(url, |(_, rest)| rest).split(['/', '?', '#']).next();
        host.is_some_and(|host| self.official_hosts.iter().any(|official| host.ends_with(official)))
    }
}

/// Words that do the same work in a sentence, by the name that patterns call them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WordClasses {
    classes: BTreeMap<String, String>,
}

impl WordClasses {
    /// `text` with the words of each class in the place of its name; otherwise the name that no class has.
    fn spelled_out(&self, text: &str) -> Result<String, String> {
        let (mut out, mut rest) = (String::with_capacity(text.len()), text);
        while let Some((before, named)) = rest.split_once('<') {
            let (name, after) = named.split_once('>').unwrap_or((named, ""));
            out.push_str(before);
            out.push_str(self.classes.get(name).ok_or_else(|| name.to_owned())?);
            rest = after;
        }
        Ok(out + rest)
    }
}

/// What words stand for, by the name that combinations call it and the language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConceptFile {
    concepts: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
struct ContextFile {
    official_hosts: Vec<String>,
    steps: PatternList,
    moments: MomentWords,
    announcing: AnnouncementWords,
    #[serde(flatten)]
    dates: DateWords,
}

const LAWS: (&str, &str) = ("config/wording/laws.toml", include_str!("../../../config/wording/laws.toml"));
const CLASSES: (&str, &str) = ("config/wording/classes.toml", include_str!("../../../config/wording/classes.toml"));
const CONCEPTS: (&str, &str) = ("config/wording/concepts.toml", include_str!("../../../config/wording/concepts.toml"));
const CONTEXT: (&str, &str) = ("config/wording/context.toml", include_str!("../../../config/wording/context.toml"));

macro_rules! families {
    ($($topic:ident $name:literal),* $(,)?) => {
        [$((Topic::$topic, concat!("config/wording/", $name), include_str!(concat!("../../../config/wording/", $name)))),*]
    };
}

const FAMILIES: [(Topic, &str, &str); 12] = families![
    Names "fr.toml",
    Names "others.toml",
    Names "audience.toml",
    Names "declared.toml",
    Names "pressure.toml",
    Claims "claims.toml",
    Data "data.toml",
    Groups "groups.toml",
    Names "together.toml",
    Claims "together-claims.toml",
    Data "together-data.toml",
    Groups "together-groups.toml",
];

/// The law of words that this program was built with, or what is wrong with its files.
pub(super) fn built_in() -> &'static Result<WordLaws, Box<Finding>> {
    static BUILT_IN: LazyLock<Result<WordLaws, Box<Finding>>> = LazyLock::new(load);
    &BUILT_IN
}

fn load() -> Result<WordLaws, Box<Finding>> {
    let laws = Document::new(LAWS.0, LAWS.1).parse_toml::<LawFile>("words.data")?.law;
    let ContextFile { official_hosts, steps, moments, announcing, dates } =
        Document::new(CONTEXT.0, CONTEXT.1).parse_toml("words.data")?;
    let classes: WordClasses = Document::new(CLASSES.0, CLASSES.1).parse_toml("words.data")?;
    let document = Document::new(CONCEPTS.0, CONCEPTS.1);
    let mut concepts = document.parse_toml::<ConceptFile>("words.data")?.concepts;
    for words in concepts.values_mut().flat_map(BTreeMap::values_mut) {
        *words = classes.spelled_out(words).map_err(|name| no_such_class(&document, name))?;
    }
    let mut wording = WordLaws {
        laws,
        families: Vec::new(),
        index: PatternIndex::default(),
        vocabulary: Vocabulary::default(),
        concepts: Concepts::of(&concepts),
        dates,
        moments,
        figures: FigureWords::default(),
        announcing,
        steps,
        official_hosts,
    };
    for (topic, name, text) in FAMILIES {
        let document = Document::new(name, text);
        let file = document.parse_toml::<FamilyFile>("words.data")?;
        for family in file.family {
            let family = family.spelled_out(&classes, &document)?;
            wording.vocabulary.learn(&family);
            let family = resolve(topic, family, &wording, &document)?;
            wording.index.add(wording.families.len(), family.forms.iter().chain(&family.fields));
            wording.families.push(family);
        }
        if let Some(figures) = file.figures {
            let stated = figures.stated.iter().map(|text| classes.spelled_out(text));
            let stated = stated.collect::<Result<Vec<_>, _>>().map_err(|name| no_such_class(&document, name))?;
            wording.figures = FigureWords {
                some: AroundList::parse(&figures.some),
                everyday: figures.everyday,
                stated: PatternList::new(stated.iter().map(|text| Pattern::parse(text)).collect()),
                numbers: figures.numbers,
            };
        }
    }
    wording.vocabulary = wording.vocabulary.complete();
    Ok(wording)
}

impl FamilyText {
    /// The same, with the words of classes in the place of their names.
    fn spelled_out(mut self, classes: &WordClasses, document: &Document) -> Result<Self, Box<Finding>> {
        let lists = [
            &mut self.forms,
            &mut self.always_innocent,
            &mut self.offence,
            &mut self.innocent,
            &mut self.innocent_near,
            &mut self.offence_near,
            &mut self.innocent_by_default,
            &mut self.under_way,
        ];
        for text in lists.into_iter().flatten() {
            *text = classes.spelled_out(text).map_err(|name| no_such_class(document, name))?;
        }
        Ok(self)
    }
}

/// The finding that `document` names a class of words that there is not.
fn no_such_class(document: &Document, name: String) -> Box<Finding> {
    let place = crate::finding::Place::file(&document.name).with_words(&name);
    Box::new(Finding::error("words.data", place, phrase!("words-no-such-class", class = name)))
}

impl Vocabulary {
    fn learn(&mut self, family: &FamilyText) {
        let extend = |set: &mut BTreeSet<String>, words: &[String]| set.extend(words.iter().cloned());
        extend(&mut self.inside, &family.inside);
        extend(&mut self.inside_tags, &family.inside_tags);
        extend(&mut self.excepted, &family.excepted);
        for form in &family.forms {
            let pattern = Pattern::parse(form);
            self.words.extend(pattern.single_words().into_iter().map(str::to_owned));
        }
    }
}

fn resolve(
    topic: Topic,
    family: FamilyText,
    wording: &WordLaws,
    document: &Document,
) -> Result<WordFamily, Box<Finding>> {
    let patterns = |texts: &[String]| texts.iter().map(|text| Pattern::parse(text)).collect::<Vec<_>>();
    let mut found = Vec::new();
    for name in &family.laws {
        let named: Vec<WordLaw> = wording.laws.iter().filter(|law| law.name == *name).cloned().collect();
        if named.is_empty() {
            let place = crate::finding::Place::file(&document.name).with_words(name);
            return Err(Box::new(Finding::error("words.data", place, phrase!("words-no-such-law", law = name))));
        }
        found.extend(named);
    }
    let combinations = family.combinations.iter().map(|text| Combination::parse(text, &wording.concepts));
    let combinations = combinations.collect::<Result<_, _>>().map_err(|name| no_such_class(document, name))?;
    Ok(WordFamily {
        topic,
        laws: found,
        combinations,
        forms: patterns(&family.forms),
        always_innocent: AroundList::parse(&family.always_innocent),
        offence: AroundList::parse(&family.offence),
        innocent: AroundList::parse(&family.innocent),
        innocent_near: PatternList::new(patterns(&family.innocent_near)),
        offence_near: PatternList::new(patterns(&family.offence_near)),
        innocent_by_default: AroundList::parse(&family.innocent_by_default),
        innocent_otherwise: family.otherwise == Otherwise::Innocent,
        announced: family.announced,
        under_way: AroundList::parse(&family.under_way),
        languages: family.languages,
        not_languages: family.not_languages,
        fields: patterns(&family.fields),
        claim: family.claim,
        figure: family.figure,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::When;
    use crate::campaign::AudienceClass;
    use crate::compliance::words::{LawfulSale, MarketSales, PlacedText, TextKind, check, check_group, start};
    use crate::document::Document;
    use crate::finding::Severity;
    use crate::language::InterfaceLanguage;
    use crate::phrase::{Phrase, in_words};

    /// What a message about a claim may say of the prices.
    const OF_PRICES: [&str; 7] = ["percent", "articles", "dearer", "claimed", "lowest", "most", "may"];

    /// What stands between guillemets in `words`.
    fn quoted(words: &str) -> Vec<&str> {
        words.split('«').skip(1).filter_map(|rest| Some(rest.split_once('»')?.0.trim())).collect()
    }

    /// What a remedy tells people to write is written, and checked.
    #[test]
    fn no_remedy_breaks_its_own_rule() {
        let at = |text: &str| text.parse().unwrap();
        let sale = LawfulSale {
            first_day: date(2027, 1, 6),
            hour: 8,
            starts_at: at("2027-01-06T07:00:00Z"),
            ends_at: at("2027-02-02T23:00:00Z"),
            doubt: None,
        };
        let shown = Some((at("2026-12-20T07:00:00Z"), at("2027-01-01T07:00:00Z")));
        let mut tried = 0;
        for law in &super::built_in().as_ref().unwrap().laws {
            let start = start::in_words(&sale, law.date_language.as_deref().unwrap_or_default());
            let parts: Vec<&str> =
                ["remedy"].into_iter().chain(law.date_language.as_ref().map(|_| "remedy-dated")).collect();
            let audience =
                if law.when == When::OpenMembers { AudienceClass::OpenMembers } else { AudienceClass::Public };
            for country in law.countries.iter().map(|country| if country == "*" { "FR" } else { country }) {
                let said = Phrase::new(law.says.as_str()).with("words", "mot").with("market", country);
                let said = said.with("start", start.as_str());
                let said = OF_PRICES.into_iter().fold(said, |said, fact| said.with(fact, 3));
                let market = MarketSales {
                    market: country.to_owned(),
                    seasons: vec![sale.clone()],
                    free: false,
                    undated: Vec::new(),
                    declared: None,
                };
                let remedies = [InterfaceLanguage::En, InterfaceLanguage::Fr]
                    .into_iter()
                    .flat_map(|language| parts.iter().map(move |part| (part, language)));
                for (part, language) in remedies {
                    for quote in quoted(&in_words(&said.part(part), language)) {
                        tried += 1;
                        // What must be told beside the claim is tried beside one.
                        let sentence =
                            if law.told.is_empty() { quote.to_owned() } else { format!("Vente privée : {quote}") };
                        let document = Document::new("x", sentence);
                        let text = PlacedText { shown, ..PlacedText::whole(&document, TextKind::TextBody) };
                        let markets = std::slice::from_ref(&market);
                        let is_of_groups = law.rule.starts_with("label.");
                        let mut found =
                            if is_of_groups { check_group(&text, markets) } else { check(&text, audience, markets) };
                        found.retain(|finding| finding.severity > Severity::Note || finding.rule == law.rule);
                        assert!(found.is_empty(), "{country}, {language}: {quote}: {found:#?}");
                    }
                }
            }
        }
        assert!(tried > 40, "{tried}");
    }

    #[test]
    fn every_law_is_said_in_both_languages() {
        for law in &super::built_in().as_ref().unwrap().laws {
            let said = Phrase::new(law.says.as_str()).with("words", "mot").with("market", "FR").with("start", "jeudi");
            let said = OF_PRICES.into_iter().fold(said, |said, fact| said.with(fact, 3));
            let dated = law.date_language.as_ref().map(|_| "remedy-dated");
            for part in ["remedy"].into_iter().chain(dated).map(|part| said.part(part)).chain([said.clone()]) {
                for language in [InterfaceLanguage::En, InterfaceLanguage::Fr] {
                    let words = in_words(&part, language);
                    assert!(!words.starts_with(part.name()), "{language}: {words}");
                }
            }
        }
    }

    #[test]
    fn the_wording_files_are_sound() {
        let wording = super::built_in().as_ref().unwrap();
        assert!(wording.families.len() > 10);
        for family in &wording.families {
            let says = !family.forms.is_empty() || !family.fields.is_empty() || !family.combinations.is_empty();
            assert!(says, "it has no words");
            for form in &family.forms {
                assert!(!form.ends_optionally(), "its last word may be left out: {form:?}");
            }
        }
    }

    #[test]
    fn every_rule_is_documented() {
        let documentation = include_str!("../../../docs/compliance.md");
        for law in super::built_in().as_ref().unwrap().families.iter().flat_map(|family| &family.laws) {
            // What a file says of its own group is no word that readers see.
            let room = if law.name.ends_with("-circle") { "label." } else { "words." };
            assert!(law.rule.starts_with(room), "{}", law.rule);
            assert!(documentation.contains(&format!("| `{}` |", law.rule)), "{} is not explained", law.rule);
        }
    }
}
