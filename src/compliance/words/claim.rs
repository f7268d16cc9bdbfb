//! What texts claim of prices and stock: a reduction in figures, a lowest price, an article for nothing, no more than there
//! is. Which words claim what is data; whether it is true is for others to judge.

use std::ops::Range;

use super::judge::WordsInSentences;
use super::law::{self, ClaimKind, FigureWords, Topic, WordFamily, WordLaw};
use super::reading::{Form, RunKind, Writing};
use super::token::{Token, Vocabulary, tokens};
use super::{PlacedText, judge, reading};
use crate::finding::Severity;
use crate::price::{Currency, Money};

/// How many articles of those that it speaks of a reduction is claimed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of them.
    All,
    /// Some: « jusqu’à », « sur une sélection ».
    Some,
}

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A reduction of so many per cent.
    Reduction {
        /// The percentage, a started one counted as a whole.
        percent: u8,
        /// For how many articles.
        extent: Extent,
    },
    /// That something costs no more than this.
    PriceFrom(Money),
    /// The same, where only the name of an offer in the sentence tells that it is about the offers.
    PriceNamed(Money),
    /// That nothing costs more than this.
    PriceAtMost(Money),
    /// That this was asked before.
    InsteadOf(Money),
    /// Something that only who meets a condition gets.
    OnCondition {
        /// What it comes to in per cent for who meets it, where that follows from the words.
        percent: Option<u8>,
    },
    /// That there is not enough for all.
    LimitedStock,
    /// The same in small print: « dans la limite des stocks disponibles », which is true of any sale that does not say otherwise.
    WhileStockLasts,
}

/// A claim, and where it is written.
#[derive(Clone, Debug)]
pub struct StatedClaim {
    /// The bytes of the document that say it.
    pub span: Range<usize>,
    /// What is claimed.
    pub claim: Claim,
    law: &'static WordLaw,
    everyday: &'static [String],
    sentence: Vec<Token>,
    /// Whether its words say so only together.
    is_read_together: bool,
}

impl StatedClaim {
    /// The rule that an untrue claim breaks.
    pub fn rule(&self) -> &'static str {
        &self.law.rule
    }

    /// How grave that is.
    pub fn severity(&self) -> Severity {
        let severity = Severity::from(self.law.severity);
        // Words that say so only together may mean something else: a person looks.
        if self.is_read_together { severity.min(Severity::Warning) } else { severity }
    }

    /// The text of law on untrue claims.
    pub fn law(&self) -> &'static str {
        &self.law.text
    }

    /// The message about an untrue claim.
    pub fn says(&self) -> &'static str {
        &self.law.says
    }

    /// Whether the sentence speaks of the offer called `name`.
    pub fn speaks_of(&self, name: &str) -> bool {
        let strands = reading::read(name, 0..name.len(), Form::Plain, Writing::Raw);
        let words = strands.iter().flat_map(|strand| tokens(strand, &Vocabulary::default()));
        let mut telling = words.filter(|word| word.latin().chars().count() > 3 && !is_one_of(word, self.everyday));
        telling.any(|word| self.sentence.iter().any(|said| singular(said.latin()) == singular(word.latin())))
    }
}

fn is_one_of(word: &Token, words: &[String]) -> bool {
    words.iter().any(|known| known == word.latin())
}

/// The word without what makes most plurals of the markets' languages.
fn singular(word: &str) -> &str {
    word.trim_end_matches(['s', 'x'])
}

/// What a text says in figures.
#[derive(Clone, Debug, Default)]
pub struct StatedFigures {
    /// What it claims, in its order.
    pub claims: Vec<StatedClaim>,
    /// A percentage, an amount or a fraction of which nothing tells what it claims.
    pub unread: Vec<UnreadFigure>,
}

/// A percentage, an amount or a fraction of which nothing tells what it claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadFigure {
    /// The bytes of the document.
    pub span: Range<usize>,
    /// The amount, where it is one.
    pub amount: Option<Money>,
}

