//! What is counted of the requests to the public listener: how many there were, by part of the site and class of status.
//! Nothing of who asked, or of what for, is looked at but the first part of the path.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;

/// The parts of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SiteArea {
    /// Gates, flags, and the signed schedule.
    Gates,
    /// Signing up, confirming, going on.
    Joining,
    /// Leaving and choosing.
    Leaving,
    /// Whether the daemon lives and can work.
    Probes,
    /// Everything else: pages of sales, their feeds, and what is not there.
    Pages,
}

impl SiteArea {
    pub(super) const ALL: [Self; 5] = [Self::Gates, Self::Joining, Self::Leaving, Self::Probes, Self::Pages];

    /// Its name for programs.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gates => "gates",
            Self::Joining => "joining",
            Self::Leaving => "leaving",
            Self::Probes => "probes",
            Self::Pages => "pages",
        }
    }

    /// That to which `path` belongs.
    pub(super) fn of(path: &str) -> Self {
        let mut parts = path.trim_start_matches('/').split('/');
        let first = match parts.next().unwrap_or_default() {
            "fr" | "en" => parts.next().unwrap_or_default(),
            first => first,
        };
        match first {
            "gates" | "gates.jwt" | "ofrep" | ".well-known" => Self::Gates,
            "join" | "join.json" | "confirm" | "renew" => Self::Joining,
            "u" | "p" => Self::Leaving,
            "health" | "ready" => Self::Probes,
            _ => Self::Pages,
        }
    }
}

/// The classes of status, as they are told.
pub(super) const STATUS_CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// How many requests there were.
#[derive(Debug, Default)]
pub(super) struct RequestCounts([[AtomicU64; STATUS_CLASSES.len()]; SiteArea::ALL.len()]);

impl RequestCounts {
    /// Counts one that was answered with `status`.
    pub(super) fn note(&self, area: SiteArea, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(count) = self.0.get(area as usize).and_then(|of_area| of_area.get(class)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Every count, by the names of area and class.
    pub(super) fn seen(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        SiteArea::ALL.into_iter().zip(&self.0).flat_map(|(area, of_area)| {
            let of_class = STATUS_CLASSES.into_iter().zip(of_area);
            of_class.map(move |(class, count)| (area.name(), class, count.load(Ordering::Relaxed)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_one_part_of_the_site() {
        for (path, area) in [
            ("/gates", SiteArea::Gates),
            ("/gates/hiver", SiteArea::Gates),
            ("/gates.jwt", SiteArea::Gates),
            ("/.well-known/jwks.json", SiteArea::Gates),
            ("/ofrep/v1/evaluate/flags", SiteArea::Gates),
            ("/u/abc", SiteArea::Leaving),
            ("/p/abc", SiteArea::Leaving),
            ("/join", SiteArea::Joining),
            ("/en/join/", SiteArea::Joining),
            ("/confirm/abc", SiteArea::Joining),
            ("/health", SiteArea::Probes),
            ("/", SiteArea::Pages),
            ("/fr/campaigns/u", SiteArea::Pages),
            ("/user", SiteArea::Pages),
        ] {
            assert_eq!(SiteArea::of(path), area, "{path}");
        }
    }

    #[test]
    fn every_status_has_its_place() {
        let counts = RequestCounts::default();
        for status in [200, 204, 304, 404, 503, 599] {
            counts.note(SiteArea::Gates, StatusCode::from_u16(status).unwrap());
        }
        let of_gates: Vec<u64> =
            counts.seen().filter(|(area, ..)| *area == "gates").map(|(_, _, count)| count).collect();
        assert_eq!(of_gates, [0, 2, 1, 1, 2]);
        assert_eq!(counts.seen().map(|(_, _, count)| count).sum::<u64>(), 6);
    }
}
