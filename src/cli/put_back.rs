//! `carillon db restore`: a backup takes the place of the store, who left since is in it, and mailings wait for a person's answer.

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Context;
use super::exit::{Exit, Failure};
use super::restored;
use crate::config::{Settings, StoreUrl};
use crate::db::audit::{self, AuditAction, AuditEntry};
use crate::db::putting_back::{CheckedCopy, InPlace, PutBackError};
use crate::db::{Store, identity};
use crate::time_trust::shown;

/// Puts `backup` in the place of the store.
pub(super) fn put_back(backup: &Path, yes: bool, context: &mut Context) -> anyhow::Result<Exit> {
    let settings = context.settings()?;
    let StoreUrl::Sqlite(place) = &settings.store else {
        return Err(Failure::refused(
            "the store is on PostgreSQL, whose own tools put it back. Stop every daemon on it; run `pg_restore --clean --if-exists \
             --single-transaction --dbname=DATABASE FILE`, or for a dump in plain SQL, into an emptied database, `psql \
             --single-transaction --set=ON_ERROR_STOP=1 --dbname=DATABASE --file=FILE`; then `carillon db restore \
             --done-elsewhere` does the rest",
        ));
    };
    let now = context.clock.now();
    let copy = CheckedCopy::of(backup, place).map_err(failed)?;
    let as_of = instant(copy.as_of());
    let standing = match copy.in_place() {
        InPlace::Nothing => None,
        InPlace::Store(newest) => Some(format!("the store in its place is as of {}", instant(newest))),
        InPlace::Unreadable => Some("the store in its place cannot be read".to_owned()),
    };
    if let Some(standing) = standing.filter(|_| !yes) {
        return Err(Failure::refused(format!(
            "nothing was changed: the backup is whole, and as of {as_of}; {standing}. What was written since would be missing. \
             With `--yes` the backup takes its place, and what is there now is kept as `{}`",
            copy.aside(now).display()
        )));
    }
    let detail = json!({ "as_of": copy.as_of() });
    let kept = copy.put_in_place(now).map_err(failed)?;
    context.tell(format!("the backup, as of {as_of}, is in the place of the store"))?;
    if let Some(kept) = kept {
        let kept = kept.display();
        context.tell(format!(
            "what stood there is kept as `{kept}`; it is about people: delete it when nobody needs it"
        ))?;
    }
    settle(&settings, detail, context)
}

/// Does the rest for a store that was put back by other means.
pub(super) fn done_elsewhere(context: &mut Context) -> anyhow::Result<Exit> {
    let settings = context.settings()?;
    settle(&settings, json!({ "done": "elsewhere" }), context)
}

/// Notes that the store was put back, takes in who left since, and says what is asked of a person.
fn settle(settings: &Settings, detail: Value, context: &mut Context) -> anyhow::Result<Exit> {
    let store = Store::open(&settings.store)?;
    let entry = AuditEntry {
        at: context.clock.now(),
        who: context.who.clone(),
        action: AuditAction::StorePutBack,
        object: "store".into(),
        detail,
    };
    store.write_blocking(|db| {
        identity::note_put_back(db)?;
        audit::record(db, &entry)
    })?;
    restored::take_in_departures(settings, &store, context)?;
    for (words, remedy) in restored::asked(settings, &store, context)? {
        context.tell(words)?;
        context.tell(remedy)?;
    }
    context.hint("start the daemon: gates, pages and ways to leave work at once, and mail waits for that answer")?;
    Ok(Exit::Done)
}

fn instant(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "an unknown time".to_owned(), |at| shown(at).to_string())
}

fn failed(error: PutBackError) -> anyhow::Error {
    match error {
        PutBackError::File { .. } | PutBackError::Store(_) => error.into(),
        refused => Failure::refused(refused.to_string()),
    }
}
