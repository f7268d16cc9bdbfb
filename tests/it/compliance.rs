//! The checks on words, against the corpora in `fixtures/wording`.

use std::collections::BTreeSet;

use carillon::calendar::{Calendar, Channel, Market};
use carillon::campaign::AudienceClass;
use carillon::compliance;
use carillon::compliance::words::{self, Claim, Extent, LawfulSale, MarketSales, PlacedText, TextKind};
use carillon::document::Document;
use carillon::finding::{Finding, Severity};
use carillon::language::InterfaceLanguage;
use carillon::phrase::in_words;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::support::apply::judgement;
use crate::support::build::{CampaignFile, campaign, mailing};
use crate::support::folder::ShopFolder;
use crate::support::session::Session;
use crate::support::templates::own_letter;

const FRENCH: &str = include_str!("../fixtures/wording/fr.tsv");
const FRENCH_SECOND: &str = include_str!("../fixtures/wording/fr-second.tsv");
const FRENCH_THIRD: &str = include_str!("../fixtures/wording/fr-third.tsv");
const OTHERS_SECOND: &str = include_str!("../fixtures/wording/others-second.tsv");
const OTHERS_THIRD: &str = include_str!("../fixtures/wording/others-third.tsv");
const FRENCH_FOURTH: &str = include_str!("../fixtures/wording/fr-fourth.tsv");
const OTHERS_FOURTH: &str = include_str!("../fixtures/wording/others-fourth.tsv");
const FRENCH_FIFTH: &str = include_str!("../fixtures/wording/fr-fifth.tsv");
const OTHERS_FIFTH: &str = include_str!("../fixtures/wording/others-fifth.tsv");
const FRENCH_SIXTH: &str = include_str!("../fixtures/wording/fr-sixth.tsv");
const OTHERS_SIXTH: &str = include_str!("../fixtures/wording/others-sixth.tsv");
const OTHERS: &str = include_str!("../fixtures/wording/others.tsv");

const DATA: &str = include_str!("../fixtures/wording/data.tsv");
const PRESSING: &str = include_str!("../fixtures/wording/pressing.tsv");
const CLAIMS: &str = include_str!("../fixtures/wording/claims.tsv");

const KINDS: [(&str, TextKind); 7] = [
    ("subject", TextKind::Subject),
    ("preheader", TextKind::Preheader),
    ("text", TextKind::TextBody),
    ("html", TextKind::Html),
    ("label", TextKind::Label),
    ("title", TextKind::Title),
    ("url", TextKind::Url),
];

/// One line of a corpus.
struct Sentence {
    place: String,
    language: String,
    market: String,
    audience: AudienceClass,
    kind: TextKind,
    expected: BTreeSet<String>,
    text: String,
}

fn corpus(file: &str, text: &str, with_market: bool) -> Vec<Sentence> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            let mut fields = line.split('\t');
            let mut next = || fields.next().expect("six fields, or four");
            let (language, market) = if with_market { (next(), next()) } else { ("fr", "FR") };
            let (audience, kind) = (next(), next());
            Sentence {
                place: format!("{file}:{}", number + 1),
                language: language.to_owned(),
                market: market.to_owned(),
                audience: match audience {
                    "public" => AudienceClass::Public,
                    "open-members" => AudienceClass::OpenMembers,
                    _ => AudienceClass::ClosedGroup,
                },
                kind: KINDS.into_iter().find(|(name, _)| *name == kind).expect("a kind of text").1,
                expected: next().split(',').filter(|rule| *rule != "-").map(str::to_owned).collect(),
                text: unescape(next()),
            }
        })
        .collect()
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.replace("\\n", "\n");
    while let Some(at) = rest.find("\\u{") {
        let end = rest[at..].find('}').unwrap() + at;
        out.push_str(&rest[..at]);
        out.push(char::from_u32(u32::from_str_radix(&rest[at + 3..end], 16).unwrap()).unwrap());
        rest = rest[end + 1..].to_owned();
    }
    out + &rest
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn seasons(market: &str) -> MarketSales {
    let (first_day, starts_at, ends_at): (&str, &str, &str) = match market {
        "FR" => ("2027-01-06", "2027-01-06T07:00:00Z", "2027-02-02T23:00:00Z"),
        "BE" => ("2027-01-02", "2027-01-01T23:00:00Z", "2027-01-31T23:00:00Z"),
        "IT" => ("2027-01-05", "2027-01-04T23:00:00Z", "2027-03-05T23:00:00Z"),
        "GR" => ("2027-01-11", "2027-01-10T22:00:00Z", "2027-02-28T22:00:00Z"),
        "RO" => ("2027-01-15", "2027-01-14T22:00:00Z", "2027-02-28T22:00:00Z"),
        "HR" => ("2026-12-27", "2026-12-26T23:00:00Z", "2027-02-24T23:00:00Z"),
        _ => {
            return MarketSales {
                market: market.to_owned(),
                seasons: Vec::new(),
                free: false,
                undated: Vec::new(),
                declared: None,
            };
        }
    };
    let season = LawfulSale {
        first_day: first_day.parse::<Date>().unwrap(),
        hour: if market == "FR" { 8 } else { 0 },
        starts_at: at(starts_at),
        ends_at: at(ends_at),
        doubt: None,
    };
    MarketSales { market: market.to_owned(), seasons: vec![season], free: false, undated: Vec::new(), declared: None }
}

