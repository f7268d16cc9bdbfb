//! The page of one sale: what it is called, whether it is open, and when that changes.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::html::{Element, el};
use super::layout::{COUNTDOWN, Page};
use super::words::Words;
use crate::config::ShopSettings;
use crate::gate::{self, Gate, Phase};
use crate::mail::dates::{Moment, zone_name};
use crate::member::Language;

/// How soon a change must be for a browser without scripts to be told to load the page again at it.
const REFRESH_SECONDS: i64 = 3600;

/// What a page of one sale is made from.
pub(super) struct Sale<'a> {
    pub(super) gate: &'a Gate,
    pub(super) now: Timestamp,
    pub(super) language: Language,
    pub(super) shop: &'a ShopSettings,
    /// The path under which the pages are seen from outside, without a final slash.
    pub(super) base: &'a str,
}

impl<'a> Sale<'a> {
    /// The page.
    pub(super) fn page(&self) -> Page<'a> {
        let other = Words::of(self.language).other_language.code();
        let script = el("script").constant(COUNTDOWN);
        let mut main = self.main();
        if self.change().is_some() {
            main = main.child(script);
        }
        Page {
            language: self.language,
            title: format!("{} · {}", self.gate.title, self.state()),
            head: self.refresh().into_iter().chain(self.not_indexed()).collect(),
            other: Some(format!("{}/{other}/campaigns/{}", self.base, self.gate.slug)),
            main,
            remark: Some(Words::of(self.language).no_trace),
            shop: self.shop,
        }
    }

    /// The sale as an entry of a list.
    pub(super) fn entry(&self) -> Element {
        let path = format!("{}/{}/campaigns/{}", self.base, self.language.code(), self.gate.slug);
        el("li")
            .child(self.badge())
            .child(el("h2").child(el("a").attr("href", &path).text(&self.gate.title)))
            .child(self.when("p"))
    }

    fn phase(&self) -> Phase {
        gate::phase(self.gate, self.now)
    }

    fn change(&self) -> Option<Timestamp> {
        gate::next_change(self.gate, self.now)
    }

    fn state(&self) -> &'static str {
        let words = Words::of(self.language);
        match self.phase() {
            Phase::Before => words.not_yet,
            Phase::Open => words.open,
            Phase::After if self.gate.is_cut_short() => words.cancelled,
            Phase::After => words.over,
        }
    }

    fn badge(&self) -> Element {
        let class = if self.phase() == Phase::Open { "state open" } else { "state" };
        el("p").attr("class", class).text(self.state())
    }

    fn main(&self) -> Element {
        let words = Words::of(self.language);
        let mut main = el("main");
        if let Some(change) = self.change() {
            main = main
                .attr("data-gate", &format!("{}/gates/{}", self.base, self.gate.slug))
                .attr("data-phase", &self.phase().to_string())
                .attr("data-change", &gate::text(change))
                .attr("data-server-time", &gate::text(self.now));
        }
        main =
            main.child(self.badge()).child(el("h1").text(&self.gate.title)).child(self.when("p").attr("class", "lead"));
        if self.change().is_some() {
            main = main.child(self.countdown()).child(el("p").attr("class", "spoken").attr("aria-live", "polite"));
        }
        let note = (self.phase() != Phase::After)
            .then(|| el("p").attr("class", "note").text(words.only_time(self.gate.audience)));
        main.child(self.actions()).child(self.facts()).children(note)
    }

    /// The sentence that matters: when it opens, until when it is open, since when it is over.
    fn when(&self, name: &'static str) -> Element {
        let words = Words::of(self.language);
        let (lead, at) = match self.phase() {
            Phase::Before => (words.opens, self.opening()),
            Phase::Open => (words.closes, self.ending()),
            Phase::After if self.gate.is_cut_short() => (words.cancelled_since, self.moment(self.gate.ends_at())),
            Phase::After => (words.closed_since, self.ending()),
        };
        let zone = zone_name(&self.gate.zone, self.language);
        el(name).text(lead).child(time(&at)).text(&format!(" ({zone})."))
    }

    fn opening(&self) -> Moment {
        self.moment(self.gate.opens_at)
    }

    /// An end at midnight is told as the evening before.
    fn ending(&self) -> Moment {
        Moment::until(&self.gate.ends_at().to_zoned_datetime(self.zone()), self.language)
    }

    fn moment(&self, at: Timestamp) -> Moment {
        Moment::at(&at.to_zoned_datetime(self.zone()), self.language)
    }

    fn zone(&self) -> TimeZone {
        TimeZone::get(&self.gate.zone).unwrap_or(TimeZone::UTC)
    }

    /// Hidden until the script, which knows the server's time, has something to show. A timer is not read aloud by
    /// itself (WAI-ARIA 1.2, `timer`); the script says a few round numbers in the line after it.
    fn countdown(&self) -> Element {
        let words = Words::of(self.language);
        let label = if self.phase() == Phase::Before { words.opens_in } else { words.closes_in };
        let cells = ["day", "hour", "minute", "second"].into_iter().zip(words.units).map(|(unit, (one, many))| {
            el("div")
                .attr("data-unit", unit)
                .attr("data-none", if words.nought_is_singular { one } else { many })
                .attr("data-one", one)
                .attr("data-many", many)
                .child(el("b"))
                .child(el("span"))
        });
        el("div")
            .attr("class", "countdown")
            .attr("role", "timer")
            .attr("data-label", label)
            .flag("hidden")
            .child(el("p").text(label))
            .child(el("div").attr("class", "cells").children(cells))
    }

    fn actions(&self) -> Element {
        let words = Words::of(self.language);
        let shop = el("a").attr("href", self.gate.url.as_ref().unwrap_or(&self.shop.url).as_str());
        let feed = format!("{}/campaigns/{}.ics", self.base, self.gate.slug);
        let actions = el("p").attr("class", "actions");
        match self.phase() {
            Phase::Before => actions
                .child(el("a").attr("class", "button").attr("href", &feed).text(words.calendar))
                .child(shop.text(words.visit)),
            Phase::Open => actions.child(shop.attr("class", "button").text(words.enter)),
            Phase::After => actions.child(shop.text(words.visit)),
        }
    }

    fn facts(&self) -> Element {
        let words = Words::of(self.language);
        let (opening, closing) = if self.gate.is_cut_short() && self.phase() == Phase::After {
            (words.planned_opening, words.planned_closing)
        } else {
            (words.opening, words.closing)
        };
        let row = |name, fact: Element| el("div").child(el("dt").text(name)).child(fact);
        let planned_end = Moment::until(&self.gate.closes_at.to_zoned_datetime(self.zone()), self.language);
        el("dl")
            .child(row(opening, el("dd").child(time(&self.opening()))))
            .child(row(closing, el("dd").child(time(&planned_end))))
            .child(row(words.zone, el("dd").text(&zone_name(&self.gate.zone, self.language))))
    }

    /// A page that stands in no list of ours is not to be in one of a search engine.
    fn not_indexed(&self) -> Option<Element> {
        self.gate.unlisted.then(|| el("meta").attr("name", "robots").attr("content", "noindex"))
    }

    /// Without scripts, the browser loads the page again just after a change that is near.
    fn refresh(&self) -> Option<Element> {
        let left = self.change()?.as_millisecond() - self.now.as_millisecond();
        let seconds = left.div_euclid(1000) + 1;
        let meta = el("meta").attr("http-equiv", "refresh").attr("content", &seconds.to_string());
        (seconds <= REFRESH_SECONDS).then(|| el("noscript").child(meta))
    }
}

fn time(moment: &Moment) -> Element {
    el("time").attr("datetime", &moment.iso).text(&moment.full)
}
