//! From a document to a [`Campaign`]: every key, every type, as many problems at once as can be seen.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::expression::season_named;
use super::file::{
    AudienceClass, Campaign, Declaration, DeclaredSale, Every, Group, Mailing, MailingKind, MailingTexts, Offer,
    OfferLimit, PricesShown, SaleWords, Window,
};
use super::reader::{Reader, Table};
use super::{EXAMPLE, Expression, Written};
use crate::calendar::Market;
use crate::document::Document;
use crate::finding::{Finding, Place};
use crate::member::{Language, ListName};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken};
use crate::text::{Line, Slug, TextError, WebAddress, Wording};

impl Campaign {
    /// Reads a campaign file.
    ///
    /// # Errors
    /// Everything that is wrong with the file taken alone, in the order of its lines. None of the findings can be
    /// waived: without them mended there is no campaign to speak of.
    pub fn parse(document: &Document) -> Result<Self, Vec<Finding>> {
        let reader = Reader::new(document);
        let tree = reader.tree();
        let campaign = if reader.is_content() { campaign(&reader, reader.top(&tree)) } else { None };
        match campaign {
            Some(campaign) if reader.is_content() => Ok(campaign),
            _ => Err(reader.into_findings()),
        }
    }
}

fn campaign(reader: &Reader<'_>, mut top: Table<'_, '_>) -> Option<Campaign> {
    let slug = top.required_text("slug", "`slug = \"journees-magiques-hiver-2027\"`");
    let slug = slug.and_then(|slug| reader.parsed(slug, "slug.invalid", phrase!("slug-example"), Slug::from_str));
    let title =
        top.required_text("title", "`title = \"Les journées magiques\"`").and_then(|title| shown(reader, title));
    let label = top.text("label").and_then(|label| shown(reader, label));
    let markets = markets(reader, &mut top);
    let channel = top
        .required_text("channel", "`channel = \"online\"`")
        .and_then(|channel| reader.parsed(channel, "channel.unknown", phrase!("channel-example"), str::parse));
    let audience = top
        .required_text("audience", "`audience = \"public\"`")
        .and_then(|audience| reader.parsed(audience, "audience.unknown", phrase!("audience-example"), str::parse));
    let group = top.table("group").map(|table| (table.place(), group(reader, table)));
    if let Some(audience) = &audience {
        check_group(reader, audience, group.as_ref().map(|(place, _)| place));
    }
    let unlisted = top.flag("unlisted");
    if let (Some(audience), Some(listed)) = (&audience, unlisted.as_ref().filter(|unlisted| !unlisted.value)) {
        check_listed(reader, audience.value, listed.place.clone());
    }
    let limited_by = limited_by(reader, &mut top);
    let show_prices = top.text("show_prices").and_then(|word| {
        reader.parsed(word, "offer.show-prices", phrase!("offer-show-prices-example"), str::parse::<PricesShown>)
    });
    let continues = continues(reader, &mut top);
    let declaration = top.table("declaration").map(|table| declaration(reader, table));
    let sector = top.text("sector");
    let every = top.table("edition").map(|table| edition(reader, table));
    let url = top.text("url").and_then(|url| web_address(reader, url));
    let picture = top.text("picture").and_then(|picture| picture_file(reader, picture));
    let words = sale_words(reader, &mut top, picture.as_ref());
    let window = if let Some(table) = top.table("window") {
        window(reader, table)
    } else {
        top.missing("window", "`[window]`");
        None
    };
    let is_closed = audience.as_ref().is_some_and(|audience| audience.value.is_closed());
    if let Some(window) = window.as_ref().filter(|_| is_closed || unlisted.as_ref().is_some_and(|flag| flag.value)) {
        check_announced_nowhere(reader, window);
    }
    let offers = top.tables("offers").into_iter().map(|table| offer(reader, table)).collect::<Vec<_>>();
    let mailings = top.tables("mailings").into_iter().map(|table| mailing(reader, table)).collect::<Vec<_>>();
    top.finish();
    let mailings = mailings.into_iter().collect::<Option<Vec<_>>>()?;
    check_names(reader, &mailings);
    let campaign = Campaign {
        document: reader.document().clone(),
        slug: slug?,
        title: title?,
        label,
        markets,
        channel: channel?,
        audience: audience?,
        group: match group {
            Some((_, group)) => Some(group?),
            None => None,
        },
        unlisted,
        limited_by,
        show_prices,
        continues,
        declaration: match declaration {
            Some(declaration) => Some(declaration?),
            None => None,
        },
        sector,
        url,
        picture,
        every: match every {
            Some(every) => Some(every?),
            None => None,
        },
        words,
        window: window?,
        offers: offers.into_iter().collect::<Option<_>>()?,
        mailings,
    };
    check_edition(reader, &campaign);
    Some(campaign)
}

