//! The proof of a consent as a page: one file that a person reads, prints or hands to whoever must check it. It needs no
//! script and loads nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::Proof;
use crate::cli::terms;
use crate::config::ShopSettings;
use crate::db::ledger::{FirstBad, RemovedLines};
use crate::db::lists::Membership;
use crate::document::Document;
use crate::keys::VerifyingKey;
use crate::member::anchor::LedgerAnchor;
use crate::member::removal::RemovalDay;
use crate::member::{Event, Head, LineDetail, Mismatch};
use crate::phrase::in_words;
use crate::template::{Engine, Files};
use crate::text::InterfaceLanguage;
use crate::text::dates::{self, Moment};

/// The most that the page may hold, in bytes: a person's story is far shorter.
const LARGEST: usize = 20_000_000;

const PAGE: &str = "page.html";

/// The words in `language`.
fn words(language: InterfaceLanguage) -> &'static str {
    match language {
        InterfaceLanguage::Fr => include_str!("../../../config/proof/fr.toml"),
        InterfaceLanguage::En => include_str!("../../../config/proof/en.toml"),
    }
}

/// What a page of proof is made of, beside the people.
pub(super) struct Around<'a> {
    pub(super) language: InterfaceLanguage,
    pub(super) shop: &'a ShopSettings,
    /// The zone of the hours that people read.
    pub(super) zone: TimeZone,
    pub(super) now: Timestamp,
    /// The chain: its end, or the first line that is not as it was written.
    pub(super) chain: Result<Head, FirstBad>,
    /// The lines of which only a stub is there.
    pub(super) removed: Option<RemovedLines>,
    /// The file of anchors, and the first anchor that covers everybody's last line.
    pub(super) anchor: Option<(PathBuf, LedgerAnchor)>,
    /// What the anchors say against the ledger, or what is wrong with their file.
    pub(super) against: Vec<Mismatch>,
    pub(super) keys: Vec<VerifyingKey>,
}

#[derive(Serialize)]
struct PageView<'a> {
    language: InterfaceLanguage,
    words: &'a toml::Table,
    shop: &'a ShopSettings,
    made: String,
    holds: bool,
    doubts: Vec<String>,
    people: Vec<PersonView>,
    broken_at: Option<i64>,
    head_seq: Option<i64>,
    head_hash: Option<String>,
    removed: Option<RemovedView>,
    anchor: Option<AnchorView>,
    keys: Vec<String>,
}

#[derive(Serialize)]
struct RemovedView {
    lines: u64,
    first: String,
    last: Option<String>,
}

#[derive(Serialize)]
struct AnchorView {
    at: String,
    line: String,
    file: String,
}

#[derive(Serialize)]
struct PersonView {
    pseudonym: String,
    address: Option<String>,
    /// None of an address that is only kept out.
    language: Option<String>,
    state: String,
    since: String,
    expires: Option<String>,
    barred: Option<String>,
    fingerprint: String,
    fingerprint_key: String,
    /// Whether no line is about a consent, in a ledger of which lines were removed.
    consent_removed: bool,
    /// The lists that the person is on: which mails are for them.
    lists: Vec<ListedView>,
    steps: Vec<StepView>,
    wordings: Vec<WordingView>,
}

#[derive(Serialize)]
struct ListedView {
    name: String,
    since: String,
    how: String,
}

#[derive(Serialize)]
struct StepView {
    seq: i64,
    what: String,
    when: String,
    iso: String,
    recorded: String,
    how: String,
    /// The source in words, where it is a page of ours.
    place: Option<String>,
    source: String,
    form_version: Option<String>,
    /// The reason in words.
    detail: Option<String>,
    reason: Option<String>,
    wording: Option<String>,
    mail_ref: Option<String>,
    token_ref: Option<String>,
    purpose: String,
    channel: String,
    controller: String,
    basis: String,
    hash: String,
    prev_hash: String,
    event_id: String,
}

#[derive(Serialize)]
struct WordingView {
    digest: String,
    body: Option<String>,
    redacted: Option<String>,
}

