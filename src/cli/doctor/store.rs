//! What the store says, and what lies beside it.

use jiff::{SignedDuration, Timestamp};

use super::{CheckOutcome, CheckReport, DoctorCheck, found, outcome_with};
use crate::cli::Context;
use crate::cli::run::holds as holds_of;
use crate::cli::status;
use crate::clock::Clock;
use crate::config::{Settings, StoreUrl};
use crate::counted::counted;
use crate::db::anchors::LedgerAnchors;
use crate::db::{Store, StoreError, backups, clock, keys_used};
use crate::files::exposed_mode;
use crate::http::App;
use crate::keys::{KeyId, Keyring};
use crate::mail::TemplateSet;
use crate::member::Mismatch;
use crate::phrase;
use crate::phrase::Fact;
use crate::problem::{Nature, ProblemKind};
use crate::sending::compose::Composer;
use crate::sending::holds::Hold;
use crate::time_trust::judge;

/// The permission bits of the store's file, when they let others in. Looked at before the store is opened, which shuts it.
pub(super) fn exposed(settings: &Settings) -> Option<u32> {
    match &settings.store {
        StoreUrl::Sqlite(file) => exposed_mode(file).ok().flatten(),
        StoreUrl::Postgres(_) => None,
    }
}

/// Whether the store is whole. One of another version could not be opened.
pub(super) fn whole(store: &Store, exposed: Option<u32>) -> CheckReport {
    let url = store.url();
    match (store.faults_blocking(), exposed) {
        (Err(error), _) => CheckReport::failed(DoctorCheck::Store, &error),
        (Ok(faults), _) if !faults.is_empty() => {
            let remedy = "put a backup in its place, see docs/restore.md; on PostgreSQL set the server right";
            CheckReport::of(DoctorCheck::Store, CheckOutcome::Error, faults.join("; "), remedy)
        }
        (Ok(_), Some(mode)) => {
            let words = format!("`{url}` is whole, and was open to others (mode {mode:o}); it is shut now");
            CheckReport::of(
                DoctorCheck::Store,
                CheckOutcome::Warning,
                words,
                "see who made it so, and who may have read it",
            )
        }
        (Ok(_), None) => CheckReport::ok(DoctorCheck::Store, format!("`{url}` is whole and of this version")),
    }
}

/// When the store was last copied; nothing where the configuration says that it is not to be asked.
pub(super) fn backup(settings: &Settings, store: &Store, now: Timestamp) -> Option<CheckReport> {
    let most = settings.backup_days?;
    let made = match store.read_blocking(backups::latest) {
        Ok(made) => made,
        Err(error) => return Some(CheckReport::failed(DoctorCheck::Backup, &error)),
    };
    let at = |made| Fact::moment(made, &settings.zone());
    let words = match made {
        None => phrase!("doctor-backup-never"),
        Some(made) if now.duration_since(made) > SignedDuration::from_hours(24 * i64::from(most)) => {
            phrase!("doctor-backup-old", at = at(made), days = most)
        }
        Some(made) => {
            let words = phrase!("doctor-backup-good", at = at(made));
            return Some(CheckReport::ok(DoctorCheck::Backup, words));
        }
    };
    let remedy = if store.is_one_machines() { words.part("remedy") } else { words.part("remedy-server") };
    Some(CheckReport::of(DoctorCheck::Backup, CheckOutcome::Warning, words, remedy))
}

/// The clock, the record of departures, and the count of what was sent: what nothing is sent without.
pub(super) fn holds(settings: &Settings, store: &Store, now: Timestamp) -> Vec<CheckReport> {
    let holds = holds_of(settings);
    let asked = store.read_blocking(|db| Ok((holds.ask(db, now)?, clock::newest(db)?)));
    let (held, newest) = match asked {
        Ok(asked) => asked,
        Err(error) => return unread(&[DoctorCheck::Clock, DoctorCheck::Departures, DoctorCheck::Sent], &error),
    };
    let of = |check: DoctorCheck, is: fn(&Hold) -> bool, well: String| match held.iter().find(|reason| is(reason)) {
        Some(reason) => CheckReport::of(check, CheckOutcome::Error, reason.words(), reason.remedy(&held)),
        None => CheckReport::ok(check, well),
    };
    let departures = format!("`{}` and the store agree", settings.departures.display());
    let sent = format!("`{}` and the store agree", holds.sent().path().display());
    vec![
        of(
            DoctorCheck::Clock,
            |hold| matches!(hold, Hold::ClockDoubted(_)),
            judge(now, newest, settings.clock).to_string(),
        ),
        of(
            DoctorCheck::Departures,
            |hold| matches!(hold, Hold::DeparturesLost(_) | Hold::DeparturesAhead(_)),
            departures,
        ),
        of(DoctorCheck::Sent, |hold| matches!(hold, Hold::Store(_)), sent),
    ]
}

