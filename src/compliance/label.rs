//! Whether the audience is what the campaign says it is.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use super::naming::is_one_of;
use super::words::{MarketSales, check_group, text_of_law};
use super::{CheckedCampaign, texts};
use crate::calendar::{Country, Market, Period, PeriodKind, PriorPrice};
use crate::campaign::{AudienceClass, Campaign, Group};
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::price::Reach;

/// A group that is fixed so many days before the sale opens was fixed for it, of whoever was there. No text fixes a number.
const JUST_BEFORE: i32 = 1;

/// The findings on the audience.
pub(super) fn check(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let place = || subject.campaign.audience.place.clone();
    match subject.schedule.audience {
        AudienceClass::Public => vec![public(subject, place())],
        AudienceClass::OpenMembers => {
            let counts = countries(subject).any(|country| match &country.prior_price {
                PriorPrice::LowestBefore(rule) => rule.reach(AudienceClass::OpenMembers) == Reach::Public,
                PriorPrice::SelfComparison(_) | PriorPrice::None { .. } | PriorPrice::Unknown { .. } => false,
            });
            let message = if counts { phrase!("label-open-sign-up-counts") } else { phrase!("label-open-sign-up") };
            vec![Finding { law: law_of_circles(subject), ..Finding::warning("label.open-sign-up", place(), message) }]
        }
        AudienceClass::ClosedGroup => closed_group(subject),
        AudienceClass::Personal => Vec::new(),
    }
}

/// What a sale for anyone is in law: one of the regulated sales when it bears their name or that of one of their steps inside
/// them, and a promotion otherwise.
fn public(subject: &CheckedCampaign<'_>, place: Place) -> Finding {
    let schedule = subject.schedule;
    let day = |at| subject.campaign.window.timezone.value.to_datetime(at).date();
    let (from, to) = (day(schedule.opens_at), day(schedule.closes_at));
    let sale_of = |market: &Market| {
        let periods = subject.calendar.periods(market, schedule.channel, from, to);
        periods.into_iter().find(|period| period.kind == PeriodKind::Sale && is_one_of(schedule, period))
    };
    let sales: Option<Vec<Period>> = schedule.markets.iter().map(sale_of).collect();
    if let Some([first, ..]) = sales.as_deref() {
        let conditions = countries(subject).find_map(|country| country.item_conditions.as_ref()?.text.clone());
        let message = phrase!("label-regulated-sale", label = first.label.as_str(), market = Fact::text(first.market));
        let note = Finding::note("label.regulated-sale", place, message);
        return Finding { law: conditions.or_else(|| law_of_prices(subject)), ..note };
    }
    let note = Finding::note("label.promotion", place, phrase!("label-promotion"));
    Finding { law: law_of_prices(subject), ..note }
}

fn countries<'a>(subject: &'a CheckedCampaign<'_>) -> impl Iterator<Item = &'a Country> {
    subject.schedule.markets.iter().filter_map(|market| subject.calendar.country(market))
}

/// What each market says on prior prices, where that is known.
fn law_of_prices(subject: &CheckedCampaign<'_>) -> Option<String> {
    let texts: BTreeSet<String> = countries(subject).filter_map(law_of_prior_prices).collect();
    (!texts.is_empty()).then(|| texts.into_iter().collect::<Vec<_>>().join("; "))
}

/// What `country` says on prior prices, where that is known.
pub(super) fn law_of_prior_prices(country: &Country) -> Option<String> {
    match &country.prior_price {
        PriorPrice::LowestBefore(rule) => {
            let own = rule.text.as_deref().map(|text| format!("; {text}")).unwrap_or_default();
            Some(format!("Directive 98/6/EC, art. 6a{own}"))
        }
        PriorPrice::SelfComparison(rule) => rule.text.clone(),
        PriorPrice::None { says, .. } => Some(says.clone()),
        PriorPrice::Unknown { .. } => None,
    }
}

/// What each market says on sales for a circle that is not closed, where that is known.
fn law_of_circles(subject: &CheckedCampaign<'_>) -> Option<String> {
    let markets = subject.schedule.markets.iter();
    let texts: BTreeSet<&str> =
        markets.filter_map(|market| text_of_law("words.private-but-open", market.country())).collect();
    (!texts.is_empty()).then(|| texts.into_iter().collect::<Vec<_>>().join("; "))
}