/// The page about `proofs`.
pub(super) fn render(proofs: &[Proof], around: &Around<'_>) -> anyhow::Result<String> {
    let words: toml::Table = toml::from_str(words(around.language)).context("config/proof cannot be read")?;
    let speech = Speech { words: &words, language: around.language, zone: &around.zone };
    let mismatches = proofs.iter().flat_map(|proof| &proof.mismatches);
    let around_them = around.chain.is_err().then_some(&Mismatch::Ledger).into_iter().chain(&around.against);
    let doubts: Vec<String> = around_them.chain(mismatches).map(|mismatch| speech.doubt(*mismatch)).collect();
    let view = PageView {
        language: around.language,
        words: &words,
        shop: around.shop,
        made: speech.instant(around.now),
        holds: doubts.is_empty(),
        doubts,
        people: proofs.iter().map(|proof| speech.person(proof, around.removed.is_some())).collect(),
        broken_at: around.chain.err().map(|bad| bad.seq),
        head_seq: around.chain.ok().map(|head| head.seq),
        head_hash: around.chain.ok().map(|head| head.hash.to_string()),
        removed: around.removed.map(|removed| speech.removed(removed)),
        anchor: around.anchor.as_ref().map(|(path, anchor)| AnchorView {
            at: speech.instant(anchor.at),
            line: anchor.to_string(),
            file: name(path),
        }),
        keys: around.keys.iter().map(|key| key.to_pem()).collect(),
    };
    let document = Document::new("config/proof/page.html", include_str!("../../../config/proof/page.html"));
    let files: Files = [(PAGE.to_owned(), document)].into();
    let engine = Engine::new(files).map_err(|findings| anyhow!(crate::finding::in_lines(&findings)))?;
    Ok(engine.render(PAGE, &engine.context(&view)?, LARGEST)?)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// How things are said in one language.
struct Speech<'a> {
    words: &'a toml::Table,
    language: InterfaceLanguage,
    zone: &'a TimeZone,
}

