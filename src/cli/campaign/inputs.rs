//! What a check of a campaign reads beside the campaign file: the shop's settings and templates, its calendar, and what
//! its store holds. What cannot be read is never taken for nothing: it ends the check, or is a finding of its own.

use jiff::Timestamp;

use crate::calendar::Calendar;
use crate::campaign::{Audiences, Schedule};
use crate::cli::{Context, calendar};
use crate::compliance::{SalesRecord, Waiver};
use crate::config::Settings;
use crate::db::{Store, campaigns, members, reach, waivers};
use crate::document::Document;
use crate::finding::{Finding, Place};
use crate::http::own_pages;
use crate::mail::{Sender, TemplateSet, samples};
use crate::phrase;
use crate::text::{Slug, WebAddress};

/// Everything beside the file.
pub(super) struct Inputs {
    /// The law.
    pub(super) calendar: Calendar,
    /// The shop's store; none before the shop was set up.
    pub(super) store: Option<Store>,
    /// The templates in use, or why they cannot be used.
    pub(super) templates: Result<TemplateSet, Vec<Finding>>,
    /// The pages of the shop's own, or why they cannot be read.
    pub(super) pages: Result<Vec<Document>, Vec<Finding>>,
    /// Who signs the letters.
    pub(super) sender: Sender,
    /// Where the links to unsubscribe begin.
    pub(super) public_url: WebAddress,
    /// What was not looked at, because the shop was not set up yet.
    pub(super) not_looked_at: Option<Finding>,
}

impl Inputs {
    /// Reads everything that the settings name. Where there is no configuration yet, an example shop stands in, and a
    /// note says so.
    pub(super) fn read(context: &Context) -> anyhow::Result<Self> {
        let calendar = calendar::load(context)?;
        match context.settings_if_any()? {
            Some(settings) => Self::of_shop(&settings, calendar),
            None => Self::of_example(context, calendar),
        }
    }

    fn of_shop(settings: &Settings, calendar: Calendar) -> anyhow::Result<Self> {
        Ok(Self {
            calendar,
            store: Some(Store::open(&settings.store)?),
            templates: TemplateSet::load(settings.mail.templates.as_deref()),
            pages: settings.public.pages.as_deref().map_or_else(|| Ok(Vec::new()), own_pages),
            sender: Sender::new(settings),
            public_url: settings.public.url.clone(),
            not_looked_at: None,
        })
    }

    fn of_example(context: &Context, calendar: Calendar) -> anyhow::Result<Self> {
        let path = context.config_path.display().to_string();
        let message = phrase!("config-absent", path = &path);
        Ok(Self {
            calendar,
            store: None,
            templates: TemplateSet::built_in(),
            pages: Ok(Vec::new()),
            sender: samples::sender()?,
            public_url: samples::public_url()?,
            not_looked_at: Some(Finding::note("config.absent", Place::file(path), message)),
        })
    }

    /// How many members may be written to.
    pub(super) fn members(&self, now: Timestamp) -> anyhow::Result<Option<u64>> {
        let count = |store: &Store| store.read_blocking(|db| members::count_eligible(db, now));
        Ok(self.store.as_ref().map(count).transpose()?.map(i64::unsigned_abs))
    }

    /// Which lists there are, and whom the mailings of `schedule` would reach.
    pub(super) fn audiences(&self, schedule: &Schedule, now: Timestamp) -> anyhow::Result<Option<Audiences>> {
        let read = |store: &Store| store.read_blocking(|db| reach::audiences(db, schedule, now));
        Ok(self.store.as_ref().map(read).transpose()?)
    }

    /// What the store says of the shop's sales, as far as it bears on `schedule`.
    pub(super) fn sales_record(&self, schedule: &Schedule, now: Timestamp) -> anyhow::Result<Option<SalesRecord>> {
        let read = |store: &Store| store.read_blocking(|db| campaigns::sales_record(db, schedule, now));
        Ok(self.store.as_ref().map(read).transpose()?)
    }

    /// The waivers of a campaign. Before there is a store, nobody can have given one.
    pub(super) fn waivers_of(&self, slug: &Slug) -> anyhow::Result<Vec<Waiver>> {
        match &self.store {
            Some(store) => Ok(store.read_blocking(|db| waivers::of_campaign(db, slug))?),
            None => Ok(Vec::new()),
        }
    }
}