/// How often the sale is held again.
fn edition(reader: &Reader<'_>, mut table: Table<'_, '_>) -> Option<Written<Every>> {
    let every = table.required_text("every", "`every = \"year\"`").and_then(|every| {
        reader.parsed(every, "edition.every", phrase!("edition-every-example"), |word| {
            season_named(word).parse::<Every>()
        })
    });
    table.finish();
    every
}

/// Whether the sale can be held again as it says: its next edition is found by the law's dates.
fn check_edition(reader: &Reader<'_>, campaign: &Campaign) {
    let Some(every) = &campaign.every else { return };
    let place = every.place.clone();
    match campaign.edition() {
        None => reader.report(Finding::error("edition.every", place, phrase!("edition-without-season"))),
        Some(own) if !every.value.fits(&own.season) => {
            let fits = Every::of_season(&own.season);
            let (season, every, fits) = (Fact::text(&own.season), Fact::text(every.value), Fact::text(fits));
            let message = phrase!("edition-other-season", season = season, every = every, fits = fits);
            reader.report(Finding::error("edition.every", place, message));
        }
        Some(_) => {}
    }
}

fn markets(reader: &Reader<'_>, top: &mut Table<'_, '_>) -> Vec<Written<Market>> {
    let example = "`markets = [\"FR\"]`";
    if !top.has("markets") {
        top.missing("markets", example);
        return Vec::new();
    }
    let place = top.place_of("markets");
    let texts = top.texts("markets");
    if texts.is_empty() && reader.is_content() {
        reader.report(Finding::error("market.none", place, phrase!("market-none", example = example)));
    }
    let mut seen = BTreeSet::new();
    let mut markets = Vec::new();
    for text in texts {
        let remedy = phrase!("market-example");
        let Some(market) = reader.parsed(text, "market.unknown", remedy, Market::from_str) else { continue };
        if seen.insert(market.value) {
            markets.push(market);
        } else {
            let message = phrase!("market-twice", market = Fact::text(market.value));
            reader.report(Finding::error("market.twice", market.place, message));
        }
    }
    markets
}

fn group(reader: &Reader<'_>, mut table: Table<'_, '_>) -> Option<Group> {
    let who = table.required_text("who", "`who = \"les clients de la boutique de Metz en 2026\"`");
    let who = who.and_then(|who| shown(reader, who));
    let fixed_on = table.moment("fixed_on", "`fixed_on = \"2026-12-01\"`").and_then(|day| {
        reader.parsed(day, "group.date", phrase!("group-date-example"), |day| {
            day.parse::<Date>().map_err(|_| phrase!("group-date", written = day))
        })
    });
    let joinable = table.flag("joinable");
    if joinable.is_none() {
        table.missing("joinable", "`joinable = false`");
    }
    let size = table.count("size");
    let list = table.text("list").map(|list| list_name(reader, list));
    table.finish();
    let list = match list {
        Some(list) => Some(list?),
        None => None,
    };
    Some(Group { who: who?, fixed_on: fixed_on?, joinable: joinable?, size, list })
}

/// What limits the offer. An empty list says that nothing does.
fn limited_by(reader: &Reader<'_>, top: &mut Table<'_, '_>) -> Option<Vec<Written<OfferLimit>>> {
    if !top.has("limited_by") {
        return None;
    }
    let words = top.texts("limited_by");
    let read =
        |word| reader.parsed(word, "offer.limited-by", phrase!("offer-limited-by-example"), OfferLimit::from_str);
    Some(words.into_iter().filter_map(read).collect())
}