impl Speech<'_> {
    /// The word `key` of the table `table`; the key itself where the files of words lack it, which a test refuses.
    fn word(&self, table: &str, key: &str) -> String {
        let word = self.words.get(table).and_then(|table| table.get(key)).and_then(toml::Value::as_str);
        word.unwrap_or(key).to_owned()
    }

    fn doubt(&self, mismatch: Mismatch) -> String {
        self.word("doubt", &key_of(mismatch))
    }

    /// An instant as the pages and letters write it, by the clocks of the shop; and to the second in UTC, which needs no
    /// other zone to be compared.
    fn instant(&self, at: Timestamp) -> String {
        let (utc, own) = (at.to_zoned_datetime(TimeZone::UTC), at.to_zoned_datetime(self.zone.clone()));
        let exact = utc.strftime("%Y-%m-%d %H:%M:%S UTC");
        let zone = own.time_zone().iana_name().map(|id| format!(", {}", dates::zone_name(id, self.language)));
        format!("{}{} ({exact})", Moment::at(&own, self.language).full, zone.unwrap_or_default())
    }

    /// What the `reason` of a line says.
    fn detail(&self, reason: &str) -> Option<String> {
        Some(match LineDetail::read(reason)? {
            LineDetail::Language(language) => {
                format!("{} {}", self.word("detail", "language"), self.word("languages", language.code()))
            }
            LineDetail::Until(until) => format!("{} {}", self.word("detail", "until"), self.instant(until)),
        })
    }

    /// A page of ours, or the program, where `source` is one.
    fn place(&self, source: &str) -> Option<String> {
        let place = self.words.get("place")?.get(source)?;
        place.as_str().map(str::to_owned)
    }

    fn removed(&self, RemovedLines { lines, first_on, last_on }: RemovedLines) -> RemovedView {
        let day = |on: RemovalDay| dates::day(on.date(), self.language);
        RemovedView { lines, first: day(first_on), last: (last_on != first_on).then(|| day(last_on)) }
    }

    fn person(&self, proof: &Proof, removed: bool) -> PersonView {
        let Proof { member, dossier, .. } = proof;
        let wordings = dossier.wordings.iter().map(|(digest, body)| WordingView {
            digest: digest.to_string(),
            body: Some(body.clone()),
            redacted: dossier.wordings_redacted.get(digest).map(|at| self.instant(*at)),
        });
        let missing = dossier.wordings_in_doubt.keys();
        let missing = missing.map(|digest| WordingView { digest: digest.to_string(), body: None, redacted: None });
        PersonView {
            pseudonym: dossier.pseudonym.to_string(),
            address: member.address.as_ref().map(|address| address.as_str().to_owned()),
            language: dossier.language.map(|language| self.word("languages", language.code())),
            state: self.word("consent", dossier.consent.as_str()),
            since: self.instant(dossier.consent_since),
            expires: dossier.expires_at.map(|at| self.instant(at)),
            barred: dossier.barred_since.map(|at| self.instant(at)),
            fingerprint: member.fingerprint.to_string(),
            fingerprint_key: member.fingerprint.key().to_string(),
            consent_removed: removed && !dossier.names_a_consent(),
            lists: dossier.lists.iter().map(|on| self.list(on)).collect(),
            steps: dossier.events.iter().map(|event| self.step(event)).collect(),
            wordings: wordings.chain(missing).collect(),
        }
    }

    fn list(&self, on: &Membership) -> ListedView {
        ListedView {
            name: on.list.to_string(),
            since: self.instant(on.since),
            how: in_words(&terms::membership(on.basis, &on.detail, &on.who), self.language),
        }
    }

    fn step(&self, event: &Event) -> StepView {
        let what = &event.what;
        StepView {
            seq: event.seq,
            what: self.word("action", what.action.as_str()),
            when: self.instant(what.occurred_at),
            iso: what.occurred_at.to_string(),
            recorded: self.instant(event.recorded_at),
            how: self.method(&what.method.to_string()),
            place: self.place(&what.source),
            source: what.source.clone(),
            form_version: what.form_version.clone(),
            detail: what.reason.as_deref().and_then(|reason| self.detail(reason)),
            reason: what.reason.clone(),
            wording: what.text_version.map(|digest| digest.to_string()),
            mail_ref: what.mail_ref.clone(),
            token_ref: what.token_fp.map(|digest| digest.to_string()),
            purpose: self.word("purposes", &event.purpose),
            channel: self.word("channels", &event.channel),
            controller: what.controller.to_string(),
            basis: self.word("bases", &event.basis),
            hash: event.hash.to_string(),
            prev_hash: event.prev_hash.to_string(),
            event_id: event.event_id.clone(),
        }
    }

    /// A method in words: some say more after a colon.
    fn method(&self, text: &str) -> String {
        match text.split_once(':') {
            Some(("import", capture)) => {
                format!("{} ({})", self.word("method", "import"), self.word("capture", capture))
            }
            Some((method, more)) => format!("{} ({more})", self.word("method", method)),
            None => self.word("method", text),
        }
    }
}

/// What a mismatch is called in JSON, and in the files of words.
fn key_of(mismatch: Mismatch) -> String {
    serde_json::to_value(mismatch).ok().and_then(|key| key.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::member::{Action, Capture, Consent};
    use crate::text::Language;

    #[test]
    fn every_word_is_there_in_every_language() {
        for language in InterfaceLanguage::ALL {
            let words: toml::Table = toml::from_str(words(language)).unwrap();
            let has = |table: &str, key: &str| {
                assert!(words[table].get(key).is_some_and(toml::Value::is_str), "{language} {table}.{key}");
            };
            for action in Action::ALL {
                has("action", action.as_str());
            }
            for consent in Consent::ALL {
                has("consent", consent.as_str());
            }
            for capture in Capture::ALL {
                has("capture", capture.as_str());
            }
            for other in Language::ALL {
                has("languages", other.code());
            }
            for method in ["double_optin_post", "one_click_post", "page_post", "mailto", "arf", "dsn", "staff"] {
                has("method", method);
            }
            for method in ["expiry_job", "departures_record", "import"] {
                has("method", method);
            }
            for action in Action::ALL {
                has("bases", action.basis());
            }
            has("purposes", crate::member::PURPOSE);
            has("channels", crate::member::CHANNEL);
            for detail in ["language", "until"] {
                has("detail", detail);
            }
            for place in ["join", "renewal-letter", "preferences", "carillon"] {
                has("place", place);
            }
            for mismatch in Mismatch::ALL {
                has("doubt", &key_of(mismatch));
            }
        }
        let keys =
            |language| toml::from_str::<toml::Table>(words(language)).unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(InterfaceLanguage::Fr), keys(InterfaceLanguage::En));
    }
}