fn findings_of(sentence: &Sentence) -> Vec<Finding> {
    let document = Document::new("text", sentence.text.clone());
    let shown = if sentence.market == "FR" {
        (at("2026-12-26T07:00:00Z"), at("2027-01-01T07:00:00Z"))
    } else {
        (at("2026-12-10T07:00:00Z"), at("2026-12-20T07:00:00Z"))
    };
    let text = PlacedText {
        language: Some(sentence.language.clone()),
        shown: Some(shown),
        ..PlacedText::whole(&document, sentence.kind)
    };
    words::check(&text, sentence.audience, &[seasons(&sentence.market)])
}

/// The sentences that are judged wrongly.
fn wrong(sentences: &[Sentence]) -> Vec<String> {
    let judged = sentences.iter().filter_map(|sentence| {
        let findings = findings_of(sentence);
        let found: BTreeSet<String> = findings.iter().map(|finding| finding.rule.to_owned()).collect();
        let missing: Vec<_> = sentence.expected.difference(&found).collect();
        let extra: Vec<_> = found.difference(&sentence.expected).collect();
        let words: Vec<_> = findings.iter().filter_map(|finding| finding.place.words.as_deref()).collect();
        let told = || {
            format!("{}: missing {missing:?}, false alarm {extra:?} at {words:?}: {}", sentence.place, sentence.text)
        };
        (!missing.is_empty() || !extra.is_empty()).then(told)
    });
    judged.collect()
}

/// Every offence is found and no innocent sentence accused, in a corpus that has both.
#[track_caller]
fn check_corpus(sentences: &[Sentence], at_least: usize) -> String {
    let innocent = sentences.iter().filter(|sentence| sentence.expected.is_empty()).count();
    assert!(
        sentences.len() >= at_least && innocent >= at_least / 4,
        "{} sentences, {innocent} innocent",
        sentences.len()
    );
    assert!(sentences.len() - innocent >= at_least / 4, "{} offences", sentences.len() - innocent);
    let wrong = wrong(sentences);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    format!("{} sentences, {innocent} of them innocent", sentences.len())
}

#[test]
fn every_french_offence_is_found_and_no_innocent_sentence_is_accused() {
    println!("{}", check_corpus(&corpus("fr.tsv", FRENCH, false), 150));
}

#[test]
fn the_words_of_other_countries_are_known_in_their_languages() {
    println!("{}", check_corpus(&corpus("others.tsv", OTHERS, true), 60));
}

#[test]
fn a_second_set_of_sentences_is_judged_as_well() {
    let mut sentences = corpus("fr-second.tsv", FRENCH_SECOND, false);
    sentences.extend(corpus("others-second.tsv", OTHERS_SECOND, true));
    println!("{}", check_corpus(&sentences, 100));
}

#[test]
fn a_third_set_of_sentences_is_judged_as_well() {
    let mut sentences = corpus("fr-third.tsv", FRENCH_THIRD, false);
    sentences.extend(corpus("others-third.tsv", OTHERS_THIRD, true));
    println!("{}", check_corpus(&sentences, 360));
}

#[test]
fn what_was_judged_wrongly_once_is_judged_well() {
    let mut sentences = corpus("fr-fourth.tsv", FRENCH_FOURTH, false);
    sentences.extend(corpus("others-fourth.tsv", OTHERS_FOURTH, true));
    println!("{}", check_corpus(&sentences, 24));
}

