//! What is found of texts that people have in their hands: nobody can rewrite them, so nobody is asked to. What remains is to keep the
//! sale as they say, or to tell people what has changed.

use std::ops::Range;

use super::SalesRecord;
use crate::campaign::{Campaign, Mailing, MailingTexts, Progress, Schedule, Standing};
use crate::finding::{Finding, Place, Severity};
use crate::phrase;

/// `found`, with what can still be done about the texts of letters that have left, as `record` knows it.
pub(super) fn as_sent(
    found: Vec<Finding>,
    campaign: &Campaign,
    schedule: &Schedule,
    record: Option<&SalesRecord>,
) -> Vec<Finding> {
    let own = record.and_then(|record| record.sales.iter().find(|sale| sale.schedule.slug == schedule.slug));
    let Some(own) = own else { return found };
    let standing = |mailing: &Mailing| own.mailings.iter().find(|it| it.name == mailing.name.value && it.told > 0);
    let sent: Vec<(Vec<Range<usize>>, &Standing)> =
        campaign.mailings.iter().filter_map(|mailing| Some((spans(mailing), standing(mailing)?))).collect();
    let of_letter = |finding: Finding| {
        let is_of_words = finding.rule.starts_with("words.") || finding.rule.starts_with("text.");
        let is_within = |span: &Range<usize>| holds(campaign, span, &finding.place);
        let letter = sent.iter().find(|(spans, _)| is_of_words && spans.iter().any(is_within));
        match letter {
            Some((_, standing)) => said_of(finding, standing),
            None => finding,
        }
    };
    found.into_iter().map(of_letter).collect()
}

/// While letters leave, those to come can be kept back; afterwards there is nothing to stop.
fn said_of(finding: Finding, standing: &Standing) -> Finding {
    let (mailing, people) = (standing.name.as_str(), standing.told);
    if standing.progress == Progress::Sending && standing.waiting > 0 {
        let waiting = standing.waiting;
        return finding.mended_by(phrase!(
            "letter-leaving-remedy",
            mailing = mailing,
            people = people,
            waiting = waiting
        ));
    }
    let severity = finding.severity.min(Severity::Warning);
    Finding { severity, ..finding }.mended_by(phrase!("letter-sent-remedy", mailing = mailing, people = people))
}

fn spans(mailing: &Mailing) -> Vec<Range<usize>> {
    mailing.texts.values().flat_map(MailingTexts::all).map(|(_, text)| text.span.clone()).collect()
}

/// Whether `place` lies in `span` of the campaign's file.
fn holds(campaign: &Campaign, span: &Range<usize>, place: &Place) -> bool {
    let document = &campaign.document;
    let at = |offset| {
        let place = Place::at(&document.name, &document.text, offset);
        (place.line, place.column)
    };
    let is = (place.line, place.column);
    place.file == document.name && place.line.is_some() && at(span.start) <= is && is < at(span.end)
}

#[cfg(test)]
mod tests {
    use super::super::RecordedSale;
    use super::*;
    use crate::calendar::Calendar;
    use crate::campaign::{MailingKind, sample};
    use crate::language::InterfaceLanguage;
    use crate::phrase::{Phrase, in_words};

    const TEXTS: &str = "languages = [\"fr\", \"en\"]\n[mailings.texts.fr]\nsubject = \"Une vente privée\"\n";

    /// How grave a finding in the subject is, and its remedy, when its mailing stands as `standing` says.
    fn judged(rule: &'static str, progress: Progress, (told, waiting): (u64, u64)) -> (Severity, String) {
        let document = sample::with(&[("languages = [\"fr\", \"en\"]\n", TEXTS)]);
        let campaign = Campaign::parse(&document).unwrap();
        let schedule = campaign.resolve(&Calendar::built_in()).unwrap();
        let kind = MailingKind::Announcement;
        let standing = Standing { name: kind.to_string(), kind, progress, left: told, told, waiting };
        let sale = RecordedSale {
            schedule: schedule.clone(),
            first_applied_at: None,
            cancelled_at: None,
            mailings: vec![standing],
        };
        let record = SalesRecord { read_at: schedule.opens_at, since: None, sales: vec![sale] };
        let at = document.text.find("privée").unwrap();
        let finding = Finding::error(rule, campaign.document.place(at..at + 7), Phrase::quoted("not so"));
        let found = as_sent(vec![finding.mended_by(Phrase::quoted("rewrite it"))], &campaign, &schedule, Some(&record));
        (found[0].severity, in_words(&found[0].remedy, InterfaceLanguage::En))
    }

    #[test]
    fn nobody_is_asked_to_rewrite_what_people_have() {
        const RULE: &str = "words.private-but-public";
        assert_eq!(judged(RULE, Progress::Planned, (0, 0)), (Severity::Error, "rewrite it".into()));
        let (severity, remedy) = judged(RULE, Progress::Finished, (4, 0));
        assert_eq!(severity, Severity::Warning);
        assert!(remedy.starts_with("nobody can rewrite it: `announcement` has gone to 4 people"), "{remedy}");
        let (severity, remedy) = judged(RULE, Progress::Sending, (4, 9));
        assert_eq!(severity, Severity::Error, "what waits can still be kept back");
        assert!(remedy.contains("9 more wait"), "{remedy}");
        assert_eq!(judged("mailing.late-announcement", Progress::Finished, (4, 0)).1, "rewrite it");
    }
}
