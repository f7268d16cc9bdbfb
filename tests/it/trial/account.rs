//! What must hold after every round, whatever was done: the relay's account against the store's.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use carillon::db::reports::{self, MailingReport, QueueFilter, QueueRow};
use carillon::delivery::DeliveryState;
use jiff::SignedDuration;

use super::sink::{Account, Answer, Handed};
use super::stand::Stand;

/// How old the answer to "may it still leave?" may be when a body leaves.
const FRESH: Duration = Duration::from_millis(50);

/// A body that comes so long after it might not leave any more was not on its way: a machine that slept.
const ON_ITS_WAY: Duration = Duration::from_secs(2);

/// Adds what does not hold to the stand's violations.
pub fn compare(stand: &mut Stand, report: &MailingReport) {
    let store = stand.house.store();
    let filter = QueueFilter { limit: 100_000, ..QueueFilter::default() };
    let rows = store.read_blocking(|db| reports::queue(db, &filter)).unwrap();
    let mut found = {
        let account = stand.sink.account();
        let mut found = people(stand, &rows, &account);
        found.extend(times(stand, report, &account));
        found.extend(sums(stand, report, &rows, &account));
        found
    };
    if stand.run(&["consent", "verify"]).is_none() {
        found.push("`consent verify` finds something".to_owned());
    }
    stand.violations.append(&mut found);
}

/// Nobody has two bodies, and what the store says of each is what the relay knows.
fn people(stand: &Stand, rows: &[QueueRow], account: &Account) -> Vec<String> {
    let mut found = Vec::new();
    let address: BTreeMap<String, &str> =
        stand.people.iter().map(|(member, address)| (member.to_string(), address.as_str())).collect();
    let mut taken: BTreeMap<&str, Vec<Answer>> = BTreeMap::new();
    for Handed { to, answer, .. } in account.handed.iter().filter(|handed| handed.answer != Answer::Declined) {
        taken.entry(to).or_default().push(*answer);
    }
    let refused: BTreeSet<&str> = account.refused.iter().map(String::as_str).collect();
    let mut planned = BTreeSet::new();
    for row in rows {
        let Some(who) = address.get(&row.member.to_string()).copied() else {
            found.push(format!("delivery {} is for nobody we know", row.id));
            continue;
        };
        if !planned.insert(who) {
            found.push(format!("{who} has two deliveries"));
        }
        let copies = taken.get(who).map_or(&[][..], Vec::as_slice);
        let fits = match row.state {
            DeliveryState::Accepted => copies == [Answer::Taken],
            DeliveryState::InDoubt => copies.len() <= 1,
            DeliveryState::Refused => copies.is_empty() && refused.contains(who),
            // Nobody here has a message in doubt sent again, so none is found to have arrived after all.
            DeliveryState::Skipped | DeliveryState::Expired => copies.is_empty(),
            // Nothing waits once the mailing has ended.
            _ => false,
        };
        if !fits {
            found.push(format!("{who}: the store says {} ({:?}), the relay has {copies:?}", row.state, row.reason));
        }
    }
    found.extend(taken.keys().filter(|who| !planned.contains(*who)).map(|who| format!("{who} was never planned")));
    found
}

/// Nothing left after the deadline, after its recipient had left, or while nothing might leave.
fn times(stand: &Stand, report: &MailingReport, account: &Account) -> Vec<String> {
    let mut found = Vec::new();
    let deadline = report.not_after;
    let after_deadline = |at, by: Duration| stand.shown(at) > deadline + SignedDuration::try_from(by).unwrap();
    for handed in &account.handed {
        let to = &handed.to;
        // While the clock was years ahead is looked at below.
        let leapt = |at| stand.shown(at) > deadline + SignedDuration::from_hours(24 * 30);
        if after_deadline(handed.go, FRESH) && !leapt(handed.go) {
            found.push(format!("{to}: the go-ahead came at {}, after the deadline", stand.shown(handed.go)));
        } else if after_deadline(handed.body, ON_ITS_WAY) && !leapt(handed.body) {
            found.push(format!("{to}: the body came at {}, after the deadline", stand.shown(handed.body)));
        }
        for (_, left) in stand.left.iter().filter(|(who, _)| who == to) {
            if handed.go > *left + FRESH || handed.body > *left + ON_ITS_WAY {
                let late = (handed.go.saturating_duration_since(*left), handed.body.saturating_duration_since(*left));
                found.push(format!("{to} had left, {late:?} before the go-ahead and the body"));
            }
        }
        for silence in &stand.silences {
            // A body that came after the end may have left after it.
            let meanwhile = silence.until.is_none_or(|until| handed.body < until);
            if meanwhile && (handed.go > silence.from + FRESH || handed.body > silence.from + ON_ITS_WAY) {
                found.push(format!("{to} was written to while nothing might leave: {}", silence.why));
            }
        }
    }
    found
}

/// The sums agree, and no more is in doubt than was on its way when something broke.
fn sums(stand: &Stand, report: &MailingReport, rows: &[QueueRow], account: &Account) -> Vec<String> {
    let mut found = Vec::new();
    let mut counted: BTreeMap<DeliveryState, u64> = BTreeMap::new();
    for row in rows {
        *counted.entry(row.state).or_default() += 1;
    }
    if counted != report.counts || report.planned != rows.len() as u64 {
        found.push(format!("the report says {:?}, there are {counted:?}", report.counts));
    }
    let in_doubt = counted.get(&DeliveryState::InDoubt).copied().unwrap_or_default();
    let excused = (stand.doubts + account.unknown) as u64;
    if in_doubt > excused {
        found.push(format!("{in_doubt} in doubt, and {excused} were on their way when something broke"));
    }
    let accepted = counted.get(&DeliveryState::Accepted).copied().unwrap_or_default();
    if report.taken != accepted {
        found.push(format!("{accepted} are accepted, and the relay was heard to take {}", report.taken));
    }
    if report.doubled > 0 {
        found.push(format!("the report says that {} got two", report.doubled));
    }
    found
}
