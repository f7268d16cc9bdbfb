//! Campaign files put into a store as `campaign apply` does, without the command line.

use std::collections::BTreeSet;

use carillon::calendar::Calendar;
use carillon::campaign::{Answer, Campaign, Schedule};
use carillon::compliance::{Case, Cleared, Judgement, SalesRecord, judge};
use carillon::db::Store;
use carillon::db::campaigns::{self, Application, Applied};
use carillon::document::Document;
use jiff::Timestamp;

/// What the campaign file `text` resolves to.
#[track_caller]
pub fn schedule(text: &str) -> Schedule {
    Campaign::parse(&Document::new("hiver.toml", text)).unwrap().resolve(&Calendar::built_in()).unwrap()
}

/// What every rule finds in the campaign file `text` alone, at `now`.
#[track_caller]
pub fn judgement(text: &str, now: Timestamp) -> Judgement {
    judgement_with(text, now, None)
}

/// The same, with what a store says of the shop's sales.
#[track_caller]
pub fn judgement_with(text: &str, now: Timestamp, record: Option<&SalesRecord>) -> Judgement {
    let campaign = Campaign::parse(&Document::new("hiver.toml", text)).unwrap();
    let calendar = Calendar::built_in();
    let schedule = campaign.resolve(&calendar).unwrap();
    judge(Case {
        campaign: &campaign,
        schedule: &schedule,
        calendar: &calendar,
        templates: &[],
        pages: &[],
        members: None,
        audiences: None,
        record,
        offers: &[],
        gathered: Vec::new(),
        waivers: &[],
        now,
    })
}

/// The schedule of the campaign file `text`, in which no rule finds an error at `now`.
#[track_caller]
fn cleared(text: &str, now: Timestamp) -> Cleared {
    let judgement = judgement(text, now);
    judgement.cleared.unwrap_or_else(|| panic!("{:#?}", judgement.open))
}

/// Applies the campaign file `text` at `now`, as a person who takes nothing on; otherwise what stands in the way.
#[track_caller]
pub fn apply(store: &Store, text: &str, now: Timestamp) -> Result<Applied, Vec<String>> {
    apply_taking_on(store, text, now, &[])
}

/// The same as a person who takes `answers` on.
#[track_caller]
pub fn apply_taking_on(store: &Store, text: &str, now: Timestamp, answers: &[Answer]) -> Result<Applied, Vec<String>> {
    let application = Application {
        schedule: cleared(text, now),
        source_name: "hiver.toml".to_owned(),
        source_text: text.to_owned(),
        who: "camille".to_owned(),
        approved_by: None,
        answers: answers.iter().copied().collect::<BTreeSet<_>>(),
        remarks: serde_json::json!({}),
    };
    let applied = store.write_blocking(|db| campaigns::apply(db, &application, now)).unwrap();
    applied.map_err(|concerns| concerns.iter().map(ToString::to_string).collect())
}