fn unread(checks: &[DoctorCheck], error: &StoreError) -> Vec<CheckReport> {
    checks.iter().map(|check| CheckReport::failed(*check, error)).collect()
}

/// The file of anchors, held against the ledger.
pub(super) fn anchors(settings: &Settings, store: &Store, keyring: &Keyring, now: Timestamp) -> Vec<CheckReport> {
    let anchors = match LedgerAnchors::new(&settings.anchors, None, keyring) {
        Ok(anchors) => anchors,
        Err(error) => return vec![CheckReport::failed(DoctorCheck::Anchors, &error)],
    };
    let held: Vec<KeyId> = keyring.ids().collect();
    match store.read_blocking(|db| keys_used::missing(db, &held)) {
        Ok(None) => {}
        Ok(Some(_)) => return vec![CheckReport::unknown(DoctorCheck::Anchors, DoctorCheck::Keys)],
        Err(error) => return unread(&[DoctorCheck::Anchors], &error),
    }
    let compared = match store.read_blocking(|db| anchors.compare(db, store.is_one_machines(), now)) {
        Ok(compared) => compared,
        Err(error) => return unread(&[DoctorCheck::Anchors], &error),
    };
    if compared.wrong.is_empty() {
        let words = format!("`{}` and the ledger agree", settings.anchors.display());
        return vec![CheckReport::ok(DoctorCheck::Anchors, words)];
    }
    let wrong = |(mismatch, said): &(Mismatch, String)| {
        let outcome = if *mismatch == Mismatch::Unanchored { CheckOutcome::Warning } else { CheckOutcome::Error };
        CheckReport::of(DoctorCheck::Anchors, outcome, said.as_str(), mismatch.remedy())
    };
    compared.wrong.iter().map(wrong).collect()
}

/// The templates, and every letter of the mailings that are open, written as the daemon writes them.
pub(super) fn letters(settings: &Settings, store: &Store, keyring: &Keyring, now: Timestamp) -> Vec<CheckReport> {
    if let Err(findings) = TemplateSet::load(settings.mail.templates.as_deref()) {
        return findings.iter().map(|finding| found(DoctorCheck::Templates, finding)).collect();
    }
    let composer = Composer::new(settings, keyring.clone());
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return vec![CheckReport::failed(DoctorCheck::Templates, &error)],
    };
    let review = match runtime.block_on(composer.review(store, now)) {
        Ok(review) => review,
        Err(error) => return unread(&[DoctorCheck::Templates], &error),
    };
    let faults: Vec<CheckReport> = review
        .mailings()
        .filter_map(|looked| {
            let fault = looked.fault.as_ref()?;
            let words = format!("the letters of `{}` cannot be written: {fault}", looked.object());
            Some(CheckReport::of(DoctorCheck::Templates, CheckOutcome::Error, words, fault.remedy.as_str()))
        })
        .collect();
    if faults.is_empty() {
        let count = counted(review.mailings().count() as u64, "open mailing");
        return vec![CheckReport::ok(DoctorCheck::Templates, format!("can be written, those of {count} among them"))];
    }
    faults
}

/// The pages, with those of the shop's own.
pub(super) fn pages(settings: &Settings, store: &Store, keyring: &Keyring, clock: &Clock) -> CheckReport {
    match App::new(settings, store.clone(), keyring.clone(), clock.clone()) {
        Ok(_) => CheckReport::ok(DoctorCheck::Pages, "can be written"),
        Err(error) => CheckReport::failed(DoctorCheck::Pages, &error),
    }
}

/// The problems that stand, as `carillon status` sees them. What holds the sending was looked at already.
pub(super) fn problems(context: &Context) -> Vec<CheckReport> {
    let standing = match status::standing(context) {
        Ok(standing) => standing,
        Err(error) => return vec![CheckReport::failed(DoctorCheck::Problems, error.as_ref())],
    };
    let met = standing.into_iter().filter(|(problem, _)| problem.kind != ProblemKind::SendingHeld);
    let mut examined: Vec<CheckReport> = met
        .map(|(problem, acknowledged)| {
            let outcome = if acknowledged { CheckOutcome::Ok } else { outcome_with(problem.severity()) };
            let seen = if acknowledged { ", which somebody has acknowledged" } else { "" };
            let told = problem.kind.traits().nature == Nature::Daemon && !problem.words.starts_with(status::SAYS);
            let by = if told { "a daemon says: " } else { "" };
            CheckReport::of(DoctorCheck::Problems, outcome, format!("{by}{}{seen}", problem.words), problem.remedy)
        })
        .collect();
    if examined.is_empty() {
        examined.push(CheckReport::ok(DoctorCheck::Problems, "none stands that was not said above"));
    }
    examined
}