/// What a remedy says to write, between « and », is judged as the text was that it mends, and passes.
#[test]
fn what_a_remedy_says_to_write_passes() {
    let french = [
        ("fr.tsv", FRENCH),
        ("fr-second.tsv", FRENCH_SECOND),
        ("fr-fourth.tsv", FRENCH_FOURTH),
        ("fr-sixth.tsv", FRENCH_SIXTH),
    ];
    let others = [
        ("others.tsv", OTHERS),
        ("others-fourth.tsv", OTHERS_FOURTH),
        ("others-sixth.tsv", OTHERS_SIXTH),
        ("data.tsv", DATA),
    ];
    let sentences = french.into_iter().flat_map(|(file, text)| corpus(file, text, false));
    let (mut quoted, mut wrong) = (BTreeSet::new(), Vec::new());
    for sentence in sentences.chain(others.into_iter().flat_map(|(file, text)| corpus(file, text, true))) {
        for finding in findings_of(&sentence) {
            for language in [InterfaceLanguage::Fr, InterfaceLanguage::En] {
                let remedy = in_words(&finding.remedy, language);
                for words in remedy.split('«').skip(1).filter_map(|rest| rest.split('»').next()) {
                    let text = words.trim_matches(char::is_whitespace).to_owned();
                    quoted.insert(text.clone());
                    let (language, market) = (sentence.language.clone(), sentence.market.clone());
                    let (place, audience) = (sentence.place.clone(), sentence.audience);
                    let kind = TextKind::TextBody;
                    let written = Sentence { place, language, market, audience, kind, expected: BTreeSet::new(), text };
                    let found = findings_of(&written);
                    wrong.extend(
                        found.iter().map(|found| format!("{}: {} breaks {}", finding.rule, remedy, found.rule)),
                    );
                }
            }
        }
    }
    assert!(quoted.len() >= 6, "{quoted:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn people_are_asked_for_no_more_than_is_needed() {
    println!("{}", check_corpus(&corpus("data.tsv", DATA, true), 80));
}

/// What is claimed in a line of `claims.tsv`, as it is written there.
fn claimed(language: &str, market: &str, text: &str) -> String {
    let document = Document::new("text", text);
    let text = PlacedText { language: Some(language.to_owned()), ..PlacedText::whole(&document, TextKind::Html) };
    let claims = words::stated_claims(&text, market);
    let said: Vec<String> = claims
        .iter()
        .map(|stated| match stated.claim {
            Claim::Reduction { percent, extent: Extent::All } => percent.to_string(),
            Claim::Reduction { percent, extent: Extent::Some } => format!("up to {percent}"),
            Claim::PriceFrom(price) => format!("from {}", price.amount()),
            Claim::PriceNamed(price) => format!("at {}", price.amount()),
            Claim::PriceAtMost(price) => format!("at most {}", price.amount()),
            Claim::InsteadOf(price) => format!("instead of {}", price.amount()),
            Claim::OnCondition { percent: Some(percent) } => format!("if {percent}"),
            Claim::OnCondition { percent: None } => "if".to_owned(),
            Claim::LimitedStock | Claim::WhileStockLasts => "stock".to_owned(),
        })
        .collect();
    if said.is_empty() { "-".to_owned() } else { said.join(",") }
}

#[test]
fn claims_of_prices_are_told_from_what_looks_like_them() {
    let lines = CLAIMS.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let (mut wrong, mut claims, mut innocent) = (Vec::new(), 0, 0);
    for line in lines {
        let [language, market, expected, text] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let found = claimed(language, market, text);
        *(if expected == "-" { &mut innocent } else { &mut claims }) += 1;
        if found != expected {
            wrong.push(format!("{language} {market}: `{found}` and not `{expected}`: {text}"));
        }
    }
    assert!(claims >= 50 && innocent >= 35, "{claims} claims, {innocent} sentences without one");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A day that frees only its own word, balances, liquidations, and what presses or promises.
#[test]
fn a_fifth_set_of_sentences_is_judged_as_well() {
    let sentences = corpus("fr-fifth.tsv", FRENCH_FIFTH, false);
    println!("{}", check_corpus(&sentences, 90));
    let innocent = sentences.iter().filter(|sentence| sentence.expected.is_empty()).count();
    assert!(innocent >= 40 && sentences.len() - innocent >= 40, "{innocent} of {}", sentences.len());
    println!("{}", check_corpus(&corpus("others-fifth.tsv", OTHERS_FIFTH, true), 30));
}

/// What hurries people, what promises them a prize or a gift, and what asks them for an account: in a letter of its language,
/// about a sale whose end is far.
#[test]
fn what_presses_or_promises_is_found_in_letters_of_seven_languages() {
    let markets = [("fr", "FR"), ("en", "IE"), ("nl", "NL"), ("de", "DE"), ("it", "IT"), ("es", "ES"), ("pt", "PT")];
    let soft = ["scarcity", "won", "free-but-paid", "account-demanded", "data-demanded", "last-days", "last-hours"];
    let (mut wrong, mut pressing, mut innocent) = (Vec::new(), 0, 0);
    for line in PRESSING.lines().filter(|line| !line.starts_with('#')) {
        let [language, expected, text] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let market = markets.into_iter().find(|(known, _)| *known == language).unwrap().1;
        let opening = mailing("opening").languages(&[language]).says(language, "intro", text);
        let file = campaign().markets(&[market]).window("2027-02-10 08:00", "2027-12-02 20:00").mailing(opening);
        let judged = judgement(&file.text(), at("2026-12-01T00:00:00Z"));
        let is_soft = |rule: &str| soft.iter().any(|soft| rule.strip_prefix("words.") == Some(soft));
        let found: BTreeSet<&str> =
            judged.open.iter().map(|finding| finding.rule).filter(|rule| is_soft(rule)).collect();
        let is_right = match expected {
            "-" => found.is_empty(),
            "hurry" => found.contains("words.last-days") || found.contains("words.last-hours"),
            rule => found.contains(rule),
        };
        *(if expected == "-" { &mut innocent } else { &mut pressing }) += 1;
        if !is_right {
            wrong.push(format!("{language}: {found:?} and not `{expected}`: {text}"));
        }
    }
    assert!(pressing >= 190 && innocent >= 60, "{pressing} that press, {innocent} innocent");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every kind of rule in seven languages, in the words of somebody who had not seen the lists.
#[test]
fn a_sixth_set_of_sentences_is_judged_as_well() {
    println!("{}", check_corpus(&corpus("fr-sixth.tsv", FRENCH_SIXTH, false), 250));
    println!("{}", check_corpus(&corpus("others-sixth.tsv", OTHERS_SIXTH, true), 320));
}

/// The rules that a campaign breaks in one market.
fn rules(title: &str, market: &str, opens: &str, closes: &str) -> Vec<&'static str> {
    let zone = Calendar::built_in().zone(&market.parse().unwrap()).unwrap();
    let text = campaign()
        .title(title)
        .markets(&[market])
        .with("channel", "store")
        .with("sector", "shoes")
        .zone(zone.iana_name().unwrap())
        .window(opens, closes)
        .text();
    let judged = judgement(&text, at("2026-12-01T00:00:00Z"));
    let found = judged.open.into_iter().map(|finding| finding.rule);
    found.filter(|rule| ["words.", "season.", "blackout."].iter().any(|room| rule.starts_with(room))).collect()
}

/// The lengths that a law sets are those of the sale that it names.
#[test]
fn a_promotion_under_another_name_may_be_longer() {
    let too_long = ["season.too-long"];
    let romania = |title| rules(title, "RO", "2027-01-20 00:00", "2027-03-22 00:00");
    assert_eq!(romania("Reduceri mari"), [""; 0]);
    assert_eq!(romania("Soldări de iarnă"), too_long);
    let croatia = |title| rules(title, "HR", "2026-12-27 00:00", "2027-03-01 00:00");
    assert_eq!(croatia("Akcija"), [""; 0]);
    assert!(croatia("Sezonsko sniženje").contains(&"season.too-long"));
    let portugal = |title| rules(title, "PT", "2027-01-02 00:00", "2027-06-12 00:00");
    assert_eq!(portugal("Promoções"), [""; 0]);
    assert_eq!(portugal("Saldos"), ["words.sale-name-defined", "season.too-long"]);
    assert_eq!(rules("Saldos", "PT", "2027-01-02 00:00", "2027-01-12 00:00")[1], "season.counted-days");
}

/// Where the sales are free the word is; where the dates are not known that is said, and is not « none ».
#[test]
fn a_free_market_is_not_an_unknown_one() {
    let saldi = |market: &str, month: i8| {
        let calendar = Calendar::built_in();
        let market: Market = market.parse().unwrap();
        let day = jiff::civil::date(if month < 6 { 2027 } else { 2026 }, month, 20);
        let at =
            day.to_datetime(jiff::civil::Time::midnight()).to_zoned_datetime(calendar.zone(&market).unwrap()).unwrap();
        let seasons = compliance::seasons(&calendar, &market, Channel::Store, (day, day));
        let document = Document::new("x", "Saldi su tutto");
        let shown = Some((at.timestamp(), at.timestamp()));
        let text = PlacedText { shown, ..PlacedText::whole(&document, TextKind::Title) };
        words::check(&text, AudienceClass::Public, &[seasons])
            .into_iter()
            .map(|finding| finding.message.to_string())
            .next()
    };
    assert_eq!(saldi("IT-TN", 11), None);
    assert_eq!(saldi("IT-TN", 1), None);
    let milan = saldi("IT-25", 11).unwrap();
    assert!(milan.contains("none are under way in IT-25"), "{milan}");
    for unknown in ["IT-BZ", "IT-32"] {
        let said = saldi(unknown, 1).unwrap();
        assert!(
            said.contains(&format!("whether one is under way in {unknown} when this is read is not known")),
            "{said}"
        );
    }
}

/// What the calendar does not know, or not well, is no permission: a check says it, and whom to ask.
#[test]
fn unknown_is_never_allowed() {
    let found = |title: &str, market: &str, opens: &str, closes: &str| {
        rules(title, market, opens, closes).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let soldes = found("Soldes d’hiver", "FR-57", "2027-01-02 08:00", "2027-01-03 20:00");
    assert_eq!(soldes, ["season.dates-doubtful"]);
    let luxembourg = found("Soldes", "LU", "2027-01-10 08:00", "2027-01-12 20:00");
    assert_eq!(luxembourg, ["words.sale-dates-unknown", "season.dates-unknown"]);
    assert_eq!(found("Saldi", "IT-BZ", "2027-01-20 08:00", "2027-01-22 20:00")[0], "words.sale-dates-unknown");
    assert_eq!(found("Saldi", "IT-TN", "2026-12-10 08:00", "2026-12-12 20:00"), [""; 0]);
    let november = found("Soldes", "LU", "2026-12-28 08:00", "2026-12-29 20:00");
    assert_eq!(
        november,
        ["words.sale-dates-unknown", "season.dates-unknown"],
        "a regulation may put the start before New Year"
    );
    assert_eq!(found("Soldes", "LU", "2027-05-10 08:00", "2027-05-12 20:00"), ["words.sale-name-outside-period"]);
}

/// A doubtful day is not stated as certain, neither by a person nor by a letter of ours.
#[test]
fn no_letter_states_a_doubtful_day_as_certain() {
    let announced = |market: &str| {
        let intro = "Les soldes d’hiver commencent le samedi 2 janvier 2027.";
        let announcement = mailing("announcement").from("2026-12-27 10:00").until("window.opens").languages(&["fr"]);
        let announcement = announcement.says("fr", "intro", intro);
        let file = campaign().markets(&[market]).with("channel", "store");
        let text = file.window("2026-12-29 08:00", "2027-01-02 08:00").mailing(announcement).text();
        let judged = judgement(&text, at("2026-12-01T00:00:00Z"));
        let found = judged.open.into_iter().map(|finding| finding.rule);
        found.filter(|rule| rule.starts_with("words.")).collect::<Vec<_>>()
    };
    assert_eq!(announced("FR-57"), ["words.sale-day-doubtful"]);
    assert_eq!(announced("FR"), ["words.soldes-outside-period"]);
}

/// What a remedy tells to write makes the finding go.
#[test]
fn a_declared_liquidation_may_be_called_so() {
    let liquidation = |declaration: Option<[(&'static str, toml::Value); 2]>, closes: &str| {
        let file = campaign().title("Liquidation totale").with("channel", "store").window("2027-02-10 08:00", closes);
        let file = match declaration {
            Some(declaration) => file.table("[declaration]", declaration),
            None => file,
        };
        let judged = judgement(&file.text(), at("2026-12-01T00:00:00Z"));
        let found = judged.open.into_iter().filter(|finding| finding.severity == Severity::Error);
        found.map(|finding| finding.rule).collect::<Vec<_>>()
    };
    let declared = |kind: &str, key: &'static str| Some([("kind", kind.into()), (key, "57-2027-012".into())]);
    assert_eq!(liquidation(None, "2027-03-10 20:00"), ["words.liquidation-undeclared"]);
    assert_eq!(liquidation(declared("liquidation", "receipt"), "2027-03-10 20:00"), [""; 0]);
    assert_eq!(liquidation(declared("liquidation", "ground"), "2027-03-10 20:00"), ["words.liquidation-undeclared"]);
    assert_eq!(liquidation(declared("factory-store", "receipt"), "2027-03-10 20:00"), ["words.liquidation-undeclared"]);
    assert_eq!(liquidation(declared("liquidation", "receipt"), "2027-05-10 20:00"), ["season.too-long"]);
}

/// « Derniers jours » in February of a sale that closes in December.
#[test]
fn last_days_are_the_last_ones() {
    let found = |title: &str, closes: &str| {
        let text = campaign().title(title).window("2027-02-10 08:00", closes).text();
        let judged = judgement(&text, at("2026-12-01T00:00:00Z"));
        judged.open.into_iter().any(|finding| finding.rule == "words.last-days")
    };
    assert!(found("Derniers jours", "2027-12-02 20:00"));
    assert!(!found("Derniers jours", "2027-02-20 20:00"));
    assert!(found("Dernières heures", "2027-02-20 20:00"));
    assert!(!found("Dernières heures", "2027-02-11 20:00"));
    assert!(!found("Derniers jours du mois", "2027-12-02 20:00"));
    for hurried in [
        "Plus que deux jours",
        "Plus que quelques heures",
        "La vente se termine ce soir",
        "La vente ferme ce soir",
        "C’est bientôt fini",
        "Fin de la vente ce soir à minuit",
        "Il vous reste quelques heures",
        "Last few days",
        "Ends in a few hours",
        "Your final hours to save",
        "Nog maar een paar uur",
        "Nur noch wenige Tage",
        "Endet in wenigen Stunden",
        "Ancora pochi giorni",
        "L’offerta scade oggi",
        "Quedan pocos días",
        "Termina dentro de poucas horas",
    ] {
        assert!(found(hurried, "2027-12-02 20:00"), "{hurried}");
        assert!(!found(hurried, "2027-02-11 20:00"), "{hurried}");
    }
    for patient in [
        "Derniers jours de l’hiver",
        "Plus que trois jours avant la fête des Grands-mères",
        "Bientôt dans vos boutiques",
        "Les derniers jours du marché de Noël",
        "Il vous reste 30 jours pour changer d’avis",
        "The last days of winter",
        "De laatste dagen van de winter",
        "Die letzten Tage des Winters",
        "Ultimi giorni d’inverno",
        "Mancano 10 giorni a Pasqua",
        "Últimos días de invierno",
        "Últimos dias de inverno",
        "Our store closes today at 6 pm",
    ] {
        assert!(!found(patient, "2027-12-02 20:00"), "{patient}");
    }
}

/// A step of the soldes is one of the soldes inside them, and a promotion elsewhere.
#[test]
fn a_second_markdown_is_one_of_the_soldes() {
    let found = |title: &str, opens: &str, closes: &str| {
        let text = campaign().title(title).window(opens, closes).text();
        let judged = judgement(&text, at("2026-12-01T00:00:00Z"));
        judged.open.into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    let inside = ("2027-01-20 08:00", "2027-02-02 20:00");
    assert_eq!(found("Deuxième démarque", inside.0, inside.1), ["label.regulated-sale"]);
    assert_eq!(found("Soldes d’hiver, deuxième démarque", inside.0, inside.1), ["label.regulated-sale"]);
    assert_eq!(found("Deuxième démarque", "2027-03-20 08:00", "2027-04-02 20:00"), ["label.promotion"]);
    let everywhere = "Deuxième démarque dans tous nos magasins";
    assert_eq!(found(everywhere, inside.0, inside.1), ["label.regulated-sale"]);
    let feigned = found(everywhere, "2027-03-20 08:00", "2027-04-02 20:00");
    assert_eq!(feigned, ["words.feigned-soldes", "label.promotion"]);
    let beside = found("Les journées magiques", inside.0, inside.1);
    assert_eq!(beside, ["window.beside-soldes", "label.promotion"]);
}

#[test]
fn a_belgian_part_has_the_belgian_waiting_period() {
    for market in ["BE", "BE-VLG", "BE-WAL", "BE-BRU"] {
        let found = rules("Dernières paires", market, "2026-12-10 08:00", "2026-12-12 18:00");
        assert!(found.contains(&"blackout.announcement"), "{market}: {found:?}");
    }
}

/// A campaign before the winter sales of 2030.
fn hiver(title: &str) -> CampaignFile {
    let (opens, closes) = ("soldes.winter.2030 - 4 days at 08:00", "soldes.winter.2030");
    campaign().slug("hiver-2030").title(title).window(opens, closes)
}

/// A shop with this campaign file.
fn shop(file: &CampaignFile) -> ShopFolder {
    let shop = ShopFolder::configured();
    shop.write("hiver.toml", file.text());
    shop
}

#[test]
fn no_campaign_breaks_a_known_rule() {
    let shop = shop(&hiver("Les pré-soldes"));
    let said = shop.run(&["campaign", "check", "hiver.toml"]).exits(1);
    assert!(said.stdout.contains("hiver.toml:2:14"), "{}", said.stdout);
    assert!(said.stdout.contains("words.soldes-derivative"), "{}", said.stdout);
    shop.run(&["campaign", "apply", "hiver.toml"]).exits(1);
    let rule = "words.soldes-derivative";
    let waive = |words: &str, reason: &str| {
        let arguments = ["campaign", "waive", "hiver.toml", "--rule", rule, "--words", words, "--reason", reason];
        shop.run(&arguments)
    };
    waive("pré-soldes", "ok").exits(1);
    waive("autres mots", "quoted from the title of a film").exits(1);
    shop.run(&["campaign", "apply", "hiver.toml"]).exits(1);
    waive("pré-soldes", "quoted from the title of a film").exits(0);
    let said = shop.run(&["campaign", "check", "hiver.toml"]).exits(0);
    assert!(said.stdout.contains("waived: "), "{}", said.stdout);
    assert!(said.stdout.contains("camille"), "{}", said.stdout);
    shop.run(&["campaign", "apply", "hiver.toml"]).exits(0);
}

#[test]
fn a_waiver_answers_for_a_finding_that_is_there_and_open() {
    let shop = shop(&hiver("Les pré-soldes"));
    let waive = |campaign: &str, rule: &str| {
        let reason = "quoted from the title of a film";
        shop.run(&["campaign", "waive", campaign, "--rule", rule, "--reason", reason])
    };
    let refused = |campaign: &str, rule: &str, words: &str| {
        let said = waive(campaign, rule).exits(1);
        assert!(said.stderr.contains(words), "{}", said.stderr);
    };
    refused(
        "printemps",
        "words.soldes-derivative",
        "neither a file nor an applied campaign `printemps`; none is applied",
    );
    refused("hiver.toml", "words.soldes-derivate", "it has `words.soldes-derivative` about `pré-soldes`");
    waive("hiver.toml", "words.soldes-derivative").exits(0);
    refused("hiver.toml", "words.soldes-derivative", "is waived already, by camille at ");
    shop.run(&["campaign", "apply", "hiver.toml"]).exits(0);
    refused("printemps", "words.soldes-derivative", "applied are `hiver-2030`");
    refused("hiver-2030", "words.soldes-derivative", "is waived already, by camille at ");
    std::fs::rename(shop.at("hiver.toml"), shop.at("winter.toml")).unwrap();
    refused("hiver-2030", "words.soldes-derivative", "was applied from `hiver.toml`, which is not here");

    let audit = shop.run(&["campaign", "show", "hiver-2030"]).exits(0);
    assert_eq!(audit.stdout.matches("campaign.waived").count(), 1, "{}", audit.stdout);
}

#[test]
fn what_a_file_says_of_itself_is_mended_and_not_waived() {
    let who = "les clientes et clients de Metz".into();
    let group = [("who", who), ("fixed_on", "2029-12-01".into()), ("joinable", true.into())];
    let file = hiver("Les journées magiques").with("audience", "closed-group").table("[group]", group);
    let shop = shop(&file);
    let said = shop.run(&["campaign", "check", "hiver.toml"]).exits(1);
    assert!(said.stdout.contains("label.group-is-open"), "{}", said.stdout);
    let arguments =
        ["campaign", "waive", "hiver.toml", "--rule", "label.group-is-open", "--reason", "we know what we do"];
    shop.run(&arguments).exits(1);
}

#[test]
fn blackouts_are_held_against_window_and_sector() {
    #[track_caller]
    fn check(market: &str, sector: Option<&str>, expected: &[&str]) {
        let file = hiver("Les journées magiques").markets(&[market]);
        let shop = shop(&sector.map_or(file.clone(), |sector| file.with("sector", sector)));
        let said = shop.run(&["campaign", "check", "--json", "hiver.toml"]);
        let findings: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
        let found: Vec<String> = findings
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| finding["rule"].as_str().unwrap().starts_with("blackout."))
            .map(|finding| format!("{} {}", finding["severity"].as_str().unwrap(), finding["rule"].as_str().unwrap()))
            .collect();
        assert_eq!(found, expected, "{}", said.stdout);
    }
    check("FR", None, &[]);
    check("BE", Some("shoes"), &["error blackout.announcement"]);
    check("BE", None, &["error blackout.announcement"]);
    check("BE", Some("books"), &[]);
    check("IT-25", Some("shoes"), &["warning blackout.promotional-sale"]);
    check("IT-82", Some("shoes"), &[]);
}

#[test]
fn the_shops_own_templates_are_read() {
    let announcement = mailing("announcement").languages(&["fr"]);
    let shop = shop(&hiver("Les journées magiques").mailing(announcement));
    shop.configure("[mail]\n", "[mail]\ntemplates = \"letters\"\n");
    let own = ("{% block letter %}", "{% block letter %}\n<p>Nos sol<b>des</b></p>");
    own_letter(&shop.at("letters"), "announcement", &[own]);
    let said = shop.run(&["campaign", "check", "hiver.toml"]).exits(1);
    assert!(said.stdout.contains("letters/announcement/body.html:5:8"), "{}", said.stdout);
}

/// The shop's own pages and their words are read as its letters are; what asks for an account or for data is told.
#[test]
fn the_shops_own_pages_are_read() {
    let shop = shop(&hiver("Les journées magiques"));
    shop.configure("[public]\n", "[public]\npages = \"pages\"\n");
    let built_in = |name: &str| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/pages");
        std::fs::read_to_string(folder.join(name)).unwrap()
    };
    std::fs::create_dir(shop.at("pages")).unwrap();
    let rules = || -> Vec<String> {
        let findings = shop.json(&["campaign", "check", "hiver.toml", "--json"]);
        let of_words = findings.as_array().unwrap().iter().filter(|finding| {
            let rule = finding["rule"].as_str().unwrap();
            rule.starts_with("words.") || rule.starts_with("file.")
        });
        let told = |finding: &serde_json::Value| {
            let place = finding["place"]["file"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            format!("{place}: {}", finding["rule"].as_str().unwrap())
        };
        of_words.map(told).collect()
    };
    for name in ["join.html", "sale.html", "preferences.html", "fr.toml", "en.toml"] {
        shop.write(&format!("pages/{name}"), built_in(name));
    }
    assert_eq!(rules(), [""; 0]);
    let field = "<button class=\"button\"";
    shop.write("pages/join.html", built_in("join.html").replace(field, &format!("<input name=\"bday\">{field}")));
    let (from, to) = ("\"Entrer dans la boutique\"", "\"Créez votre compte pour voir les prix\"");
    shop.write("pages/fr.toml", built_in("fr.toml").replace(from, to));
    assert_eq!(rules(), ["fr.toml: words.account-demanded", "join.html: words.data-demanded"]);
}

/// The waiting period of Belgium is about clothing, leather goods and shoes, in whichever language a file says so.
#[test]
fn a_trade_is_read_in_every_language() {
    for (sector, banned) in [
        ("meubles", false),
        ("Livres", false),
        ("électroménager", false),
        ("boeken", false),
        ("vêtements", true),
        ("chapeaux", true),
    ] {
        let mut session = Session::new(ShopFolder::bare(), "2026-11-01T09:00:00Z");
        let sale = campaign().markets(&["BE"]).with("channel", "store").with("sector", sector);
        session.write("sale.toml", sale.window("2026-12-10 08:00", "2026-12-15 20:00").text());
        let said = session.hear("campaign check sale.toml");
        assert_eq!(said.contains("blackout.announcement"), banned, "{sector}: {said}");
    }
}
