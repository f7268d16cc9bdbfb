//! What is on this machine: the configuration, the keys, the disk, the calendars.

use std::path::{Path, PathBuf};

use super::{CheckOutcome, CheckReport, DoctorCheck, found};
use crate::calendar::Calendar;
use crate::config::{Settings, StoreUrl, calendar_overrides};
use crate::counted::counted;
use crate::files::{exposed_mode, folder_of};
use crate::finding::{Finding, Place};
use crate::keys::Keyring;
use crate::phrase;
use crate::phrase::{Fact, Phrase};

/// Where the configuration is, and what of it comes from the environment.
pub(super) fn provenance(settings: &Settings) -> String {
    let path = std::path::absolute(&settings.path).unwrap_or_else(|_| settings.path.clone());
    let set = |name: &&str| std::env::var_os(name).is_some();
    let environment: Vec<&str> = ["CARILLON_STORE_URL", "CARILLON_SMTP_PASSWORD"].into_iter().filter(set).collect();
    match environment.as_slice() {
        [] => format!("`{}`", path.display()),
        names => format!("`{}`, and from the environment {}", path.display(), names.join(", ")),
    }
}

pub(super) fn keys(settings: &Settings, keyring: &Keyring) -> CheckReport {
    let count = counted(keyring.ids().count() as u64, "key");
    CheckReport::ok(DoctorCheck::Keys, format!("`{}` holds {count} and is its owner's alone", settings.keys.display()))
}

/// Whether the files beside the configuration that tell of people are their owner's alone. The keys are looked at when they are read.
pub(super) fn files(settings: &Settings) -> Vec<CheckReport> {
    let mut named = vec![settings.departures.clone(), settings.path.with_file_name("carillon.sent")];
    if let StoreUrl::Sqlite(store) = &settings.store {
        let beside = |end: &str| {
            let mut name = store.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        named.extend([beside("-wal"), beside("-shm")]);
    }
    let reports: Vec<CheckReport> = named
        .iter()
        .filter_map(|file| {
            // One that is not there, or cannot be read, is told of where it is needed.
            let mode = exposed_mode(file).ok().flatten()?;
            let words = phrase!("doctor-file-open", file = Fact::text(file.display()), mode = format!("{mode:o}"));
            Some(CheckReport::said(DoctorCheck::Files, CheckOutcome::Error, words))
        })
        .collect();
    if reports.is_empty() {
        return vec![CheckReport::ok(DoctorCheck::Files, phrase!("doctor-files-shut"))];
    }
    reports
}

/// Room for files, below which writing is about to fail, and below which somebody should look.
const NO_ROOM: u64 = 64 << 20;
const LITTLE_ROOM: u64 = 512 << 20;

/// Files that can still be made, below which making one is about to fail.
const NO_FILES: u64 = 1_000;

/// What a disk has left.
#[derive(Clone, Copy, Debug)]
struct Left {
    bytes: u64,
    /// How many files can be made, where the disk counts them.
    files: Option<u64>,
}

/// The disks on which the store and the files beside the configuration are.
pub(super) fn space(settings: &Settings) -> Vec<CheckReport> {
    let beside = folder_of(&settings.path);
    let (folders, stored) = match &settings.store {
        StoreUrl::Sqlite(file) => {
            let theirs = folder_of(file);
            let folders = if theirs == beside { vec![beside] } else { vec![beside, theirs] };
            (folders, file.metadata().map_or(0, |metadata| metadata.len()))
        }
        StoreUrl::Postgres(_) => (vec![beside], 0),
    };
    folders.iter().map(|folder| space_in(folder, stored)).collect()
}

fn space_in(folder: &Path, stored: u64) -> CheckReport {
    match rustix::fs::statvfs(folder) {
        Ok(disk) => {
            let left = Left {
                bytes: disk.f_bavail.saturating_mul(disk.f_frsize),
                files: (disk.f_files > 0).then_some(disk.f_favail),
            };
            judge_space(&folder.display().to_string(), left, stored)
        }
        Err(error) => {
            let words = format!("what is left of the disk of `{}` cannot be seen: {error}", folder.display());
            CheckReport::of(
                DoctorCheck::Space,
                CheckOutcome::Unknown,
                words,
                "see that the folder is there and can be read",
            )
        }
    }
}

/// A store is copied whole when it is backed up or written anew, so as much as it has should be free.
fn judge_space(folder: &str, left: Left, stored: u64) -> CheckReport {
    let words = match left.files {
        Some(files) if files < NO_FILES => {
            format!("{} MiB and {} are left on the disk of `{folder}`", left.bytes >> 20, counted(files, "file"))
        }
        _ => format!("{} MiB are left on the disk of `{folder}`", left.bytes >> 20),
    };
    let outcome = if left.bytes < NO_ROOM || left.files.is_some_and(|files| files < NO_FILES) {
        CheckOutcome::Error
    } else if left.bytes < LITTLE_ROOM.max(stored) {
        CheckOutcome::Warning
    } else {
        return CheckReport::ok(DoctorCheck::Space, words);
    };
    CheckReport::of(DoctorCheck::Space, outcome, words, "make room; on a full disk nothing is sent")
}

/// The calendars, with the orders of this shop.
pub(super) fn calendar(settings: &Settings) -> Vec<CheckReport> {
    let documents = match calendar_overrides(&settings.calendars) {
        Ok(documents) => documents,
        Err(error) => return vec![found(DoctorCheck::Calendar, &error.into_finding())],
    };
    match Calendar::built_in().with_overrides(&documents) {
        Ok(_) => {
            let count = counted(documents.len() as u64, "order");
            vec![CheckReport::ok(
                DoctorCheck::Calendar,
                format!("ours, with {count} from `{}`", settings.calendars.display()),
            )]
        }
        Err(findings) => findings.iter().map(|finding| found(DoctorCheck::Calendar, finding)).collect(),
    }
}

/// What of the shop's colour had to be darkened so that words can be read.
pub(super) fn brand(settings: &Settings) -> Vec<CheckReport> {
    let place = || Place::file(settings.path.display().to_string());
    let note = |words: Phrase| {
        let remedy = words.part("remedy");
        found(DoctorCheck::Pages, &Finding::note("brand.darker", place(), words).mended_by(remedy))
    };
    settings.shop.brand.darkened().into_iter().map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_needs_room_for_another_store() {
        let outcome =
            |mib: u64, files, stored: u64| judge_space(".", Left { bytes: mib << 20, files }, stored << 20).outcome;
        assert_eq!(outcome(63, None, 0), CheckOutcome::Error);
        assert_eq!(outcome(64, None, 0), CheckOutcome::Warning);
        assert_eq!(outcome(512, None, 100), CheckOutcome::Ok);
        assert_eq!(outcome(512, None, 600), CheckOutcome::Warning);
        assert_eq!(outcome(9_000, Some(999), 0), CheckOutcome::Error);
        assert_eq!(outcome(9_000, Some(1_000), 0), CheckOutcome::Ok);
    }
}