/// The claims that `text` makes, read as the law of `country` reads them, in its order.
pub fn stated_claims(text: &PlacedText<'_>, country: &str) -> Vec<StatedClaim> {
    stated_figures(text, country).claims
}

/// The claims that `text` makes, read as the law of `country` reads them, and the figures that could not be read.
pub fn stated_figures(text: &PlacedText<'_>, country: &str) -> StatedFigures {
    // What is wrong with the word lists is a finding of the check of words.
    let Ok(wording) = law::built_in() else { return StatedFigures::default() };
    let language = text.language.as_deref();
    let (mut claims, mut unread): (Vec<StatedClaim>, Vec<UnreadFigure>) = (Vec::new(), Vec::new());
    for strand in reading::read(&text.document.text, text.span.clone(), text.kind.form(), text.writing) {
        let read = WordsInSentences::of(&strand, language, wording);
        if strand.kind == RunKind::Prose {
            let figures = judge::unexplained(&read, wording).into_iter();
            unread.extend(figures.map(|span| UnreadFigure { amount: read.amount(&span, &wording.figures), span }));
        }
        for found in judge::uses_in(&read, language, country, Topic::Claims, wording) {
            let laws = &found.family.laws;
            let (Some(kind), Some(law)) = (found.family.claim, laws.iter().find(|law| law.binds(country))) else {
                continue;
            };
            let Some(claim) = claim(kind, found.family, &found.span, &found.sentence, &wording.figures) else {
                continue;
            };
            let (span, everyday) = (found.span, wording.figures.everyday.as_slice());
            let is_read_together = !found.together.is_empty();
            claims.push(StatedClaim { span, claim, law, everyday, sentence: found.sentence, is_read_together });
        }
    }
    several_in_a_sentence(&mut claims);
    claims.sort_by_key(|claim| claim.span.start);
    unread.sort_by_key(|figure| figure.span.start);
    unread.dedup();
    StatedFigures { claims, unread }
}

impl WordsInSentences {
    /// The amount of money that the words at `span` state, if they state one.
    fn amount(&self, span: &Range<usize>, words: &FigureWords) -> Option<Money> {
        let is_inside = |word: &&Token| span.start <= word.span.start && word.span.end <= span.end;
        let said: Vec<&Token> = self.tokens().iter().filter(is_inside).collect();
        let is_money = said.iter().any(|word| matches!(word.latin(), "€" | "eur" | "euro" | "euros" | "chf"));
        let after = self.tokens().iter().find(|word| word.span.start == span.end);
        let number = numbers(&said, words).into_iter().next().filter(|_| is_money)?;
        price(&number, &said, after)
    }
}

/// « −50 % sur les sacs et −30 % sur les bottines »: which articles each of them is about, no list of words can tell.
fn several_in_a_sentence(claims: &mut [StatedClaim]) {
    let is_reduction = |claim: &StatedClaim| matches!(claim.claim, Claim::Reduction { .. });
    let sentences: Vec<Option<usize>> = claims
        .iter()
        .map(|claim| claim.sentence.first().filter(|_| is_reduction(claim)).map(|word| word.span.start))
        .collect();
    for (claim, own) in claims.iter_mut().zip(&sentences) {
        let together = own.is_some() && sentences.iter().filter(|other| *other == own).count() > 1;
        if let Claim::Reduction { extent, .. } = &mut claim.claim
            && together
        {
            *extent = Extent::Some;
        }
    }
}

