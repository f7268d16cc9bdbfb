//! The law as it stands in this shop: the calendar with the shop's orders, read when it is needed.

use std::path::PathBuf;

use crate::calendar::Calendar;
use crate::config::{Settings, calendar_overrides};
use crate::finding::Finding;
use crate::phrase::{Phrase, Spoken as _};

/// Where the law is read.
#[derive(Clone, Debug)]
pub struct ShopLaw {
    overrides: PathBuf,
}

impl ShopLaw {
    /// That of the shop of `settings`.
    pub fn new(settings: &Settings) -> Self {
        Self { overrides: settings.calendars.clone() }
    }

    /// The calendar.
    ///
    /// # Errors
    /// An order of the shop cannot be read or does not fit, in words. The law watch tells it as well.
    pub fn read(&self) -> Result<Calendar, Phrase> {
        let documents = calendar_overrides(&self.overrides).map_err(|error| error.phrase())?;
        let first = |findings: Vec<Finding>| findings.first().map_or_else(|| Phrase::quoted(""), Finding::line);
        Calendar::built_in().with_overrides(&documents).map_err(first)
    }

    /// The calendar that prices are compared under; none when it cannot be read: then nobody knows what a price may be compared with.
    pub fn of_prices(&self) -> Option<Calendar> {
        self.read().ok()
    }
}
