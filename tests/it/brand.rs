//! `[brand]`: one definition, on every page and in every letter.

use std::fs;

use carillon::config::{ConfigError, Overrides, Settings};

use crate::support::backend::{Backend, both};
use crate::support::brands::{odette, plume};
use crate::support::folder::ShopFolder;
use crate::support::shop::{Shop, configure_with, get, run_sql};

const NOW: &str = "2026-12-30T18:12:47Z";

/// Pages of every kind that a visitor can see.
const PAGES: [&str; 5] =
    ["/", "/en", "/campaigns/journees-magiques-hiver-2027", "/en/campaigns/journees-magiques-hiver-2027", "/join"];

/// What is wrong with the section `brand`, as `line within it: message`.
#[track_caller]
fn check(brand: &str, expected: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("drawn.svg"), "<svg viewBox='0 0 4 1'></svg>").unwrap();
    fs::write(folder.path().join("large.png"), vec![0; 70_000]).unwrap();
    fs::write(folder.path().join("runs.svg"), "<svg viewBox='0 0 4 1'><script/></svg>").unwrap();
    let path = folder.path().join("carillon.toml");
    let before = include_str!("../../config/carillon.example.toml").replace("overrides = \"calendars\"", "");
    fs::write(&path, format!("{before}\n{brand}")).unwrap();
    let found = match Settings::load(&path, &Overrides::default()) {
        Ok(_) => Vec::new(),
        Err(ConfigError::Invalid(findings)) => {
            let line = |line: usize| line - before.lines().count() - 1;
            let shown = folder.path().display().to_string();
            let said = |finding: &carillon::finding::Finding| finding.message.to_string().replace(&shown, ".");
            let of_line = |finding| format!("{}: {}", line(finding_line(finding)), said(finding));
            findings.iter().map(of_line).collect()
        }
        Err(error) => panic!("{error}"),
    };
    assert_eq!(found, expected, "{brand}");
}

fn finding_line(finding: &carillon::finding::Finding) -> usize {
    finding.place.line.unwrap()
}

#[test]
fn what_cannot_be_shown_is_said_at_its_line() {
    check("[brand]", &[]);
    check("[brand]\ncolour = \"#14433d\"\ntypeface = \"didone\"\ncorners = \"round\"\nlogo = \"drawn.svg\"", &[]);
    check(
        "[brand]\ncolour = \"teal\"\ntypeface = \"comic\"\ncorners = \"oval\"\nlegal_url = \"http://www.example.fr\"",
        &[
            "2: `colour` in `[brand]`: this is no colour",
            "3: `typeface` in `[brand]`: there is nothing of this name",
            "4: `corners` in `[brand]`: there is nothing of this name",
            "5: `legal_url` in `[brand]`: this address is not encrypted, and letters and pages lead people there",
        ],
    );
    check(
        "[brand]\nlogo_dark = \"drawn.svg\"",
        &["2: `logo_dark` in `[brand]`: there is no `logo` that this is the dark one of"],
    );
    check(
        "[brand]\nlogo = \"large.png\"\nletter_logo = \"drawn.svg\"",
        &[
            "2: `logo` in `[brand]`: the picture is larger than 64 kB",
            "3: `letter_logo` in `[brand]`: Gmail and Outlook show no drawing",
        ],
    );
    check(
        "[brand]\nlogo = \"none.svg\"\nletter_logo = \"runs.svg\"",
        &[
            "2: `logo` in `[brand]`: `./none.svg` cannot be read: No such file or directory (os error 2)",
            "3: `letter_logo` in `[brand]`: the drawing holds a program, or loads something from elsewhere",
        ],
    );
}

