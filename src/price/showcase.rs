//! The articles of a sale as people are shown them, on its page and in its letters: names and pictures, and beside them prices at
//! the times at which these are shown.

use jiff::Timestamp;
use serde::Serialize;

use super::in_words;
use super::tag::{PriceTag, PriorBasis, TagStep, tag_at};
use crate::campaign::{PlannedArticle, PlannedOffer, PricesShown, Schedule};
use crate::text::{Language, Line, WebAddress};

/// So many articles are shown. Whoever wants to see more goes to the shop.
pub const MOST_SHOWN: usize = 12;

/// The articles of a sale with their price tags over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Showcase {
    prices: PricesShown,
    opens_at: Timestamp,
    closes_at: Timestamp,
    shelves: Vec<Shelf>,
    further: u64,
}

/// The articles of one offer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shelf {
    name: Line,
    articles: Vec<ArticleOnShow>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct ArticleOnShow {
    name: Line,
    picture: Option<Line>,
    url: Option<WebAddress>,
    tags: Vec<TagStep>,
}

/// The articles as they are shown at an instant, in the words of a language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownOffers<P> {
    /// By offer, in the order of the campaign file.
    pub groups: Vec<ShownGroup<P>>,
    /// How many more there are.
    pub more: Option<String>,
    /// What the prices that are crossed out are, when it is the same of all of them.
    pub note: Option<String>,
    /// Whether a price is shown.
    pub priced: bool,
}

/// The articles of one offer as they are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownGroup<P> {
    /// What the campaign calls them.
    pub name: Line,
    /// The articles.
    pub cards: Vec<ShownCard<P>>,
}

/// An article as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownCard<P> {
    /// The name.
    pub name: Line,
    /// Its page in the shop.
    pub url: Option<WebAddress>,
    /// Its picture.
    pub picture: Option<P>,
    /// The price.
    pub price: Option<String>,
    /// The price that it is compared with.
    pub prior: Option<String>,
    /// By how much it is lower.
    pub percent: Option<String>,
    /// The same with which price it is: `Lowest price of the last 30 days: €100`.
    pub compared: Option<String>,
    /// The price for programs, and its currency.
    pub amount: Option<String>,
    /// See there.
    pub currency: Option<String>,
}

impl Showcase {
    /// What `schedule` shows, with the tags that `tags` gives each article.
    pub fn of(schedule: &Schedule, mut tags: impl FnMut(&PlannedArticle) -> Vec<TagStep>) -> Self {
        let mut article = |planned: &PlannedArticle| ArticleOnShow {
            name: planned.name.clone(),
            picture: planned.picture.clone(),
            url: planned.url.clone(),
            tags: if schedule.show_prices == PricesShown::Never { Vec::new() } else { tags(planned) },
        };
        let mut shelf = |offer: &PlannedOffer| Shelf {
            name: offer.name.clone(),
            articles: offer.articles.iter().map(&mut article).collect(),
        };
        Self {
            prices: schedule.show_prices,
            opens_at: schedule.opens_at,
            closes_at: schedule.closes_at,
            shelves: schedule.offers.iter().map(&mut shelf).collect(),
            further: schedule.offers.iter().map(|offer| offer.further).sum(),
        }
    }

    /// The same without prices, where nobody knows any.
    pub fn without_prices(schedule: &Schedule) -> Self {
        Self::of(schedule, |_| Vec::new())
    }

    /// When it becomes another one, in order. The opening and the end are among them where they make a difference.
    pub fn changes(&self) -> Vec<Timestamp> {
        if self.prices == PricesShown::Never {
            return Vec::new();
        }
        let tags = self.shelves.iter().flat_map(|shelf| &shelf.articles).flat_map(|article| &article.tags);
        let mut changes: Vec<Timestamp> = tags.map(|(since, _)| *since).collect();
        if !changes.is_empty() {
            changes.extend([self.opens_at, self.closes_at]);
        }
        changes.sort_unstable();
        changes.dedup();
        changes
    }

    /// Whether prices stand there before the sale opens, too.
    pub fn shows_prices_ahead(&self) -> bool {
        self.prices == PricesShown::Always
    }