/// That the group is said to be fixed on a day that has not come: until then it is not fixed.
pub(super) fn fixed_later(campaign: &Campaign, now: Timestamp) -> Option<Finding> {
    let group = campaign.group.as_ref()?;
    let fixed_on = group.fixed_on.value;
    let today = campaign.window.timezone.value.to_datetime(now).date();
    let message = phrase!("label-group-not-yet", fixed_on = fixed_on);
    (fixed_on > today).then(|| Finding::note("label.group-not-yet", group.fixed_on.place.clone(), message))
}

fn closed_group(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let Some(group) = &subject.campaign.group else { return Vec::new() };
    let mut findings = Vec::new();
    let mut say = |rule, place: &Place, message: Phrase| {
        let law = law_of_circles(subject);
        findings.push(Finding { law, ..Finding::error(rule, place.clone(), message) });
    };
    if group.joinable.value {
        say("label.group-is-open", &group.joinable.place, phrase!("label-group-is-open"));
    }
    let opens_on: Date = subject.campaign.window.timezone.value.to_datetime(subject.schedule.opens_at).date();
    let fixed_on = group.fixed_on.value;
    if fixed_on > opens_on {
        let message = phrase!("label-group-too-late", fixed_on = fixed_on, opens_on = opens_on);
        say("label.group-too-late", &group.fixed_on.place, message);
    }
    let described = described(subject, group);
    if described.is_empty() && group.who.value.split_whitespace().count() < 3 {
        say("label.group-not-stated", &group.who.place, phrase!("label-group-not-stated"));
    }
    findings.extend(described);
    let mut doubt = |rule, place: &Place, message: Phrase| {
        let law = law_of_circles(subject);
        findings.push(Finding { law, ..Finding::warning(rule, place.clone(), message) });
    };
    if (0..=JUST_BEFORE).contains(&(opens_on - fixed_on).get_days()) {
        let message = phrase!("label-group-just-fixed", fixed_on = fixed_on, opens_on = opens_on);
        doubt("label.group-just-fixed", &group.fixed_on.place, message);
    }
    if let (Some(size), Some(members)) = (&group.size, subject.members.filter(|members| *members > 0))
        && size.value.saturating_mul(10) >= members.saturating_mul(9)
    {
        let message = phrase!("label-group-as-large", size = size.value, members = members);
        doubt("label.group-as-large", &size.place, message);
    }
    findings
}