/// The campaigns that this one is one reduction with.
fn continues(reader: &Reader<'_>, top: &mut Table<'_, '_>) -> Vec<Written<Slug>> {
    let slugs = if top.has("continues") { top.texts("continues") } else { Vec::new() };
    let read = |slug| reader.parsed(slug, "slug.invalid", phrase!("continues-example"), str::parse::<Slug>);
    slugs.into_iter().filter_map(read).collect()
}

fn declaration(reader: &Reader<'_>, mut table: Table<'_, '_>) -> Option<Declaration> {
    let place = table.place();
    let kind = table.required_text("kind", "`kind = \"liquidation\"`").and_then(|kind| {
        let remedy = phrase!("declaration-kind-example");
        reader.parsed(kind, "declaration.kind", remedy, str::parse::<DeclaredSale>)
    });
    let receipt = table.text("receipt").and_then(|receipt| shown(reader, receipt));
    let ground = table.text("ground").and_then(|ground| shown(reader, ground));
    if !table.has("receipt") && !table.has("ground") {
        reader.report(Finding::error("declaration.empty", place, phrase!("declaration-empty")));
    }
    table.finish();
    Some(Declaration { kind: kind?, receipt, ground })
}

fn check_group(reader: &Reader<'_>, audience: &Written<AudienceClass>, group: Option<&Place>) {
    match (audience.value, group) {
        (AudienceClass::ClosedGroup, None) => {
            reader.report(Finding::error("group.missing", audience.place.clone(), phrase!("group-missing")));
        }
        (AudienceClass::ClosedGroup, Some(_)) | (_, None) => {}
        (class, Some(place)) => {
            let message = phrase!("group-unused", audience = Fact::text(class));
            reader.report(Finding::error("group.unused", place.clone(), message));
        }
    }
}

/// A sale that stands in no list has no day on which it comes into them.
fn check_announced_nowhere(reader: &Reader<'_>, window: &Window) {
    if let Some(from) = &window.announce_from {
        let message = phrase!("window-announced-nowhere");
        reader.report(Finding::error("window.announce-from", from.place.clone(), message));
    }
}

/// What `announce_from` may look like.
const ANNOUNCED: &str = "window.opens - 7 days at 08:00";

fn check_listed(reader: &Reader<'_>, audience: AudienceClass, place: Place) {
    if audience.is_closed() {
        let message = phrase!("group-listed", audience = Fact::text(audience));
        reader.report(Finding::error("group.listed", place, message));
    }
}

fn window(reader: &Reader<'_>, mut table: Table<'_, '_>) -> Option<Window> {
    let timezone = table.required_text("timezone", "`timezone = \"Europe/Paris\"`").and_then(|name| {
        reader.parsed(name, "window.timezone", phrase!("window-timezone-example"), |name| {
            let zone = TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some());
            zone.ok_or_else(|| phrase!("window-timezone", written = name))
        })
    });
    let opens = expression(reader, &mut table, "opens", EXAMPLE);
    let closes = expression(reader, &mut table, "closes", "soldes.winter.2027");
    let announce_from = table.has("announce_from").then(|| expression(reader, &mut table, "announce_from", ANNOUNCED));
    let mut choice = |key| {
        table
            .text(key)
            .and_then(|word| reader.parsed(word, "window.dst-choice", phrase!("window-dst-choice"), str::parse))
    };
    let (in_gap, in_overlap) = (choice("in_gap"), choice("in_overlap"));
    table.finish();
    let announce_from = match announce_from {
        Some(announce_from) => Some(announce_from?),
        None => None,
    };
    Some(Window { timezone: timezone?, opens: opens?, closes: closes?, announce_from, in_gap, in_overlap })
}

fn expression(
    reader: &Reader<'_>,
    table: &mut Table<'_, '_>,
    key: &'static str,
    example: &str,
) -> Option<Written<Expression>> {
    let written = table.moment(key, &format!("`{key} = \"{example}\"`"))?;
    reader.parsed(written, "anchor.syntax", phrase!("anchor-example", example = example), |text| {
        text.parse::<Expression>().map_err(|error| phrase!("anchor-syntax", key = key, why = error.phrase()))
    })
}