    /// As it is at `at`, in the words of `language`, with the picture that `picture` finds for the name of a file. None when there
    /// is no card.
    pub fn shown<P>(
        &self,
        at: Timestamp,
        language: Language,
        picture: impl Fn(&str) -> Option<P>,
    ) -> Option<ShownOffers<P>> {
        let at = match self.prices {
            PricesShown::WhileOpen => Some(at).filter(|at| *at >= self.opens_at),
            // Before the opening it says what will be charged then, as far as that is known.
            PricesShown::Always => Some(at.max(self.opens_at)),
            PricesShown::Never => None,
        };
        self.with_prices_of(at.filter(|at| *at < self.closes_at), language, picture)
    }

    /// The same without prices.
    pub fn unpriced<P>(&self, language: Language, picture: impl Fn(&str) -> Option<P>) -> Option<ShownOffers<P>> {
        self.with_prices_of(None, language, picture)
    }

    fn with_prices_of<P>(
        &self,
        at: Option<Timestamp>,
        language: Language,
        picture: impl Fn(&str) -> Option<P>,
    ) -> Option<ShownOffers<P>> {
        if self.shelves.iter().all(|shelf| shelf.articles.is_empty()) {
            return None;
        }
        let tag = |article: &ArticleOnShow| at.and_then(|at| tag_at(&article.tags, at));
        let articles = || self.shelves.iter().flat_map(|shelf| &shelf.articles);
        let mut bases: Vec<PriorBasis> =
            articles().filter_map(tag).filter_map(|tag| tag.prior).map(|it| it.basis).collect();
        bases.sort_unstable();
        bases.dedup();
        let note = match bases.as_slice() {
            [one] => Some(in_words::note(*one, language)),
            _ => None,
        };
        let group = |shelf: &Shelf| ShownGroup {
            name: shelf.name.clone(),
            cards: shelf.articles.iter().map(|it| card(it, tag(it), language, &picture)).collect(),
        };
        Some(ShownOffers {
            groups: self.shelves.iter().map(group).collect(),
            more: (self.further > 0).then(|| in_words::more(self.further, language)),
            note,
            priced: articles().any(|article| tag(article).is_some()),
        })
    }
}

fn card<P>(
    article: &ArticleOnShow,
    tag: Option<PriceTag>,
    language: Language,
    picture: impl Fn(&str) -> Option<P>,
) -> ShownCard<P> {
    let prior = tag.and_then(|tag| tag.prior);
    ShownCard {
        name: article.name.clone(),
        url: article.url.clone(),
        picture: article.picture.as_ref().and_then(|file| picture(file.as_str())),
        price: tag.map(|tag| in_words::money(tag.price, language)),
        prior: prior.map(|prior| in_words::money(prior.price, language)),
        percent: prior.map(|prior| in_words::percent(prior.percent, language)),
        compared: prior.map(|prior| in_words::compared(prior, language)),
        amount: tag.map(|tag| tag.price.amount()),
        currency: tag.map(|tag| tag.price.currency.to_string()),
    }
}

