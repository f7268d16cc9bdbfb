//! The law that prices are compared under: the calendar with this shop's orders, read when it is needed.

use std::path::PathBuf;

use crate::calendar::Calendar;
use crate::config::{Settings, calendar_overrides};

/// Where the law is read.
#[derive(Clone, Debug)]
pub struct PriceLaw {
    overrides: PathBuf,
}

impl PriceLaw {
    /// That of the shop of `settings`.
    pub fn new(settings: &Settings) -> Self {
        Self { overrides: settings.calendars.clone() }
    }

    /// The calendar. None when an order of the shop cannot be read, which the law watch tells: then nobody knows what a price may be
    /// compared with.
    pub fn calendar(&self) -> Option<Calendar> {
        let documents = calendar_overrides(&self.overrides).ok()?;
        Calendar::built_in().with_overrides(&documents).ok()
    }
}
