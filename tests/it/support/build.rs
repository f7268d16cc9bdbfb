//! Campaign files made of parts: a test names what matters to it, and the rest is a valid default.

use std::fmt;

use carillon::clock::Clock;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use toml::Value;

/// The keys of a table, in the order in which they were written first.
#[derive(Clone, Debug, Default)]
struct Keys(Vec<(&'static str, Value)>);

impl Keys {
    fn of<const N: usize>(keys: [(&'static str, &str); N]) -> Self {
        Self(keys.into_iter().map(|(key, value)| (key, value.into())).collect())
    }

    fn set(&mut self, key: &'static str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(key, value)| writeln!(f, "{key} = {value}"))
    }
}

/// A campaign file; [`CampaignFile::text`] is what stands in it.
#[derive(Clone, Debug)]
pub struct CampaignFile {
    head: Keys,
    window: Keys,
    mailings: Vec<Mailing>,
    tables: Vec<(&'static str, Keys)>,
}

/// A public pre-sale online in France, called `hiver`, in the four days before the winter sales of 2027. It has no
/// mailing.
pub fn campaign() -> CampaignFile {
    let mut head = Keys::of([("slug", "hiver"), ("title", "Les journées magiques")]);
    head.set("markets", vec!["FR"].into());
    head.set("channel", "online".into());
    head.set("audience", "public".into());
    let window = Keys::of([
        ("timezone", "Europe/Paris"),
        ("opens", "soldes.winter.2027 - 4 days at 08:00"),
        ("closes", "soldes.winter.2027"),
    ]);
    CampaignFile { head, window, mailings: Vec::new(), tables: Vec::new() }
}

/// The same at times that are not over while people run these tests: a day in April 2090.
pub fn campaign_to_come() -> CampaignFile {
    campaign().slug("hiver-2090").window("2090-04-02 08:00", "2090-04-03 08:00")
}

/// A campaign in Germany that opens in two days of the real clock, with an announcement in so many `hours` from now.
pub fn campaign_announced_in(hours: i64) -> CampaignFile {
    let now = Clock::System.now().to_zoned_datetime(TimeZone::UTC);
    let civil = |hours| (now.checked_add(SignedDuration::from_hours(hours)).unwrap()).strftime("%Y-%m-%d %H:%M");
    let announcement = mailing("announcement").from(&civil(hours).to_string());
    campaign()
        .markets(&["DE"])
        .with("sector", "shoes")
        .zone("UTC")
        .window(&civil(48).to_string(), &civil(72).to_string())
        .mailing(announcement)
}

impl CampaignFile {
    /// Sets a key at the top of the file.
    pub fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.head.set(key, value.into());
        self
    }

    pub fn slug(self, slug: &str) -> Self {
        self.with("slug", slug)
    }

    pub fn title(self, title: &str) -> Self {
        self.with("title", title)
    }

    pub fn markets(self, markets: &[&str]) -> Self {
        self.with("markets", markets.to_vec())
    }

    /// Sets a key of `[window]`.
    pub fn in_window(mut self, key: &'static str, value: &str) -> Self {
        self.window.set(key, value.into());
        self
    }

    pub fn zone(self, zone: &str) -> Self {
        self.in_window("timezone", zone)
    }

    pub fn opens(self, at: &str) -> Self {
        self.in_window("opens", at)
    }

    pub fn closes(self, at: &str) -> Self {
        self.in_window("closes", at)
    }

    pub fn window(self, opens: &str, closes: &str) -> Self {
        self.opens(opens).closes(closes)
    }

    /// Adds a mailing.
    pub fn mailing(mut self, mailing: Mailing) -> Self {
        self.mailings.push(mailing);
        self
    }

    /// Changes the mailing number `at`, counted from none.
    #[track_caller]
    pub fn change(mut self, at: usize, change: impl FnOnce(Mailing) -> Mailing) -> Self {
        let mailing = self.mailings.remove(at);
        self.mailings.insert(at, change(mailing));
        self
    }

    /// Takes the mailing number `at` out.
    #[track_caller]
    pub fn without_mailing(mut self, at: usize) -> Self {
        self.mailings.remove(at);
        self
    }

    /// Adds an offer whose prices stand in the file `prices`.
    pub fn offer(self, name: &str, prices: &str) -> Self {
        self.table("[[offers]]", [("name", name.into()), ("prices", prices.into())])
    }

    /// Adds any other table under its heading, such as `[group]`.
    pub fn table<const N: usize>(mut self, heading: &'static str, keys: [(&'static str, Value); N]) -> Self {
        self.tables.push((heading, Keys(keys.to_vec())));
        self
    }

    /// What stands in the file.
    pub fn text(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for CampaignFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n[window]\n{}", self.head, self.window)?;
        self.mailings.iter().try_for_each(|mailing| write!(f, "\n{mailing}"))?;
        self.tables.iter().try_for_each(|(heading, keys)| write!(f, "\n{heading}\n{keys}"))
    }
}

/// A mailing of a campaign file.
#[derive(Clone, Debug)]
pub struct Mailing {
    keys: Keys,
    texts: Vec<(&'static str, Keys)>,
}

/// A mailing of this kind in French and English, at the times that are usual for it.
pub fn mailing(kind: &str) -> Mailing {
    let (from, until) = match kind {
        "announcement" => ("window.opens - 1 day at 10:00", "window.opens"),
        "opening" => ("window.opens", "window.closes"),
        "last-hours" => ("window.closes - 1 day at 18:00", "window.closes - 2 hours"),
        other => panic!("`{other}` has no usual times"),
    };
    let keys = Keys::of([("kind", kind), ("not_before", from), ("not_after", until)]);
    Mailing { keys, texts: Vec::new() }.languages(&["fr", "en"])
}

impl Mailing {
    fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.keys.set(key, value.into());
        self
    }

    pub fn named(self, name: &str) -> Self {
        self.with("name", name)
    }

    pub fn kind(self, kind: &str) -> Self {
        self.with("kind", kind)
    }

    /// Not before this.
    pub fn from(self, at: &str) -> Self {
        self.with("not_before", at)
    }

    /// Not after this.
    pub fn until(self, at: &str) -> Self {
        self.with("not_after", at)
    }

    pub fn languages(self, languages: &[&str]) -> Self {
        self.with("languages", languages.to_vec())
    }

    /// To those on these lists alone.
    pub fn to(self, lists: &[&str]) -> Self {
        self.with("to", lists.to_vec())
    }

    /// But to nobody on these.
    pub fn without(self, lists: &[&str]) -> Self {
        self.with("not", lists.to_vec())
    }

    /// Sets a text of its letter in one language, such as `subject`.
    pub fn says(mut self, language: &'static str, key: &'static str, words: &str) -> Self {
        match self.texts.iter_mut().find(|(known, _)| *known == language) {
            Some((_, texts)) => texts.set(key, words.into()),
            None => self.texts.push((language, Keys(vec![(key, words.into())]))),
        }
        self
    }
}

impl fmt::Display for Mailing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[[mailings]]\n{}", self.keys)?;
        self.texts.iter().try_for_each(|(language, texts)| write!(f, "[mailings.texts.{language}]\n{texts}"))
    }
}