/// Which of the articles that the files of a campaign name are shown: as many of each offer as of the others, where there are as
/// many, in the order of the files. `named` has those of each offer.
pub fn chosen(named: Vec<Vec<PlannedArticle>>) -> Vec<(Vec<PlannedArticle>, u64)> {
    let longest = named.iter().map(Vec::len).max().unwrap_or_default();
    let mut room = MOST_SHOWN;
    let mut shares = vec![0; named.len()];
    for turn in 0..longest {
        for (share, articles) in shares.iter_mut().zip(&named) {
            if turn < articles.len() && room > 0 {
                (*share, room) = (*share + 1, room - 1);
            }
        }
    }
    let cut = |(mut articles, share): (Vec<PlannedArticle>, usize)| {
        let further = articles.len() - share;
        articles.truncate(share);
        (articles, further as u64)
    };
    named.into_iter().zip(shares).map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::campaign::{Campaign, sample};
    use crate::price::{Currency, Money, PriorTag};

    fn article(name: &str) -> PlannedArticle {
        PlannedArticle {
            sku: name.to_owned(),
            name: Line::parse(name).unwrap(),
            picture: Some(Line::parse("a.jpg").unwrap()),
            url: None,
            price: "70.00".to_owned(),
            currency: None,
        }
    }

    #[test]
    fn offers_share_the_room_that_there_is() {
        let named = |counts: &[usize]| counts.iter().map(|count| vec![article("A"); *count]).collect::<Vec<_>>();
        let shares = |counts: &[usize]| -> Vec<(usize, u64)> {
            chosen(named(counts)).into_iter().map(|(shown, further)| (shown.len(), further)).collect()
        };
        assert_eq!(shares(&[3]), [(3, 0)]);
        assert_eq!(shares(&[46]), [(12, 34)]);
        assert_eq!(shares(&[40, 2, 40]), [(5, 35), (2, 0), (5, 35)]);
        assert_eq!(shares(&[0, 1]), [(0, 0), (1, 0)]);
        assert_eq!(shares(&[]), []);
    }

    fn showcase(shown: PricesShown) -> Showcase {
        let campaign = Campaign::parse(&sample::with(&[])).unwrap();
        let mut schedule = campaign.resolve(&Calendar::built_in()).unwrap();
        schedule.show_prices = shown;
        schedule.offers = vec![PlannedOffer {
            name: Line::parse("Bottines").unwrap(),
            sheet: None,
            prices: "b.csv".to_owned(),
            articles: vec![article("Camille")],
            further: 34,
        }];
        let euros = |whole: i64| Money::new(whole * 100, Currency::EUR);
        let prior = PriorTag { price: euros(100), percent: 30, basis: PriorBasis::LowestOf(30) };
        let tag = PriceTag { price: euros(70), prior: Some(prior) };
        Showcase::of(&schedule, |_| vec![(schedule.opens_at, Some(tag))])
    }

    fn shown(showcase: &Showcase, at: &str, language: Language) -> ShownOffers<String> {
        showcase.shown(at.parse().unwrap(), language, |file| Some(file.to_owned())).unwrap()
    }

    #[test]
    fn prices_stand_there_when_the_shop_says_so() {
        const BEFORE: &str = "2027-01-02T06:59:59.999Z";
        const OPEN: &str = "2027-01-02T07:00:00Z";
        const OVER: &str = "2027-01-06T07:00:00Z";
        for (setting, expected) in [
            (PricesShown::WhileOpen, [false, true, false]),
            (PricesShown::Always, [true, true, false]),
            (PricesShown::Never, [false, false, false]),
        ] {
            let showcase = showcase(setting);
            let priced = [BEFORE, OPEN, OVER].map(|at| {
                let shown = shown(&showcase, at, Language::Fr);
                let card = &shown.groups[0].cards[0];
                assert_eq!((card.price.is_some(), card.percent.is_some()), (shown.priced, shown.priced));
                assert_eq!(card.picture.as_deref(), Some("a.jpg"));
                shown.priced
            });
            assert_eq!(priced, expected, "{setting}");
            assert_eq!(showcase.changes().is_empty(), setting == PricesShown::Never);
        }
    }

    #[test]
    fn what_is_shown_is_in_the_readers_words() {
        let showcase = showcase(PricesShown::WhileOpen);
        let said = |language| {
            let shown = shown(&showcase, "2027-01-03T07:00:00Z", language);
            let card = shown.groups[0].cards[0].clone();
            let parts = [card.price, card.prior, card.percent, card.compared, shown.note, shown.more];
            parts.map(Option::unwrap).join(" | ")
        };
        assert_eq!(
            said(Language::Fr),
            "70\u{a0}€ | 100\u{a0}€ | −30\u{a0}% | Prix le plus bas des 30 derniers jours\u{a0}: 100\u{a0}€ | \
             Prix barré\u{a0}: prix le plus bas des 30 derniers jours avant la réduction. | et 34 autres articles"
        );
        assert_eq!(
            said(Language::En),
            "€70 | €100 | −30% | Lowest price of the last 30 days: €100 | \
             Crossed out: the lowest price of the last 30 days before the reduction. | and 34 more"
        );
    }
}