/// What the words that describe the group say of it: everybody, or a circle that anyone may join.
fn described(subject: &CheckedCampaign<'_>, group: &Group) -> Vec<Finding> {
    let markets: Vec<MarketSales> =
        subject.schedule.markets.iter().copied().map(MarketSales::without_seasons).collect();
    check_group(&texts::of_group(subject.campaign, group, subject.schedule), &markets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::campaign::{Campaign, sample};
    use crate::language::InterfaceLanguage;
    use crate::phrase::in_words;

    /// What is found on a group of `who`, fixed on `fixed_on`, in a shop with so many members. The sale opens on 2 January.
    fn found(who: &str, fixed_on: &str, size: &str, members: Option<u64>) -> Vec<Finding> {
        let group = format!("[group]\nwho = \"{who}\"\nfixed_on = {fixed_on}\njoinable = false\n{size}\n[window]");
        let edits = [("\"public\"", "\"closed-group\""), ("[window]", group.as_str())];
        let campaign = Campaign::parse(&sample::with(&edits)).unwrap();
        let calendar = Calendar::built_in();
        let schedule = campaign.resolve(&calendar).unwrap();
        let (campaign, schedule, calendar) = (&campaign, &schedule, &calendar);
        check(&CheckedCampaign { campaign, schedule, calendar, texts: &[], offers: &[], members, record: None })
    }

    fn rules(findings: &[Finding]) -> Vec<String> {
        findings.iter().map(|finding| format!("{} {}", finding.severity, finding.rule)).collect()
    }

    #[track_caller]
    fn check_group(who: &str, expected: &[&str]) {
        assert_eq!(rules(&found(who, "2026-12-01", "", None)), expected, "{who}");
    }

    #[test]
    fn everybody_is_no_circle() {
        let everybody = ["error label.group-is-everybody"];
        for who in [
            "tout le monde",
            "Tout le monde",
            "toutes et tous",
            "le grand public",
            "tous les visiteurs du site",
            "toute personne intéressée",
            "n’importe qui",
            "everyone",
            "anybody",
            "the general public",
            "jedermann",
            "chiunque",
            "todo el mundo",
            "iedereen",
            "toda a gente",
            "clients actuels et à venir",
            "existing and new customers",
            "unsere bestehenden und neuen Kunden",
        ] {
            check_group(who, &everybody);
        }
    }

    #[test]
    fn a_circle_that_anyone_could_join_is_for_a_person_to_look_at() {
        for who in [
            "les inscrits à la newsletter",
            "tous nos abonnés",
            "les membres du club",
            "toute personne inscrite",
            "les titulaires de la carte de fidélité",
            "newsletter subscribers",
            "all our members",
            "everyone who signs up",
            "unsere Newsletter-Abonnenten",
            "gli iscritti alla newsletter",
            "los suscriptores de la newsletter",
            "onze nieuwsbriefabonnees van nu",
            "os subscritores da newsletter",
            "toutes nos clientes",
            "all our customers",
            "tutti i nostri clienti",
        ] {
            check_group(who, &["warning label.group-anyone-joins"]);
        }
    }

    #[test]
    fn a_circle_that_is_one_is_left_alone() {
        for who in [
            "les clientes et clients de la boutique de Metz en 2026",
            "les clients de Metz",
            "les inscrits à la newsletter avant le 1er juin 2026",
            "les membres du club en 2025",
            "tous les salariés de l’atelier",
            "les membres du personnel et leur famille",
            "tout le monde à l’atelier de Metz",
            "everyone who bought boots in 2025",
            "tous les visiteurs du salon de Metz en 2026",
            "toute personne ayant acheté des bottines en 2025",
            "customers of the Metz shop",
            "the members of our staff",
            "Kundinnen und Kunden der Filiale Metz",
            "i clienti del negozio di Metz",
            "los clientes de la tienda de Metz",
            "de klanten van de winkel in Metz",
            "tous nos clients de la boutique de Metz",
            "les 140 porteurs de la carte Or, qui ont acheté trois fois en 2026",
        ] {
            check_group(who, &[]);
        }
        check_group("amis", &["error label.group-not-stated"]);
    }

    #[test]
    fn a_group_is_fixed_before_the_sale_is_near() {
        let fixed = |day: &str| rules(&found("les clients de Metz", day, "", None));
        assert_eq!(fixed("2026-12-31"), [""; 0]);
        for day in ["2027-01-01", "2027-01-02"] {
            assert_eq!(fixed(day), ["warning label.group-just-fixed"]);
        }
        assert_eq!(fixed("2027-01-03"), ["error label.group-too-late"]);
        let both = ["error label.group-is-everybody", "warning label.group-just-fixed"];
        assert_eq!(rules(&found("tout le monde", "2027-01-01", "", None)), both);
    }

    #[test]
    fn a_group_is_smaller_than_the_membership() {
        let sized = |size: &str, members| rules(&found("les clients de Metz", "2026-12-01", size, members));
        assert_eq!(sized("size = 1200", Some(1250)), ["warning label.group-as-large"]);
        assert_eq!(sized("size = 5000", Some(1250)), ["warning label.group-as-large"]);
        assert_eq!(sized("size = 300", Some(1250)), [""; 0]);
        assert_eq!(sized("size = 1200", Some(0)), [""; 0]);
        assert_eq!(sized("size = 1200", None), [""; 0]);
        assert_eq!(sized("", Some(1250)), [""; 0]);
    }

    #[test]
    fn what_a_remedy_says_to_write_passes() {
        for who in ["tout le monde", "les inscrits à la newsletter"] {
            for finding in found(who, "2026-12-01", "", None) {
                for language in [InterfaceLanguage::Fr, InterfaceLanguage::En] {
                    let remedy = in_words(&finding.remedy, language);
                    let words = remedy.split(['«', '»']).nth(1).unwrap().trim_matches(char::is_whitespace);
                    assert_eq!(found(words, "2026-12-01", "", None), [], "{remedy}");
                }
            }
        }
    }
}
