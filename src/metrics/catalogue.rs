//! The one list of metrics. The text, the documents, the dashboard and the alert rules are held against it by tests.

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// A value that goes up and down.
    Gauge,
    /// A count that only grows, until the daemon is started again.
    Counter,
    /// Durations, counted by how long they were.
    Durations,
}

impl MetricKind {
    /// Its name in the text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
            Self::Durations => "histogram",
        }
    }
}

/// What is measured, in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Which program answers.
    BuildInfo,
    /// When it was started.
    StartTime,
    /// Whether the store could be read for this answer.
    StoreReadable,
    /// How long the store took.
    StoreDuration,
    /// What waits to be sent.
    QueueDeliveries,
    /// How old that count is.
    QueueCountAge,
    /// How long the oldest delivery has been due.
    OldestDueAge,
    /// Deliveries of which nobody knows whether they arrived.
    DeliveriesInDoubt,
    /// Mailings, by where they stand.
    Mailings,
    /// How late a mailing's first letter left.
    FirstLetterLateness,
    /// What the relay answered.
    RelayAnswers,
    /// How long until something changes.
    NextChange,
    /// Whether the clock is believed.
    ClockBelieved,
    /// How far the clock is ahead of the newest believed instant.
    ClockAhead,
    /// Whether anything keeps the daemon from sending.
    SendingHeld,
    /// What is wrong.
    Problems,
    /// What is wrong and nobody has acknowledged.
    ProblemsUnacknowledged,
    /// How long the newest signed schedule has not been where it is to be put.
    SchedulePutBehind,
    /// How long a part of the daemon has made no progress.
    LoopIdle,
    /// What visitors and shops asked, and how they were answered.
    Requests,
}

/// What is true of a metric at all times.
#[derive(Clone, Copy, Debug)]
pub struct MetricTraits {
    /// Its name; the samples of a counter have `_total` behind it.
    pub name: &'static str,
    /// What it is.
    pub kind: MetricKind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it says, in a sentence.
    pub help: &'static str,
}

/// The labels of a metric.
type LabelNames = &'static [&'static str];

const fn gauge(name: &'static str, labels: LabelNames, help: &'static str) -> MetricTraits {
    MetricTraits { name, kind: MetricKind::Gauge, labels, help }
}

const fn counter(name: &'static str, labels: LabelNames, help: &'static str) -> MetricTraits {
    MetricTraits { name, kind: MetricKind::Counter, labels, help }
}

const fn durations(name: &'static str, labels: LabelNames, help: &'static str) -> MetricTraits {
    MetricTraits { name, kind: MetricKind::Durations, labels, help }
}

const BUILD_INFO: MetricTraits =
    gauge("carillon_build_info", &["version", "store"], "Always 1; says which program, on which store.");
const START_TIME: MetricTraits =
    gauge("carillon_start_time_seconds", &[], "When the daemon was started, in seconds since 1970.");
const STORE_READABLE: MetricTraits = gauge(
    "carillon_store_readable",
    &[],
    "Whether the store could be read for this answer. While it is 0, what is known from the store alone is left out.",
);
const STORE_DURATION: MetricTraits = durations(
    "carillon_store_duration_seconds",
    &["operation"],
    "How long this daemon's reads and transactions took, with all waiting. write-later waits for no disk.",
);
const QUEUE_DELIVERIES: MetricTraits = gauge(
    "carillon_queue_deliveries",
    &["state", "provider"],
    "Deliveries of mailings being sent that have not ended, by mailbox provider.",
);
const QUEUE_COUNT_AGE: MetricTraits = gauge(
    "carillon_queue_count_age_seconds",
    &[],
    "How old that count is: a long queue is counted more seldom, so that counting takes a fiftieth of the time at most.",
);
const OLDEST_DUE_AGE: MetricTraits =
    gauge("carillon_oldest_due_seconds", &[], "How long the delivery that waits longest has been due; 0 when none is.");