fn offer(reader: &Reader<'_>, mut table: Table<'_, '_>) -> Option<Offer> {
    let name = table.required_text("name", "`name = \"Bottines et bottes\"`").and_then(|name| shown(reader, name));
    let prices = table.required_text("prices", "`prices = \"offers/bottines.csv\"`");
    let sheet = table.text("sheet").and_then(|sheet| shown(reader, sheet));
    table.finish();
    Some(Offer { name: name?, prices: prices?, sheet })
}

fn mailing(reader: &Reader<'_>, mut table: Table<'_, '_>) -> Option<Mailing> {
    let place = table.place();
    let kind = table.required_text("kind", "`kind = \"announcement\"`").and_then(|kind| {
        let remedy = phrase!("mailing-kind-example");
        reader.parsed(kind, "mailing.kind", remedy, str::parse::<MailingKind>)
    });
    let name = table.text("name").map(|name| {
        let remedy = phrase!("mailing-name-example");
        reader.parsed(name, "mailing.name", remedy, |name| name.parse::<Slug>().map(|slug| slug.to_string()))
    });
    let not_before = expression(reader, &mut table, "not_before", "window.opens - 1 day at 10:00");
    let not_after = expression(reader, &mut table, "not_after", "window.opens");
    let languages = languages(reader, &mut table);
    let to = lists(reader, &mut table, ("to", "mailing.to", phrase!("mailing-to-nobody")));
    let not = lists(reader, &mut table, ("not", "mailing.not", phrase!("mailing-not-nobody")));
    for list in not.iter().filter(|list| to.iter().any(|known| known.value == list.value)) {
        let message = phrase!("mailing-not-its-own", list = Fact::text(&list.value));
        reader.report(Finding::error("mailing.not", list.place.clone(), message));
    }
    let texts = texts(reader, &mut table, &languages);
    table.finish();
    let kind = kind?;
    let name = match name {
        Some(name) => name?,
        None => kind.clone().with(kind.to_string()),
    };
    Some(Mailing { kind, name, not_before: not_before?, not_after: not_after?, languages, to, not, texts, place })
}

fn list_name(reader: &Reader<'_>, list: Written<String>) -> Option<Written<ListName>> {
    reader.parsed(list, "list.name", phrase!("list-name-example"), str::parse)
}

/// The lists under a key that a mailing goes to, or does not. An empty list of lists would be nobody, or everybody: it is neither.
fn lists(
    reader: &Reader<'_>,
    table: &mut Table<'_, '_>,
    (key, rule, none): (&'static str, &'static str, Phrase),
) -> Vec<Written<ListName>> {
    if !table.has(key) {
        return Vec::new();
    }
    let place = table.place_of(key);
    let names = table.texts(key);
    if names.is_empty() && reader.is_content() {
        reader.report(Finding::error(rule, place, none));
    }
    let mut lists: Vec<Written<ListName>> = Vec::new();
    for name in names {
        let Some(list) = list_name(reader, name) else { continue };
        if lists.iter().any(|known| known.value == list.value) {
            let message = phrase!("mailing-to-twice", list = Fact::text(&list.value));
            reader.report(Finding::error(rule, list.place, message));
        } else {
            lists.push(list);
        }
    }
    lists
}

/// The name of a file in the folder of pictures.
fn picture_file(reader: &Reader<'_>, picture: Written<String>) -> Option<Written<Line>> {
    let picture = shown(reader, picture)?;
    if picture.value.contains(['/', '\\']) {
        reader.report(Finding::error("picture.file", picture.place, phrase!("picture-file")));
        return None;
    }
    Some(picture)
}

/// What the sale is called and how it is introduced, language by language. A picture needs words in each of them.
fn sale_words(
    reader: &Reader<'_>,
    top: &mut Table<'_, '_>,
    picture: Option<&Written<Line>>,
) -> BTreeMap<Language, SaleWords> {
    let mut found = BTreeMap::new();
    let by_language = top.table("words");
    if let (None, Some(picture)) = (&by_language, picture) {
        reader.report(Finding::error("picture.words", picture.place.clone(), phrase!("picture-without-words")));
    }
    let Some(mut by_language) = by_language else { return found };
    for language in Language::ALL {
        let Some(mut table) = by_language.table(language.code()) else { continue };
        let title = table.text("title").and_then(|title| shown(reader, title));
        let intro = table.text("intro").and_then(|intro| fit(reader, intro, Wording::prose));
        if let Some(intro) = &intro {
            check_placeholders(reader, intro);
        }
        let button = table.text("button").and_then(|button| shown(reader, button));
        let alt = table.text("alt").and_then(|alt| shown(reader, alt));
        if picture.is_some() && !table.has("alt") {
            let message = phrase!("picture-no-alt", language = Fact::text(language));
            reader.report(Finding::error("picture.words", table.place(), message));
        }
        table.finish();
        found.insert(language, SaleWords { title, intro, button, alt });
    }
    by_language.finish();
    found
}

