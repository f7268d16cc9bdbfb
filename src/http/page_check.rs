//! What every set of pages must be able to write: each page in each of its states, with everything that it can be told. An
//! operator's files are used only when all of this comes out.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::layout::PageSet;
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::Phrase;
use crate::template::{Files, RenderFault, with_extension};
use crate::text::InterfaceLanguage;

/// What is wrong with the words of `files`, compared with those that the program brings along: both say the same things.
pub(super) fn words(files: &Files, built_in: &Files) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, document) in with_extension(files, "toml") {
        let place = Place::file(&document.name);
        let own: toml::Table = match toml::from_str(&document.text) {
            Ok(words) => words,
            Err(why) => {
                let place = why.span().map_or(place, |span| document.place(span));
                findings.push(fault(place, phrase!("page-words-unreadable", why = why.message())));
                continue;
            }
        };
        let ours = built_in.get(name).and_then(|document| toml::from_str::<toml::Table>(&document.text).ok());
        let (own, ours) = (keys(own), ours.map(keys).unwrap_or_default());
        let missing = ours.difference(&own).map(|key| phrase!("page-text-missing", key = key));
        let unknown = own.difference(&ours).map(|key| phrase!("page-text-unknown", key = key));
        findings.extend(missing.chain(unknown).map(|message| fault(place.clone(), message)));
    }
    findings
}

/// The names of all texts in `words`.
fn keys(words: toml::Table) -> BTreeSet<String> {
    fn gather(words: &toml::Value, path: &str, found: &mut BTreeSet<String>) {
        match words {
            toml::Value::Table(entries) => {
                for (key, value) in entries {
                    gather(value, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, found);
                }
            }
            toml::Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| {
                gather(item, &format!("{path}[{at}]"), found);
            }),
            toml::Value::String(_) => _ = found.insert(path.to_owned()),
            _ => _ = found.insert(format!("{path} (not a text)")),
        }
    }
    let mut found = BTreeSet::new();
    gather(&toml::Value::Table(words), "", &mut found);
    found
}

fn fault(place: Place, message: Phrase) -> Finding {
    Finding::error("pages.words", place, message).mended_by(phrase!("page-compare-with-ours"))
}

/// What cannot be written with `pages`.
pub(super) fn pages(pages: &PageSet) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for language in InterfaceLanguage::ALL {
        for (name, view) in samples() {
            match pages.render(name, language, &view) {
                Ok(_) => {}
                Err(RenderFault::Template(finding)) => findings.push(*finding),
                Err(RenderFault::TooLong { file, longest }) => {
                    let message = phrase!("template-too-long", longest = longest);
                    findings.push(Finding::error("template.too-long", Place::file(file), message));
                }
            }
        }
    }
    let mut seen = Vec::new();
    findings.retain(|finding| {
        !seen.contains(finding) && {
            seen.push(finding.clone());
            true
        }
    });
    findings
}

/// What the form can say.
const TROUBLES: [&str; 10] =
    ["missing", "wrong", "no_at", "sign", "too_young", "too_old", "too_long", "unreadable", "altered", "busy"];

/// Each page with each thing that it can be told.
pub(super) fn samples() -> Vec<(&'static str, Value)> {
    let mut all = sales();
    all.extend(["not_found", "unavailable"].map(|why| ("nothing.html", json!({ "why": why }))));
    for (about, said) in [
        ("confirm", &["done", "used", "ended", "unknown", "failed"][..]),
        ("renew", &["done", "used", "ended", "unknown", "failed"]),
        ("unsubscribe", &["question", "done", "unknown", "failed"]),
        ("preferences", &["unknown", "failed"]),
    ] {
        let forms = json!({ "fr": "/join", "en": "/en/join" });
        let page = |said: &str, only: Option<&str>, unread: bool| {
            json!({
                "about": about, "said": said, "contact": true, "button": said == "question", "unread": unread, "forms": forms,
                "only": only,
            })
        };
        all.extend(said.iter().flat_map(|said| [None, Some("en")].map(|only| ("both.html", page(said, only, false)))));
        all.extend(said.iter().filter(|said| **said == "question").map(|said| ("both.html", page(said, None, true))));
    }
    let invitation = json!({ "title": "…", "lead": "…", "statement": "…", "button": "…", "notice": ["…"] });
    let renewal = |unread| json!({ "invitation": invitation, "ends": "…", "leave": "/u/…", "unread": unread });
    all.extend([false, true].map(|unread| ("renew.html", renewal(unread))));
    for trouble in TROUBLES.map(Some).into_iter().chain([None]) {
        let form = json!({
            "invitation": invitation, "other": "/en/join", "email": "", "source": "join", "time": "", "trouble": trouble,
            "sign": trouble.filter(|trouble| *trouble == "sign"),
        });
        all.push(("join.html", form));
    }
    all.push(("joined.html", json!({ "email": "camille@example.org", "source": "join", "other": "/en/join" })));
    let confirmation =
        |unread| json!({ "address": "camille@example.org", "statement": "…", "notice": ["…"], "unread": unread });
    all.extend([false, true].map(|unread| ("confirm.html", confirmation(unread))));
    all.extend(choices(&invitation).into_iter().map(|view| ("preferences.html", view)));
    all
}