const DELIVERIES_IN_DOUBT: MetricTraits = gauge(
    "carillon_deliveries_in_doubt",
    &[],
    "Deliveries that wait for a person, because nobody knows whether they arrived.",
);
const MAILINGS: MetricTraits = gauge("carillon_mailings", &["state"], "Mailings, by where they stand.");
const FIRST_LETTER_LATENESS: MetricTraits = gauge(
    "carillon_first_letter_late_seconds",
    &["campaign", "mailing"],
    "How long after its time a mailing's first letter left, of those that began in a week; it grows while none has left.",
);
const RELAY_ANSWERS: MetricTraits = counter(
    "carillon_relay_answers",
    &["answer", "provider"],
    "What the relay answered to letters of mailings that this daemon offered; slowed costs no attempt.",
);
const NEXT_CHANGE: MetricTraits = gauge(
    "carillon_next_change_seconds",
    &["of"],
    "How long until a gate opens or closes, or a mailing begins or must have left; left out when none will.",
);
const CLOCK_BELIEVED: MetricTraits = gauge(
    "carillon_clock_believed",
    &[],
    "Whether the clock is believed. While it is 0, nothing that cannot be undone happens.",
);
const CLOCK_AHEAD: MetricTraits = gauge(
    "carillon_clock_ahead_seconds",
    &[],
    "How far the clock is ahead of the newest instant at which it was believed; less than 0 when it is behind.",
);
const SENDING_HELD: MetricTraits =
    gauge("carillon_sending_held", &[], "Whether anything keeps the daemon from sending.");
const PROBLEMS: MetricTraits = gauge("carillon_problems", &["kind", "severity"], "Problems that stand.");
const PROBLEMS_UNACKNOWLEDGED: MetricTraits = gauge(
    "carillon_problems_unacknowledged",
    &["kind", "severity"],
    "Problems that stand and that nobody has acknowledged.",
);
const SCHEDULE_PUT_BEHIND: MetricTraits = gauge(
    "carillon_schedule_put_behind_seconds",
    &[],
    "How long the newest signed schedule has not been where it is to be put; 0 when it is there, left out when it is put nowhere.",
);
const LOOP_IDLE: MetricTraits = gauge(
    "carillon_loop_idle_seconds",
    &["loop"],
    "How long a part of the daemon has made no progress; after 120 it hangs.",
);
const REQUESTS: MetricTraits = counter(
    "carillon_http_requests",
    &["area", "status"],
    "Requests to the public listener, by part of the site and class of status.",
);

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 20] = [
        Self::BuildInfo,
        Self::StartTime,
        Self::StoreReadable,
        Self::StoreDuration,
        Self::QueueDeliveries,
        Self::QueueCountAge,
        Self::OldestDueAge,
        Self::DeliveriesInDoubt,
        Self::Mailings,
        Self::FirstLetterLateness,
        Self::RelayAnswers,
        Self::NextChange,
        Self::ClockBelieved,
        Self::ClockAhead,
        Self::SendingHeld,
        Self::Problems,
        Self::ProblemsUnacknowledged,
        Self::SchedulePutBehind,
        Self::LoopIdle,
        Self::Requests,
    ];

    /// The table of metrics.
    pub fn traits(self) -> MetricTraits {
        match self {
            Self::BuildInfo => BUILD_INFO,
            Self::StartTime => START_TIME,
            Self::StoreReadable => STORE_READABLE,
            Self::StoreDuration => STORE_DURATION,
            Self::QueueDeliveries => QUEUE_DELIVERIES,
            Self::QueueCountAge => QUEUE_COUNT_AGE,
            Self::OldestDueAge => OLDEST_DUE_AGE,
            Self::DeliveriesInDoubt => DELIVERIES_IN_DOUBT,
            Self::Mailings => MAILINGS,
            Self::FirstLetterLateness => FIRST_LETTER_LATENESS,
            Self::RelayAnswers => RELAY_ANSWERS,
            Self::NextChange => NEXT_CHANGE,
            Self::ClockBelieved => CLOCK_BELIEVED,
            Self::ClockAhead => CLOCK_AHEAD,
            Self::SendingHeld => SENDING_HELD,
            Self::Problems => PROBLEMS,
            Self::ProblemsUnacknowledged => PROBLEMS_UNACKNOWLEDGED,
            Self::SchedulePutBehind => SCHEDULE_PUT_BEHIND,
            Self::LoopIdle => LOOP_IDLE,
            Self::Requests => REQUESTS,
        }
    }

    /// The names of its samples.
    pub fn sample_names(self) -> Vec<String> {
        let MetricTraits { name, kind, .. } = self.traits();
        let suffixes: &[&str] = match kind {
            MetricKind::Gauge => &[""],
            MetricKind::Counter => &["_total"],
            MetricKind::Durations => &["_bucket", "_sum", "_count"],
        };
        suffixes.iter().map(|suffix| format!("{name}{suffix}")).collect()
    }
}
