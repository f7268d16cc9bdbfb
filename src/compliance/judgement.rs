//! Judging a campaign: the one function that asks every rule, and the only one that clears a schedule for being applied.
//!
//! Everything it judges by is handed in: documents, price histories, the calendar, what was found in the letters as they
//! would be sent, and the time. `campaign check`, `plan`, `apply` and `waive` gather that and call it.

use std::ops::Deref;
use std::path::Path;

use jiff::Timestamp;

use super::duration::SalesRecord;
use super::offers::Offers;
use super::waiver::{Judged, Waiver, cover};
use super::words::{MarketSales, PlacedText, TextKind, Writing, check_demands};
use super::{CheckedCampaign, check, label, recipients, sent, texts, window};
use crate::calendar::Calendar;
use crate::campaign::{Audiences, Campaign, PlannedMailing, Schedule};
use crate::document::Document;
use crate::finding::{Finding, each_once};

/// A campaign, and everything that it is judged by.
#[derive(Debug)]
pub struct Case<'a> {
    /// What was written.
    pub campaign: &'a Campaign,
    /// What it resolves to.
    pub schedule: &'a Schedule,
    /// The law of dates.
    pub calendar: &'a Calendar,
    /// The mail templates of the shop's own.
    pub templates: &'a [&'a Document],
    /// The pages of the shop's own, and the files of words beside them.
    pub pages: &'a [Document],
    /// The price files, once for each market.
    pub offers: &'a [Offers],
    /// How many members the shop may write to today; none where there is no shop.
    pub members: Option<u64>,
    /// Which lists there are, and whom the mailings would reach today; none where there is no shop.
    pub audiences: Option<&'a Audiences>,
    /// What the store says of the shop's sales; none where there is no shop.
    pub record: Option<&'a SalesRecord>,
    /// What was found in the letters as they would be sent, and why files beside the campaign's cannot be read.
    pub gathered: Vec<Finding>,
    /// What persons have answered for.
    pub waivers: &'a [Waiver],
    /// The present.
    pub now: Timestamp,
}

/// A schedule that no known rule forbids, or for which a person has answered. Only [`judge`] makes one, and without one
/// nothing is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleared(Schedule);

impl Deref for Cleared {
    type Target = Schedule;

    fn deref(&self) -> &Schedule {
        &self.0
    }
}

/// What a campaign was found to be.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Everything found that nobody has answered for.
    pub open: Vec<Finding>,
    /// What a person has answered for.
    pub waived: Vec<Judged>,
    /// The schedule, when nothing stops it from being applied.
    pub cleared: Option<Cleared>,
}

/// Asks every rule. A room with rules of its own adds its line here.
pub fn judge(case: Case<'_>) -> Judgement {
    let Case {
        campaign,
        schedule,
        calendar,
        templates,
        pages,
        offers,
        members,
        audiences,
        record,
        gathered,
        waivers,
        now,
    } = case;
    let letters = templates.iter().map(|template| text_of(template, schedule));
    // Once, whatever the markets: each has the same file.
    let of_one_market = offers.iter().filter(|offers| schedule.markets.first() == Some(&offers.terms.sale.market));
    let names = of_one_market.flat_map(|offers| texts::of_articles(offers, schedule));
    let letters: Vec<PlacedText<'_>> = letters.chain(names).collect();
    let mut found = window::check(campaign, schedule, calendar, now);
    found.extend(label::fixed_later(campaign, now));
    found.extend(audiences.iter().flat_map(|audiences| recipients::of_today(campaign, schedule, audiences, now)));
    found.extend(check(&CheckedCampaign { campaign, schedule, calendar, texts: &letters, offers, members, record }));
    // The pages are the shop's whatever it sells, so only what they ask people for is judged with a campaign.
    let markets: Vec<MarketSales> = schedule.markets.iter().copied().map(MarketSales::without_seasons).collect();
    let pages = pages.iter().flat_map(|page| texts::of_page(page, schedule));
    found.extend(each_once(pages.flat_map(|page| check_demands(&page, schedule.audience, &markets)).collect()));
    found.extend(gathered);
    found.extend(offers.iter().flat_map(|offers| offers.check(now)));
    let found = sent::as_sent(found, campaign, schedule, record);
    let judged = cover(&schedule.slug, found, waivers);
    let cleared = (!judged.iter().any(Judged::stops)).then(|| Cleared(schedule.clone()));
    let (waived, open): (Vec<_>, Vec<_>) = judged.into_iter().partition(|judged| judged.waiver.is_some());
    Judgement { open: open.into_iter().map(|judged| judged.finding).collect(), waived, cleared }
}