/// What the words of `family` at `span` claim. `None` when their numbers are no claim, such as 100 %.
fn claim(
    kind: ClaimKind,
    family: &WordFamily,
    span: &Range<usize>,
    sentence: &[Token],
    words: &FigureWords,
) -> Option<Claim> {
    let inside = |word: &&Token| span.start <= word.span.start && word.span.end <= span.end;
    let said: Vec<&Token> = sentence.iter().filter(inside).collect();
    let numbers = numbers(&said, words);
    let reduction = |extent| {
        let stated = numbers.iter().map(|number| number.whole.saturating_add(u32::from(number.has_cents()))).max();
        let percent = family.figure.or_else(|| u8::try_from(stated?).ok())?;
        (1..100).contains(&percent).then_some(Claim::Reduction { percent, extent })
    };
    match kind {
        ClaimKind::Reduction => {
            let whole = 0..sentence.len();
            let some = words.some.fits(sentence, &whole, &whole);
            let is_range = family.figure.is_none() && numbers.len() > 1 || ends_range(sentence, span);
            reduction(if some || is_range { Extent::Some } else { Extent::All })
        }
        ClaimKind::ReductionUpTo => reduction(Extent::Some),
        ClaimKind::PriceFrom | ClaimKind::PriceNamed | ClaimKind::PriceAtMost | ClaimKind::InsteadOf => {
            let after = sentence.iter().find(|word| word.span.start == span.end);
            let price = price(numbers.last()?, &said, after)?;
            Some(match kind {
                ClaimKind::PriceNamed => Claim::PriceNamed(price),
                ClaimKind::PriceAtMost => Claim::PriceAtMost(price),
                ClaimKind::InsteadOf => Claim::InsteadOf(price),
                _ => Claim::PriceFrom(price),
            })
        }
        ClaimKind::BoughtAndFree => {
            let percent = match numbers.as_slice() {
                [bought, free, ..] => share(free.whole, bought.whole.saturating_add(free.whole)),
                _ => None,
            };
            Some(Claim::OnCondition { percent })
        }
        ClaimKind::ForFewer => {
            let (all, paid) = (numbers.iter().map(|it| it.whole).max()?, numbers.iter().map(|it| it.whole).min()?);
            // « 2 pour 2 » is nobody's offer, and « 20 pour 3 » is about something else.
            let is_offer = paid < all && all <= 10;
            is_offer.then(|| Claim::OnCondition { percent: share(all - paid, all) })
        }
        ClaimKind::OnCondition => Some(Claim::OnCondition { percent: None }),
        ClaimKind::LimitedStock => Some(Claim::LimitedStock),
        ClaimKind::WhileStockLasts => Some(Claim::WhileStockLasts),
    }
}

/// Whether the number at `span` is the larger one of « 20-50 % ».
fn ends_range(sentence: &[Token], span: &Range<usize>) -> bool {
    let Some(at) = sentence.iter().position(|word| word.span.start == span.start) else { return false };
    let before = at.checked_sub(1).and_then(|before| sentence.get(before)).and_then(Token::number);
    let is_glued =
        sentence.get(at).is_some_and(|word| !word.before.is_empty() && !word.before.contains(char::is_whitespace));
    is_glued && before.is_some_and(|number| number < 100)
}

/// `part` of `whole` in per cent, rounded down.
fn share(part: u32, whole: u32) -> Option<u8> {
    u8::try_from(part.checked_mul(100)?.checked_div(whole)?).ok().filter(|percent| *percent > 0)
}

/// A number of a claim.
struct StatedNumber {
    whole: u32,
    /// What stands after the decimal separator.
    decimals: Option<String>,
}

impl StatedNumber {
    fn has_cents(&self) -> bool {
        self.decimals.as_deref().is_some_and(|decimals| decimals.bytes().any(|digit| digit != b'0'))
    }
}

/// The numbers of a claim, in figures or words.
fn numbers(said: &[&Token], words: &FigureWords) -> Vec<StatedNumber> {
    let mut found: Vec<StatedNumber> = Vec::new();
    let mut rest = said;
    while let Some((word, after)) = rest.split_first() {
        let is_part =
            |next: &&&Token| matches!(&*next.before, "," | ".") && next.number().is_some() && next.latin().len() <= 2;
        let (number, taken) = match (word.number(), number_in_words(rest, words)) {
            (Some(whole), _) => {
                let decimals = after.first().filter(is_part).map(|next| next.latin().to_owned());
                let taken = if decimals.is_some() { 2 } else { 1 };
                (Some(StatedNumber { whole, decimals }), taken)
            }
            (None, Some((whole, taken))) => (Some(StatedNumber { whole, decimals: None }), taken),
            (None, None) => (None, 1),
        };
        found.extend(number);
        rest = rest.get(taken..).unwrap_or_default();
    }
    found
}