fn languages(reader: &Reader<'_>, table: &mut Table<'_, '_>) -> Vec<Written<Language>> {
    if !table.has("languages") {
        table.missing("languages", "`languages = [\"fr\", \"en\"]`");
        return Vec::new();
    }
    let place = table.place_of("languages");
    let texts = table.texts("languages");
    if texts.is_empty() {
        reader.report(Finding::error("mailing.languages", place, phrase!("mailing-no-language")));
    }
    let mut languages: Vec<Written<Language>> = Vec::new();
    for text in texts {
        let remedy = phrase!("mailing-language-example");
        let Some(language) = reader.parsed(text, "mailing.languages", remedy, Language::from_str) else { continue };
        if languages.iter().any(|known| known.value == language.value) {
            let message = phrase!("mailing-language-twice", language = Fact::text(language.value));
            reader.report(Finding::error("mailing.languages", language.place, message));
        } else {
            languages.push(language);
        }
    }
    languages
}

fn texts(
    reader: &Reader<'_>,
    table: &mut Table<'_, '_>,
    languages: &[Written<Language>],
) -> BTreeMap<Language, MailingTexts> {
    let mut found = BTreeMap::new();
    let Some(mut by_language) = table.table("texts") else { return found };
    for language in Language::ALL {
        let Some(mut table) = by_language.table(language.code()) else { continue };
        // What the mailing goes out in is not known when its list could not be read.
        if !languages.is_empty() && !languages.iter().any(|known| known.value == language) {
            let message = phrase!("mailing-texts-unused", language = Fact::text(language));
            reader.report(Finding::error("mailing.texts-unused", table.place(), message));
        }
        let mut wording = |key, read: fn(&str) -> Result<Wording, TextError>| {
            let wording = table.text(key).and_then(|text| fit(reader, text, read))?;
            check_placeholders(reader, &wording);
            Some(wording)
        };
        let subject = wording("subject", Wording::line);
        let headline = wording("headline", Wording::line);
        let intro = wording("intro", Wording::prose);
        table.finish();
        found.insert(language, MailingTexts { subject, headline, intro });
    }
    by_language.finish();
    found
}

/// Reports braces in which nothing stands that could be filled in, at their own line.
fn check_placeholders(reader: &Reader<'_>, wording: &Written<Wording>) {
    let Err(error) = wording.check_placeholders() else { return };
    let document = reader.document();
    let written = document.text.get(wording.span.clone()).and_then(|text| text.find(error.words()));
    let place = written.map_or_else(
        || wording.place.clone(),
        |at| {
            let start = wording.span.start + at;
            document.place(start..start + error.words().len())
        },
    );
    reader.report(Finding::error("text.placeholder", place, error.phrase()));
}

fn check_names(reader: &Reader<'_>, mailings: &[Mailing]) {
    let mut seen = BTreeSet::new();
    for mailing in mailings {
        if !seen.insert(mailing.name.value.as_str()) {
            let message = phrase!("mailing-duplicate-name", mailing = mailing.name.value.as_str());
            reader.report(Finding::error("mailing.duplicate-name", mailing.name.place.clone(), message));
        }
    }
}

/// A text of one line that people see.
fn shown(reader: &Reader<'_>, text: Written<String>) -> Option<Written<Line>> {
    fit(reader, text, Line::parse)
}

/// A text that people see, as the type that `read` makes of it.
fn fit<T>(
    reader: &Reader<'_>,
    text: Written<String>,
    read: impl Fn(&str) -> Result<T, TextError>,
) -> Option<Written<T>> {
    match read(&text.value) {
        Ok(value) => Some(text.with(value)),
        Err(why) => {
            reader.report(Finding::error("text.unfit", text.place, why.phrase()));
            None
        }
    }
}

