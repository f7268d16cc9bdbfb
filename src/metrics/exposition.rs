//! What was measured, as text: OpenMetrics 1.0, or the older format of Prometheus for who does not ask for that.
//!
//! The two differ in three places: the name in the head of a counter, the end, and the media type.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::catalogue::{Metric, MetricKind, MetricTraits};
use super::durations::{BOUNDS, DurationsSeen};

/// In which format it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpositionFormat {
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// The text format of Prometheus, version 0.0.4.
    Prometheus,
}

impl ExpositionFormat {
    /// What whoever sends `accept` reads.
    pub fn asked(accept: &str) -> Self {
        if accept.contains("application/openmetrics-text") { Self::OpenMetrics } else { Self::Prometheus }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// A value that is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MetricValue {
    /// A count.
    Whole(u64),
    /// Anything else.
    Real(f64),
}

impl From<u64> for MetricValue {
    fn from(value: u64) -> Self {
        Self::Whole(value)
    }
}

impl From<f64> for MetricValue {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<bool> for MetricValue {
    fn from(value: bool) -> Self {
        Self::Whole(u64::from(value))
    }
}

impl fmt::Display for MetricValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(value) => value.fmt(f),
            Self::Real(value) => value.fmt(f),
        }
    }
}

/// What was measured of one metric, by the values of its labels.
#[derive(Clone, Debug)]
enum MetricFamily {
    Values(Vec<(Vec<String>, MetricValue)>),
    Durations(Vec<(Vec<String>, DurationsSeen)>),
}

/// What was measured.
#[derive(Clone, Debug, Default)]
pub struct Measured(BTreeMap<Metric, MetricFamily>);

impl Measured {
    /// That `metric` has `value`, under these values of its labels.
    pub fn put(&mut self, metric: Metric, labels: &[&str], value: impl Into<MetricValue>) {
        let family = self.0.entry(metric).or_insert_with(|| MetricFamily::Values(Vec::new()));
        if let MetricFamily::Values(values) = family {
            values.push((owned(labels), value.into()));
        }
    }

    /// The same of one that counts durations.
    pub fn put_durations(&mut self, metric: Metric, labels: &[&str], seen: DurationsSeen) {
        let family = self.0.entry(metric).or_insert_with(|| MetricFamily::Durations(Vec::new()));
        if let MetricFamily::Durations(values) = family {
            values.push((owned(labels), seen));
        }
    }

    /// All of it.
    pub fn text(&self, format: ExpositionFormat) -> String {
        let mut text = String::new();
        for (metric, family) in &self.0 {
            // Nothing is kept from a text.
            let _ = write_family(&mut text, format, metric.traits(), family);
        }
        if format == ExpositionFormat::OpenMetrics {
            text.push_str("# EOF\n");
        }
        text
    }
}

fn owned(labels: &[&str]) -> Vec<String> {
    labels.iter().map(|&value| value.to_owned()).collect()
}

fn write_family(
    text: &mut String,
    format: ExpositionFormat,
    MetricTraits { name, kind, labels, help }: MetricTraits,
    family: &MetricFamily,
) -> fmt::Result {
    let suffix = if kind == MetricKind::Counter { "_total" } else { "" };
    let in_head = if format == ExpositionFormat::Prometheus { suffix } else { "" };
    writeln!(text, "# HELP {name}{in_head} {help}\n# TYPE {name}{in_head} {}", kind.name())?;
    match family {
        MetricFamily::Values(samples) => {
            for (values, value) in samples {
                writeln!(text, "{name}{suffix}{} {value}", Labels { names: labels, values, end: None })?;
            }
        }
        MetricFamily::Durations(samples) => {
            for (values, seen) in samples {
                let mut so_far = 0;
                let classes = BOUNDS.iter().map(|(_, told)| *told).zip(seen.classes).chain([("+Inf", seen.longer)]);
                for (end, count) in classes {
                    so_far += count;
                    writeln!(text, "{name}_bucket{} {so_far}", Labels { names: labels, values, end: Some(end) })?;
                }
                let labels = Labels { names: labels, values, end: None };
                writeln!(text, "{name}_sum{labels} {}", seen.together.as_secs_f64())?;
                writeln!(text, "{name}_count{labels} {so_far}")?;
            }
        }
    }
    Ok(())
}

/// Labels as they are written; nothing where there are none.
struct Labels<'a> {
    names: &'a [&'static str],
    values: &'a [String],
    /// The upper end of a class of durations.
    end: Option<&'a str>,
}

impl fmt::Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = self.names.iter().copied().zip(self.values.iter().map(String::as_str));
        let mut before = '{';
        for (name, value) in named.chain(self.end.map(|end| ("le", end))) {
            write!(f, "{before}{name}=\"{}\"", Quoted(value))?;
            before = ',';
        }
        if before == ',' { f.write_char('}') } else { Ok(()) }
    }
}

/// A value between quotation marks.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| match letter {
            '\\' => f.write_str("\\\\"),
            '"' => f.write_str("\\\""),
            '\n' => f.write_str("\\n"),
            other => f.write_char(other),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::metrics::DurationHistogram;

    fn measured() -> Measured {
        let mut measured = Measured::default();
        measured.put(Metric::RelayAnswers, &["accepted", "a \"b\"\\\n"], 7);
        measured.put(Metric::ClockAhead, &[], -0.25);
        measured.put(Metric::ClockBelieved, &[], true);
        measured
    }

    #[test]
    fn both_formats_are_written() {
        let body = "carillon_relay_answers_total{answer=\"accepted\",provider=\"a \\\"b\\\"\\\\\\n\"} 7\n";
        let new = measured().text(ExpositionFormat::OpenMetrics);
        assert!(new.contains("# TYPE carillon_relay_answers counter\n") && new.contains(body), "{new}");
        assert!(new.contains("\ncarillon_clock_ahead_seconds -0.25\n") && new.ends_with("\n# EOF\n"), "{new}");
        let old = measured().text(ExpositionFormat::Prometheus);
        assert!(old.contains("# TYPE carillon_relay_answers_total counter\n") && old.contains(body), "{old}");
        assert!(old.contains("\ncarillon_clock_believed 1\n") && !old.contains("EOF"), "{old}");
    }

    #[test]
    fn durations_are_counted_up() {
        let known = DurationHistogram::default();
        for millis in [1, 1, 30, 20_000] {
            known.note(Duration::from_millis(millis));
        }
        let mut measured = Measured::default();
        measured.put_durations(Metric::StoreDuration, &["read"], known.seen());
        let text = measured.text(ExpositionFormat::Prometheus);
        for line in [
            "_bucket{operation=\"read\",le=\"0.0005\"} 0",
            "_bucket{operation=\"read\",le=\"0.001\"} 2",
            "_bucket{operation=\"read\",le=\"0.05\"} 3",
            "_bucket{operation=\"read\",le=\"10.0\"} 3",
            "_bucket{operation=\"read\",le=\"+Inf\"} 4",
            "_sum{operation=\"read\"} 20.032",
            "_count{operation=\"read\"} 4",
        ] {
            assert!(text.contains(&format!("\ncarillon_store_duration_seconds{line}\n")), "{line}: {text}");
        }
    }

    #[test]
    fn who_asks_for_the_newer_format_gets_it() {
        let asked = ExpositionFormat::asked;
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1";
        assert_eq!(asked(prometheus), ExpositionFormat::OpenMetrics);
        assert_eq!([asked("*/*"), asked("")], [ExpositionFormat::Prometheus; 2]);
    }
}