/// The number that `said` begins with in words, and how many words it takes: « cinquante », « vingt-neuf », « quatre-vingt-dix ».
fn number_in_words(said: &[&Token], words: &FigureWords) -> Option<(u32, usize)> {
    let value = |at: usize| words.numbers.get(said.get(at)?.latin()).copied();
    let (mut whole, mut at) = (value(0)?, 1);
    while let Some(next) = value(at) {
        whole = match (whole, next) {
            (4, 20) => 80,
            (tens, units) if tens >= 20 && tens % 10 == 0 && units < 20 => tens + units,
            _ => break,
        };
        at += 1;
    }
    Some((whole, at))
}

/// The price that `number` states; `after` is the word behind the sign of the currency, as in « 29€90 ».
fn price(number: &StatedNumber, said: &[&Token], after: Option<&Token>) -> Option<Money> {
    let is_swiss = said.iter().any(|word| matches!(word.latin(), "chf" | "francs" | "franken"));
    let currency = if is_swiss { Currency::used_in("CH") } else { Currency::EUR };
    let glued = after.filter(|word| word.before.is_empty() && word.number().is_some() && word.latin().len() == 2);
    let decimals = number.decimals.as_deref().or_else(|| glued.map(Token::latin));
    let cents: i64 = format!("{:0<2}", decimals.unwrap_or_default()).parse().ok()?;
    Some(Money::new(i64::from(number.whole).checked_mul(100)?.checked_add(cents)?, currency))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::words::TextKind;
    use crate::document::Document;

    #[track_caller]
    fn claims(text: &str) -> Vec<String> {
        let document = Document::new("text", text);
        let claims = stated_claims(&PlacedText::whole(&document, TextKind::TextBody), "FR");
        claims.iter().map(|claim| format!("{}: {:?}", &document.text[claim.span.clone()], claim.claim)).collect()
    }

    #[test]
    fn figures_are_read_with_their_decimals() {
        let reduction = |percent, extent| format!("{:?}", Claim::Reduction { percent, extent });
        assert_eq!(claims("−33,5 % partout"), [format!("33,5 %: {}", reduction(34, Extent::All))]);
        assert_eq!(claims("−33,0\u{a0}% sur une sélection"), [format!("33,0\u{a0}%: {}", reduction(33, Extent::Some))]);
        let from = |minor| format!("{:?}", Claim::PriceFrom(Money::new(minor, Currency::EUR)));
        assert_eq!(claims("Bottines dès 29 €"), [format!("dès 29 €: {}", from(2900))]);
        assert_eq!(claims("Bottines dès 29,9 €"), [format!("dès 29,9 €: {}", from(2990))]);
        assert_eq!(claims("Bottines dès 29€90"), [format!("dès 29€: {}", from(2990))]);
        assert_eq!(claims("20-50 %"), [format!("50 %: {}", reduction(50, Extent::Some))]);
        assert_eq!(claims("20-50 % off"), [format!("20-50 % off: {}", reduction(50, Extent::Some))]);
        assert_eq!(claims("Hiver 2027 −50 %"), [format!("50 %: {}", reduction(50, Extent::All))]);
        assert_eq!(claims("100 % bonheur, −100 %"), [""; 0]);
    }

    #[test]
    fn two_reductions_in_a_sentence_are_each_for_some_articles() {
        let [bags, boots] = claims("−50 % sur les sacs et −30 % sur les bottines").try_into().unwrap();
        assert!(bags.contains("50, extent: Some") && boots.contains("30, extent: Some"), "{bags} {boots}");
    }

    #[test]
    fn a_sentence_speaks_of_the_offers_that_it_names() {
        let document = Document::new("text", "−50 % sur toutes les bottines");
        let [claim] = stated_claims(&PlacedText::whole(&document, TextKind::Title), "FR").try_into().unwrap();
        assert!(claim.speaks_of("Bottines et bottes") && claim.speaks_of("La bottine d’hiver"));
        assert!(!claim.speaks_of("Toutes les chaussures pour enfants"));
    }
}