/// A template, read for as long as mails of the campaign may leave.
fn text_of<'a>(template: &'a Document, schedule: &Schedule) -> PlacedText<'a> {
    let name = Path::new(&template.name);
    let kind = if name.extension().is_some_and(|extension| extension == "html") {
        TextKind::Html
    } else if name.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("subject.")) {
        TextKind::Subject
    } else {
        TextKind::TextBody
    };
    let folder = name.parent().and_then(Path::file_name).and_then(|folder| folder.to_str());
    let is_own = |mailing: &&PlannedMailing| folder == Some(mailing.kind.to_string().as_str());
    // What letters of several kinds share leaves with each of them.
    let has_own = schedule.mailings.iter().any(|mailing| is_own(&mailing));
    let mailings = || schedule.mailings.iter().filter(|mailing| !has_own || is_own(mailing));
    let from = mailings().map(|mailing| mailing.not_before).min();
    let until = mailings().map(|mailing| mailing.not_after).max();
    let sale = Some((schedule.opens_at, schedule.closes_at));
    PlacedText { writing: Writing::Template, shown: from.zip(until), sale, ..PlacedText::whole(template, kind) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::sample;
    use crate::finding::{Place, Severity};
    use crate::phrase::Phrase;

    const NOW: &str = "2026-12-01T00:00:00Z";

    /// The judgement of the sample with `edits`.
    #[track_caller]
    fn judged(edits: &[(&str, &str)], gathered: Vec<Finding>, waivers: &[Waiver]) -> Judgement {
        let campaign = Campaign::parse(&sample::with(edits)).unwrap();
        let calendar = Calendar::built_in();
        let schedule = campaign.resolve(&calendar).unwrap();
        judge(Case {
            campaign: &campaign,
            schedule: &schedule,
            calendar: &calendar,
            templates: &[],
            pages: &[],
            offers: &[],
            members: None,
            audiences: None,
            record: None,
            gathered,
            waivers,
            now: NOW.parse().unwrap(),
        })
    }

    fn waiver(rule: &str) -> Waiver {
        Waiver {
            campaign: "hiver-2027".parse().unwrap(),
            rule: rule.into(),
            words: None,
            reason: "the name of a book".into(),
            who: "camille".into(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn no_campaign_breaks_a_known_rule() {
        assert!(judged(&[], Vec::new(), &[]).cleared.is_some());
        let past = [
            ("opens = \"soldes.winter.2027 - 4 days at 08:00\"", "opens = \"2026-11-20 08:00\""),
            ("closes = \"soldes.winter.2027\"", "closes = \"2026-11-30 08:00\""),
        ];
        assert_eq!(judged(&past, Vec::new(), &[]).cleared, None);
        let soldes = [("Les journées magiques", "Les soldes magiques")];
        assert_eq!(judged(&soldes, Vec::new(), &[]).cleared, None);
        let letter = |rule| Finding::error(rule, Place::file("body.html"), Phrase::quoted("it cannot be written"));
        assert_eq!(judged(&[], vec![letter("template.fault")], &[]).cleared, None);
        let odd = Finding::warning("x.y", Place::file("a"), Phrase::quoted("so"));
        assert!(judged(&[], vec![odd], &[]).cleared.is_some());
    }

    #[test]
    fn a_waiver_clears_what_may_be_waived_and_nothing_else() {
        let soldes = [("Les journées magiques", "Les soldes magiques")];
        let found = judged(&soldes, Vec::new(), &[]).open;
        let rule = found.iter().find(|finding| finding.severity == Severity::Error).unwrap().rule;
        let waived = judged(&soldes, Vec::new(), &[waiver(rule)]);
        assert!(waived.cleared.is_some() && !waived.waived.is_empty(), "{waived:?}");
        let other = Waiver { campaign: "ete-2027".parse().unwrap(), ..waiver(rule) };
        assert_eq!(judged(&soldes, Vec::new(), &[other]).cleared, None);
        let fault = Finding::error("template.fault", Place::file("body.html"), Phrase::quoted("no"));
        assert_eq!(judged(&[], vec![fault], &[waiver("template.fault")]).cleared, None);
    }
}