#[tokio::test]
async fn every_page_has_the_logo_and_the_colour_of_the_shop_from_our_own_address() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    let plain = shop.get("/", "").await;
    let policy = |reply: &crate::support::shop::Reply| {
        let policy = reply.header("content-security-policy").unwrap();
        policy.split("; ").map(|rule| rule.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (brand, colour) in [(odette(), "--fill: #14433d;"), (plume(), "--fill: #d24112;")] {
        let settings = configure_with(shop.fresh.folder.path(), &brand);
        let address = shop.also(&settings).await;
        for path in PAGES {
            let page = get(address, path).await;
            assert_eq!(page.status, 200, "{path}");
            assert!(page.body.len() < 60_000, "{path} has {} bytes", page.body.len());
            assert_eq!(policy(&page), policy(&plain), "{path}: the policy is the same");
            assert!(page.header("set-cookie").is_none());
            let text = page.text();
            assert!(text.contains(colour) && text.contains("alt=\"Maison Exemple\""), "{path}: {text}");
            let sources: Vec<&str> = ["src=\"", "srcset=\""]
                .iter()
                .flat_map(|name| text.split(name).skip(1))
                .map(|rest| rest.split('"').next().unwrap())
                .collect();
            assert_eq!(sources.len(), 2, "{path}: {sources:?}");
            for source in sources {
                let logo = get(address, source).await;
                assert_eq!((logo.status, logo.header("content-type")), (200, Some("image/svg+xml")), "{source}");
                assert_eq!(logo.header("cache-control"), Some("public, max-age=31536000, immutable"));
                let alone = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
                assert_eq!(logo.header("content-security-policy"), Some(alone));
            }
        }
        assert_eq!(get(address, "/brand/none.svg").await.status, 404);
    }
    assert!(plain.text().contains("--fill: #23201c;") && !plain.text().contains("<img"), "without a brand, in ink");
}

/// Writes the letters of a shop that has `brand`, checks them with every rule, and gives their HTML.
fn letters(brand: &str) -> Vec<String> {
    let shop = ShopFolder::configured();
    shop.write("carillon.toml", format!("{}\n{brand}", shop.read("carillon.toml")));
    let mut all = Vec::new();
    for kind in ["announcement", "opening", "last-hours", "confirmation", "renewal"] {
        shop.run(&["mail", "preview", kind, "--out", kind]).exits(0);
        for language in ["fr", "en", "nl", "de", "it", "es", "pt"] {
            let file = |end: &str| format!("{kind}/{kind}.{language}.{end}");
            let linted = shop.run(&["mail", "lint", &file("eml")]);
            assert_eq!(linted.code, 0, "{kind} in {language}: {}", linted.stdout);
            all.push(shop.read(&file("html")));
        }
    }
    all
}

#[test]
fn every_letter_has_the_logo_of_the_shop_and_passes_every_check() {
    for (brand, colour) in [(odette(), "#14433d"), (plume(), "#d24112"), (String::new(), "#23201c")] {
        for html in letters(&brand) {
            assert!(html.contains(&format!("background-color:{colour}")), "{html}");
            let pictures: Vec<&str> =
                html.split("src=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
            assert_eq!(pictures.len(), if brand.is_empty() { 0 } else { 2 }, "{pictures:?}");
            for picture in pictures {
                let name = picture.strip_prefix("https://presale.example.fr/brand/").unwrap();
                assert!(name.strip_suffix(".png").is_some_and(|hash| hash.len() == 24), "{picture}");
            }
            // What Word needs: a width of its own, and room in cells.
            assert!(
                html.contains("<!--[if mso]><table role=\"presentation\" width=\"600\"")
                    && html.contains("mso-padding-alt")
            );
        }
    }
}

/// What is said of a campaign file with `more` in it.
#[track_caller]
fn said(shop: &ShopFolder, more: &str) -> Vec<String> {
    let sample = "slug = \"hiver-2027\"\ntitle = \"Les journées magiques\"\nmarkets = [\"FR\"]\nchannel = \"online\"\n\
                  audience = \"public\"\nMORE\n[window]\ntimezone = \"Europe/Paris\"\n\
                  opens = \"2032-01-02 08:00\"\ncloses = \"2032-01-06 08:00\"\n\n[[mailings]]\n\
                  kind = \"opening\"\nnot_before = \"window.opens\"\nnot_after = \"window.opens + 6 hours\"\n\
                  languages = [\"fr\", \"nl\"]\n";
    shop.write("hiver.toml", sample.replace("MORE", more));
    let said = shop.run(&["campaign", "check", "hiver.toml", "--json"]);
    let findings: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let rule = |finding: &serde_json::Value| finding["rule"].as_str().unwrap().to_owned();
    let about =
        |rule: &String| ["picture.", "text.", "mailing.texts", "words."].iter().any(|room| rule.starts_with(room));
    findings.as_array().unwrap().iter().map(rule).filter(about).collect()
}

/// The section `[brand]` with the pictures among the fixtures.
pub(crate) fn with_pictures(brand: &str) -> String {
    let folder = crate::tidy::root().join("tests/fixtures/pictures");
    format!("{brand}pictures = '{}'\n", folder.display())
}

#[test]
fn words_and_pictures_are_checked_where_they_are_written() {
    let shop = ShopFolder::configured();
    shop.write("carillon.toml", format!("{}\n{}", shop.read("carillon.toml"), with_pictures(&odette())));
    assert_eq!(said(&shop, ""), Vec::<String>::new());
    let words = |language: &str| {
        format!("[words.{language}]\ntitle = \"Un\"\nintro = \"Dès {{opens}}.\"\nalt = \"Des bottes\"\n")
    };
    let all = ["fr", "en", "nl"].map(words).concat();
    assert_eq!(said(&shop, &format!("picture = \"bottines.jpg\"\n{all}")), Vec::<String>::new());
    assert_eq!(said(&shop, &words("fr")), ["text.language-missing"]);
    assert_eq!(said(&shop, &format!("picture = \"none.jpg\"\n{all}")), ["picture.missing"]);
    assert_eq!(said(&shop, "picture = \"a/b.jpg\""), ["picture.file"]);
    assert_eq!(said(&shop, "picture = \"bottines.jpg\""), ["picture.words"]);
    assert_eq!(said(&shop, "picture = \"bottines.jpg\"\n[words.fr]\ntitle = \"Un\""), ["picture.words"]);
    assert_eq!(said(&shop, "[words.fr]\nintro = \"Dès {open}\""), ["text.placeholder"]);
    // The law of words holds for them as for every text of the file.
    let reserved =
        said(&shop, "[words.fr]\ntitle = \"Les soldes\"\n[words.en]\ntitle = \"A\"\n[words.nl]\ntitle = \"B\"");
    assert!(reserved.iter().any(|rule| rule == "words.soldes-outside-period"), "{reserved:?}");
}

#[test]
fn letters_have_the_words_and_the_picture_of_their_sale() {
    let shop = ShopFolder::configured();
    shop.write("carillon.toml", format!("{}\n{}", shop.read("carillon.toml"), with_pictures(&plume())));
    said(
        &shop,
        "picture = \"bottes.jpg\"\n[words.fr]\ntitle = \"Les flaques\"\nintro = \"Jusqu’au {closes.date}.\"\n\
         button = \"Sauter dedans\"\nalt = \"Deux bottes bleues\"\n[words.nl]\ntitle = \"De plassen\"\nalt = \"Twee laarzen\"",
    );
    shop.run(&["mail", "preview", "opening", "--campaign", "hiver.toml", "--out", "out"]).exits(0);
    for language in ["fr", "nl"] {
        assert_eq!(shop.run(&["mail", "lint", &format!("out/opening.{language}.eml")]).code, 0);
    }
    let (html, text) = (shop.read("out/opening.fr.html"), shop.read("out/opening.fr.txt"));
    for words in ["Les flaques", "Sauter dedans", "Jusqu’au"] {
        assert!(html.contains(words) && text.contains(words), "{words}: {html}");
    }
    assert!(html.contains("alt=\"Deux bottes bleues\"") && html.contains(".jpg\" width=\"600\""), "{html}");
    let dutch = shop.read("out/opening.nl.html");
    assert!(dutch.contains("De plassen") && dutch.contains("alt=\"Twee laarzen\"") && !dutch.contains("Sauter"));
    // A campaign that names no page of the shop leads to ours.
    assert!(html.contains("href=\"https://presale.example.fr/campaigns/hiver-2027\""), "{html}");
    assert!(dutch.contains("href=\"https://presale.example.fr/en/campaigns/hiver-2027\""), "{dutch}");
}

async fn words_and_picture_of_a_page(backend: Backend) {
    let shop = Shop::open(backend, NOW).await;
    let address = shop.also(&configure_with(shop.fresh.folder.path(), &with_pictures(&odette()))).await;
    let more = "\"offers\":[{\"name\":\"Bottines & bottes\",\"prices\":\"a.csv\"}],\"picture\":\"bottines.jpg\",\"words\":{\"en\":\
                {\"title\":\"The magic days\",\"intro\":\"Until {closes.date}.\\n\\nFor all.\",\"button\":\"Come in\",\"alt\":\"A boot\"}}";
    let change = |more: &str| {
        format!(
            "UPDATE campaigns SET schedule = replace(schedule, '\"offers\":[]', '{more}'), sequence = sequence + 1;"
        )
    };
    run_sql(&shop.fresh.url, &change(more));
    let page = get(address, "/en/campaigns/journees-magiques-hiver-2027").await;
    let text = page.text();
    for words in [
        "<title>The magic days",
        "<h1>The magic days</h1>",
        "For all.</p>",
        "alt=\"A boot\"",
        "Bottines &amp; bottes",
        "Come in</a>",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(text.contains("Until Wednesday 6\u{a0}January 2027."), "{text}");
    let photo = text.split("class=\"photo\" src=\"").nth(1).unwrap().split('"').next().unwrap();
    let photo = get(address, photo).await;
    assert_eq!((photo.status, photo.header("content-type")), (200, Some("image/jpeg")));
    let french = get(address, "/campaigns/journees-magiques-hiver-2027").await;
    assert!(french.text().contains("<h1>Les journées magiques</h1>") && !french.text().contains("class=\"photo\""));
    assert!(get(address, "/en").await.text().contains(">The magic days</a>"));
    // What was to be is promised no more: not on the page, not to who shows a preview of it.
    let (slug, now) = ("journees-magiques-hiver-2027".parse().unwrap(), shop.clock.now());
    shop.store.write_blocking(|db| carillon::db::campaigns::cancel(db, &slug, None, "camille", now)).unwrap().unwrap();
    let text = get(address, "/en/campaigns/journees-magiques-hiver-2027").await.text().to_owned();
    assert!(!text.contains("Until Wednesday"), "{text}");
    for name in ["name=\"description\"", "property=\"og:description\""] {
        let said = text.split(name).nth(1).unwrap().split('>').next().unwrap();
        assert!(said.contains("The sale was cancelled "), "{said}");
    }
}

both!(a_page_has_the_words_and_the_picture_of_its_sale, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(words_and_picture_of_a_page(backend));
});