fn moment() -> Value {
    json!({ "iso": "2027-01-02T08:00:00+01:00", "date": "…", "time": "…", "short": "…", "full": "…" })
}

fn sales() -> Vec<(&'static str, Value)> {
    let address = json!({ "own": "…", "fr": "…", "en": "…" });
    let mut all = vec![(
        "list.html",
        json!({ "sales": [], "other": "/en", "join": null, "address": address, "calendar": "/fr/sales.ics" }),
    )];
    let card = json!({ "name": "…", "url": "…", "picture": { "path": "…", "width": 1, "height": 1 }, "price": "…", "prior": "…",
        "percent": "…", "compared": "…" });
    let plain = json!({ "name": "…", "url": null, "picture": null, "price": null, "prior": null, "percent": null, "compared": null });
    let groups = json!([{ "name": "…", "cards": [card, plain] }, { "name": "…", "cards": [] }]);
    for (stage, held, to_come) in [
        ("upcoming", false, 2),
        ("upcoming", true, 2),
        ("open", false, 1),
        ("open", true, 1),
        ("over", false, 0),
        ("cancelled", false, 0),
    ] {
        let sale = json!({ "slug": "s", "title": "…", "apart": held.then_some("…"), "stage": stage, "held": held, "when": moment(), "zone": "…" });
        all.push(("list.html", json!({ "sales": [sale], "other": "/en", "join": "/join", "address": address, "calendar": "/fr/sales.ics" })));
        let cards = |note: Option<&str>| json!({ "groups": groups, "more": note, "note": note, "priced": true });
        let face = |stage: &str, counts: bool| {
            let cards = if held { cards(None) } else { cards(Some("…")) };
            json!({
                "stage": stage, "since": "…", "when": moment(), "counts": counts, "cards": counts.then_some(cards),
                "prices_to_come": counts, "next": (!counts).then_some(&sale),
            })
        };
        let faces = [face(stage, to_come > 0), face("open", true), face("over", false)];
        let faces: Vec<Value> = faces.into_iter().take(1 + to_come).collect();
        let photo = json!({ "path": "brand/x.jpg", "url": "…", "width": 1, "height": 1, "alt": "…" });
        for audience in ["public", "open-members", "closed-group", "personal"] {
            let page = json!({
                "in_store": held, "sale": sale, "faces": faces, "window": { "opens": "…", "closes": "…" }, "opening": moment(),
                "closing": moment(), "intro": ["…"], "picture": photo, "button": null, "offers": ["…"], "audience": audience,
                "url": "https://www.example.fr", "refresh": 60, "address": address, "description": "…", "data": "{}",
                "calendars": { "google": "…", "outlook": "…" },
                "unlisted": true, "other": "/en/campaigns/s", "join": (audience != "personal").then_some("/join"),
            });
            all.push(("sale.html", page));
        }
    }
    all
}

fn choices(invitation: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    let ways = ["double_optin_post", "page_post", "import_double_optin", "import_web_form", "import_in_store_form"];
    let ways = ways.into_iter().chain(["import_paper_form"]).map(Some).chain([None]);
    for (state, how) in ["receiving", "paused", "stopped"].into_iter().cycle().zip(ways) {
        let place = how.filter(|how| how.ends_with("post")).map(|_| "join");
        let given = how.map(|how| json!({ "on": moment(), "how": how, "source": "join", "place": place }));
        let ended = json!({ "on": moment(), "what": "withdrawn", "how": "page_post" });
        let done = [None, Some("language"), Some("paused"), Some("resumed"), Some("renewed")];
        let trouble = [None, Some("missing"), Some("past"), Some("far"), Some("no_such_day")];
        all.extend(done.into_iter().zip(trouble).map(|(done, trouble)| {
            json!({
                "state": state, "paused_until": "…", "done": done, "trouble": trouble, "unread": how.is_none(), "until": "", "earliest": "2027-01-02",
                "latest": "2028-01-01", "address": how.map(|_| "camille@example.org"), "given": given, "ends": how,
                "ended": (state == "stopped").then_some(&ended),
                "renewal": trouble.is_none().then_some(invitation),
                "wording": [ "…" ], "received": [{ "title": "…", "on": moment() }], "join": how.map(|_| "/join"),
                "spoken": { "code": "nl", "name": "Nederlands" }, "letters": [{ "code": "nl", "name": "Nederlands" }],
            })
        }));
    }
    all
}
