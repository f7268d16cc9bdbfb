//! What letters about one of the regulated sales must state: when those sales began, and which goods are in them.

use jiff::civil::Date;

use super::CheckedCampaign;
use super::naming::is_one_of;
use super::words::states_start;
use crate::calendar::{Advertisement, Market, Period, PeriodKind};
use crate::campaign::{Mailing, MailingTexts, Written};
use crate::finding::Finding;
use crate::phrase;
use crate::phrase::Fact;

/// The findings on what letters leave out.
pub(super) fn check(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for market in &subject.campaign.markets {
        let country = subject.calendar.country(&market.value);
        let Some(asked) = country.and_then(|country| country.advertisement.as_ref()) else { continue };
        let Some(sale) = sale(subject, market) else { continue };
        let found = subject.campaign.mailings.iter().flat_map(|mailing| left_out(subject, asked, &sale, mailing));
        for finding in found {
            let known = |other: &Finding| other.rule == finding.rule && other.place == finding.place;
            if !findings.iter().any(known) {
                findings.push(finding);
            }
        }
    }
    findings
}

fn day(subject: &CheckedCampaign<'_>, at: jiff::Timestamp) -> Date {
    subject.campaign.window.timezone.value.to_datetime(at).date()
}

/// The regulated sale that the campaign is one of.
fn sale(subject: &CheckedCampaign<'_>, market: &Written<Market>) -> Option<Period> {
    let schedule = subject.schedule;
    let (from, to) = (day(subject, schedule.opens_at), day(subject, schedule.closes_at));
    let periods = subject.calendar.periods(&market.value, schedule.channel, from, to);
    periods.into_iter().find(|period| period.kind == PeriodKind::Sale && is_one_of(schedule, period))
}

fn left_out(subject: &CheckedCampaign<'_>, asked: &Advertisement, sale: &Period, mailing: &Mailing) -> Vec<Finding> {
    let name = mailing.name.value.as_str();
    let law = || asked.text.clone().unwrap_or_default();
    // Every letter states when its own sale opens.
    let opens_with_them = day(subject, subject.schedule.opens_at) == sale.first_day;
    let states = |texts: &MailingTexts| texts.all().any(|(_, text)| states_start(text.value.as_str(), sale.first_day));
    let in_all = mailing.languages.iter().all(|language| mailing.texts.get(&language.value).is_some_and(states));
    let start = (asked.start && !opens_with_them && !in_all).then(|| {
        let message = phrase!(
            "season-start-unstated",
            mailing = name,
            label = sale.label.as_str(),
            market = Fact::text(sale.market),
            first = sale.first_day
        );
        Finding::warning("season.start-unstated", mailing.place.clone(), message).under(law())
    });
    let goods = (asked.goods && subject.campaign.offers.is_empty()).then(|| {
        let message = phrase!("season-goods-unstated", mailing = name, market = Fact::text(sale.market));
        Finding::note("season.goods-unstated", mailing.place.clone(), message).under(law())
    });
    start.into_iter().chain(goods).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::campaign::{Campaign, sample};

    const OPENS: &str = "soldes.winter.2027 - 4 days at 08:00";
    const CLOSES: &str = "\"soldes.winter.2027\"";

    /// The rules that letters of a sale under `title`, from `opens` to the end of the soldes, break with this `intro`.
    #[track_caller]
    fn check(title: &str, opens: &str, intro: &str, expected: &[&str]) {
        let texts = format!("languages = [\"fr\"]\n[mailings.texts.fr]\nintro = \"{intro}\"\n");
        let campaign = Campaign::parse(&sample::with(&[
            ("Les journées magiques", title),
            (CLOSES, "\"soldes.winter.2027.end\""),
            (OPENS, opens),
            ("languages = [\"fr\", \"en\"]\n", &texts),
        ]));
        let (campaign, calendar) = (campaign.unwrap(), Calendar::built_in());
        let schedule = campaign.resolve(&calendar).unwrap();
        let subject = CheckedCampaign {
            campaign: &campaign,
            schedule: &schedule,
            calendar: &calendar,
            texts: &[],
            offers: &[],
            members: None,
            record: None,
        };
        let found: Vec<String> =
            super::check(&subject).iter().map(|finding| format!("{} {}", finding.severity, finding.rule)).collect();
        assert_eq!(found, expected, "{title}, {opens}: {intro}");
    }

    #[test]
    fn a_letter_about_soldes_says_since_when_and_of_what() {
        let (start, goods) = ("warning season.start-unstated", "note season.goods-unstated");
        check("Soldes d’hiver", "soldes.winter.2027", "Venez.", &[goods]);
        check("Deuxième démarque", "soldes.winter.2027 + 14 days", "Venez.", &[start, goods]);
        let stated = "Les soldes ont commencé le mercredi 6 janvier 2027.";
        check("Deuxième démarque", "soldes.winter.2027 + 14 days", stated, &[goods]);
        check("Les journées magiques", "soldes.winter.2027 + 14 days", "Venez.", &[]);
    }
}