/// The page of the shop. Letters and pages send people there, so it must be encrypted.
fn web_address(reader: &Reader<'_>, text: Written<String>) -> Option<Written<WebAddress>> {
    reader.parsed(text, "url.invalid", phrase!("url-example"), |text| match WebAddress::parse(text) {
        Ok(address) if address.is_private() => Ok(address),
        Ok(_) => Err(phrase!("url-not-encrypted")),
        Err(why) => Err(phrase!("url-invalid", why = why.phrase())),
    })
}

#[cfg(test)]
mod tests {

    use super::super::sample;
    use super::*;

    /// The findings as `line:column rule: message`.
    #[track_caller]
    fn check(edits: &[(&str, &str)], expected: &[&str]) {
        let found: Vec<String> = match Campaign::parse(&sample::with(edits)) {
            Ok(_) => Vec::new(),
            Err(findings) => findings
                .iter()
                .map(|Finding { rule, place, message, .. }| {
                    let at = |number: Option<usize>| number.unwrap_or_default();
                    format!("{}:{} {rule}: {message}", at(place.line), at(place.column))
                })
                .collect(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn a_whole_file_is_read() {
        check(&[], &[]);
        let campaign = Campaign::parse(&sample::with(&[])).unwrap();
        assert_eq!(campaign.title.as_str(), "Les journées magiques");
        assert_eq!(campaign.title.place.to_string(), "hiver.toml:2:9");
        assert_eq!(campaign.mailings[0].name.value, "announcement");
    }

    #[test]
    fn the_file_that_comes_with_carillon_is_a_campaign() {
        let text = include_str!("../../config/campaigns/journees-magiques.toml");
        let campaign = Campaign::parse(&Document::new("journees-magiques.toml", text)).unwrap();
        assert_eq!(campaign.mailings.len(), 2);
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let edits = [
            ("slug = \"hiver-2027\"", "slug = \"Hiver 2027\""),
            ("channel = \"online\"", "chanel = \"online\""),
            ("\"public\"", "\"private\""),
            ("closes = \"soldes.winter.2027\"", "closes = \"solde.winter.2027\""),
            ("languages = [\"fr\", \"en\"]", "languages = [\"fr\", \"fr\", \"pl\", 3]"),
        ];
        check(
            &edits,
            &[
                "1:1 file.missing-key: `channel` is missing from the top of the file",
                "1:8 slug.invalid: `Hiver 2027` cannot be a slug: 1 to 64 lower-case letters without accents, digits \
                 and single dashes, a letter first",
                "4:1 file.unknown-key: `chanel` is not a key of the top of the file",
                "5:12 audience.unknown: `private` is not one of `public`, `open-members`, `closed-group`, `personal`",
                "10:10 anchor.syntax: `closes` is not understood: `solde.winter.2027` is neither a legal period \
                 (`soldes.winter.2027`, `blackout.winter.2027`), nor `window.opens` or `window.closes`, nor a date and \
                 time (`2027-01-02 08:00`)",
                "17:20 mailing.languages: the language `fr` is named twice",
                "17:26 mailing.languages: the language is none of `fr`, `en`, `nl`, `de`, `it`, `es` and `pt`",
                "17:32 file.wrong-type: `languages` is a number here, and should be a list of texts such as [\"fr\", \
                 \"en\"]",
            ],
        );
    }

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        let document = sample::with(&[("channel = \"online\"", "chanel = \"online\"")]);
        let findings = Campaign::parse(&document).unwrap_err();
        assert_eq!(findings[1].remedy.to_string(), "write `channel` if that is what is meant, or remove the line");
        assert_eq!(findings[1].place.words.as_deref(), Some("chanel"));
    }

    #[test]
    fn syntax_is_reported_where_it_breaks() {
        check(
            &[("title = \"Les", "title = Les")],
            &["2:9 file.syntax: this is not TOML: missing opening quote, expected `\"`"],
        );
    }

    #[test]
    fn a_closed_group_is_described_and_no_other_audience_is() {
        let closed = ("\"public\"", "\"closed-group\"");
        let group =
            ("[window]", "[group]\nwho = \"les clients de Metz\"\nfixed_on = 2026-12-01\njoinable = false\n\n[window]");
        check(&[closed, group], &[]);
        let missing = "5:12 group.missing: a closed group must be described, because the price rules depend on how closed \
                       it is";
        check(&[closed], &[missing]);
        check(&[group], &["7:1 group.unused: the audience is `public`, so there is no group to describe"]);
        let sized = ("joinable = false", "joinable = false\nsize = 1_200");
        let campaign = Campaign::parse(&sample::with(&[closed, group, sized])).unwrap();
        assert_eq!(campaign.group.unwrap().size.map(|size| size.value), Some(1200));
        let negative = ("joinable = false", "joinable = false\nsize = -3");
        let wanted =
            "11:8 file.wrong-type: `size` is a number here, and should be a whole number that is not below nought";
        check(&[closed, group, negative], &[wanted]);
        let day = ("[window]", "[group]\nwho = \"x\"\nfixed_on = \"hier\"\njoinable = \"no\"\n[window]");
        check(
            &[closed, day],
            &[
                "7:1 file.missing-key: `joinable` is missing from `[group]`",
                "9:12 group.date: `hier` is not a day",
                "10:12 file.wrong-type: `joinable` is a text here, and should be `true` or `false`",
            ],
        );
    }

    #[test]
    fn a_mailing_names_the_lists_that_it_goes_to() {
        let to = |lists: &str| sample::with(&[("languages", &format!("to = {lists}\nlanguages"))]);
        let campaign = Campaign::parse(&to("[\"club\", \"clientes-2026\"]")).unwrap();
        let names: Vec<String> = campaign.mailings[0].to.iter().map(|list| list.value.to_string()).collect();
        assert_eq!(names, ["club", "clientes-2026"]);
        for (lists, expected) in [
            ("[]", "17:6 mailing.to: `to` names no list"),
            ("[\"club\", \"club\"]", "17:15 mailing.to: `club` is named twice"),
            ("\"Club 2026\"", "17:6 list.name: `Club 2026` is no name of a list"),
        ] {
            check(&[("languages", &format!("to = {lists}\nlanguages"))], &[expected]);
        }
    }

    #[test]
    fn what_limits_the_offer_is_read() {
        let limits = |line: &str| {
            let campaign = Campaign::parse(&sample::with(&[("[window]", &format!("{line}\n\n[window]"))])).unwrap();
            campaign.limited_by.map(|limits| limits.into_iter().map(|limit| limit.value).collect::<Vec<_>>())
        };
        assert_eq!(limits(""), None);
        assert_eq!(limits("limited_by = []"), Some(Vec::new()));
        assert_eq!(limits("limited_by = [\"stock\", \"brands\"]"), Some(vec![OfferLimit::Stock, OfferLimit::Brands]));
        let other = ("[window]", "limited_by = \"time\"\n\n[window]");
        check(&[other], &["7:14 offer.limited-by: `time` is not one of `stock`, `brands`"]);
    }

    #[test]
    fn a_declaration_says_on_what_it_stands() {
        let with = |table: &str, expected: &[&str]| check(&[("[window]", &format!("{table}\n[window]"))], expected);
        with("[declaration]\nkind = \"liquidation\"\nreceipt = \"57-2027-012\"\n", &[]);
        with("[declaration]\nkind = \"factory-store\"\nground = \"our own workshop at Romans\"\n", &[]);
        let nothing =
            "7:1 declaration.empty: the table says neither which receipt there is nor on what ground the sale stands";
        with("[declaration]\nkind = \"liquidation\"\n", &[nothing]);
        let kind = "8:8 declaration.kind: `sale` is not one of `liquidation`, `factory-store`";
        with("[declaration]\nkind = \"sale\"\nreceipt = \"1\"\n", &[kind]);
    }

    #[test]
    fn a_sale_for_chosen_people_is_in_no_list() {
        check(&[("\"public\"", "\"open-members\"\nunlisted = true")], &[]);
        let listed = [("\"public\"", "\"personal\"\nunlisted = false")];
        check(&listed, &["6:12 group.listed: the audience is `personal`, so the sale stands in no public list"]);
        let nowhere = |audience: &'static str, line: usize| {
            let edits = [("\"public\"", audience), ("[window]", "[window]\nannounce_from = \"window.opens\"")];
            check(
                &edits,
                &[&format!("{line}:17 window.announce-from: this sale stands in no public list at any time")],
            );
        };
        nowhere("\"personal\"", 8);
        nowhere("\"public\"\nunlisted = true", 9);
    }

    #[test]
    fn mailings_have_different_names() {
        let twice = "\n[[mailings]]\nkind = \"announcement\"\nnot_before = \"window.opens - 2 days\"\n\
                     not_after = \"window.opens\"\nlanguages = \"fr\"\n";
        let languages = "languages = [\"fr\", \"en\"]\n";
        check(
            &[(languages, &format!("{languages}{twice}"))],
            &["20:8 mailing.duplicate-name: two mailings are named `announcement`"],
        );
        let named = twice.replace("kind", "name = \"second\"\nkind");
        check(&[(languages, &format!("{languages}{named}"))], &[]);
    }

    #[test]
    fn texts_that_cannot_be_shown_are_refused() {
        check(
            &[("Les journées magiques", "Les\\njournées")],
            &["2:9 text.unfit: the text holds a line break (U+000A) after “Les”"],
        );
        for unseen in ['\u{200e}', '\u{2028}', '\u{feff}', '\u{202e}'] {
            let title = format!("Les journées{unseen} magiques");
            let Err(findings) = Campaign::parse(&sample::with(&[("Les journées magiques", &title)])) else {
                panic!("U+{:04X} passed", u32::from(unseen));
            };
            assert_eq!(findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["text.unfit"]);
        }
        check(&[("Les journées magiques", "  ")], &["2:9 text.unfit: the text is empty"]);
        let texts = "languages = [\"fr\"]\n[mailings.texts.en]\nsubject = \"x\"\n[mailings.texts.pl]\n";
        check(
            &[("languages = [\"fr\", \"en\"]\n", texts)],
            &[
                "18:1 mailing.texts-unused: there are texts in `en`, but the mailing does not go out in it",
                "20:17 file.unknown-key: `pl` is not a key of `[texts]`",
            ],
        );
    }

    #[test]
    fn what_cannot_be_filled_in_is_found_at_its_line() {
        let texts = "languages = [\"fr\"]\n[mailings.texts.fr]\nsubject = \"{shop} ouvre {opns}\"\n\
                     headline = \"{duration} {{magiques}}\"\nintro = \"\"\"\nDès {opens}.\n\nÀ {closes\"\"\"\n";
        check(
            &[("languages = [\"fr\", \"en\"]\n", texts)],
            &[
                "19:25 text.placeholder: nothing is called `{opns}`",
                "24:3 text.placeholder: the brace at `{closes` belongs to no placeholder",
            ],
        );
    }

    /// What `url` is read as, or the finding about it.
    #[track_caller]
    fn check_url(url: &str, expected: &str) {
        let line = format!("sector = \"shoes\"\nurl = \"{url}\"\n\n[window]");
        let said = match Campaign::parse(&sample::with(&[("[window]", &line)])) {
            Ok(campaign) => campaign.url.unwrap().to_string(),
            Err(findings) => format!("{} {}", findings[0].place.line.unwrap(), findings[0].message),
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn the_page_of_the_shop_is_an_address_that_a_letter_can_carry() {
        check_url("https://www.example.fr/vente", "https://www.example.fr/vente");
        check_url("https://www.example.fr/été", "https://www.example.fr/%C3%A9t%C3%A9");
        check_url("http://127.0.0.1:8080/vente", "http://127.0.0.1:8080/vente");
        let no = "8 this is no web address that a letter can carry: ";
        check_url("www.example.fr", &format!("{no}it does not begin with `https://`"));
        check_url(
            "https://www.example.fr/la vente",
            &format!("{no}it holds a space, a backslash or an invisible character"),
        );
        check_url("https://a@www.example.fr/", &format!("{no}it holds a user name before the host"));
        check_url("http://www.example.fr/vente", "8 this address is not encrypted, and letters lead people there");
    }
}
