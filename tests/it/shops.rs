//! What `docs/shops.md` gives shops to paste is what the listener takes: the fields of every form and of every call in it are
//! sent.

use std::collections::BTreeSet;
use std::fs;

use jiff::SignedDuration;
use serde_json::{Map, Value};

use crate::join::time_in;
use crate::join_json::sign_up;
use crate::support::backend::Backend;
use crate::support::shop::Shop;
use crate::tidy::root;

const NOW: &str = "2027-01-03T10:00:00Z";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const JSON: &str = "Content-Type: application/json\r\n";
const CAMILLE: &str = "camille@example.fr";

/// The blocks of code in a document, each behind the name of its language.
fn blocks(document: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join(document)).unwrap();
    let fenced = text.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.split_once('\n')).map(|(kind, code)| (kind.to_owned(), code.to_owned())).collect()
}

/// What stands between `open` and the next `close` in `text`, each time.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open).skip(1).filter_map(|rest| rest.split_once(close)).map(|(inside, _)| inside).collect()
}

/// The inputs of the forms in `code` that lead to ours: the name and the value of each.
fn forms(code: &str) -> Vec<Vec<(String, String)>> {
    let inputs = |form: &str| {
        let inputs = between(form, "<input ", ">").into_iter().map(|input| {
            let value = |name: &str| between(input, &format!("{name}=\""), "\"").first().map(|it| (*it).to_owned());
            (value(" name").expect("an input without a name is not sent"), value("value").unwrap_or_default())
        });
        inputs.collect()
    };
    between(code, "<form method=\"post\"", "</form>").into_iter().map(inputs).collect()
}

#[tokio::test]
async fn every_form_in_the_documents_leads_to_ours_with_what_was_typed() {
    let mut posted = Vec::new();
    let blocks = ["docs/shops.md", "docs/members.md"].into_iter().flat_map(blocks);
    for (kind, fields) in blocks.flat_map(|(kind, code)| forms(&code).into_iter().map(move |it| (kind.clone(), it))) {
        let shop = Shop::open(Backend::Sqlite, NOW).await;
        let names: BTreeSet<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, BTreeSet::from(["email", "source"]), "{kind}");
        let typed = |name: &str, value: &str| if name == "email" { CAMILLE.to_owned() } else { value.to_owned() };
        let pairs = fields.iter().map(|(name, value)| (name.as_str(), typed(name, value)));
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        for path in ["/join", "/en/join"] {
            let page = shop.post(path, FORM, &body).await;
            assert_eq!(page.status, 422, "a script is told that nothing was taken yet: {kind}");
            assert!(page.text().contains(&format!("value=\"{CAMILLE}\"")), "{kind}");
            assert!(page.text().contains("name=\"source\" value=\"footer\""), "{kind}");
            assert!(!time_in(page.text()).is_empty());
        }
        posted.push(kind);
    }
    assert_eq!(posted, ["html", "smarty", "php", "html"], "a form for each shop");
}

/// The names that a call in `code` sends, where it writes a JSON object.
fn sent(code: &str) -> Vec<Vec<String>> {
    let script = between(code, "JSON.stringify({", "})").into_iter().map(|object| {
        let names = object.split(',').filter_map(|field| field.split_once(':'));
        names.map(|(name, _)| name.trim().to_owned()).collect::<Vec<_>>()
    });
    let php = between(code, "wp_json_encode([", "])").into_iter().map(|object| {
        let names = object.lines().filter(|line| line.contains("=>")).filter_map(|line| line.split('\'').nth(1));
        names.map(str::to_owned).collect::<Vec<_>>()
    });
    script.chain(php).collect()
}

#[tokio::test]
async fn every_call_in_the_documents_signs_somebody_up() {
    let mut posted = Vec::new();
    for (kind, code) in blocks("docs/shops.md") {
        for names in sent(&code) {
            let shop = Shop::open(Backend::Sqlite, NOW).await;
            let whole = sign_up(&shop, CAMILLE, "fr").await;
            shop.clock.advance_to(shop.clock.now() + SignedDuration::from_secs(3));
            let call: Map<String, Value> =
                names.iter().map(|name| (name.clone(), whole.get(name).cloned().unwrap_or_default())).collect();
            let reply = shop.post("/join.json", JSON, &Value::Object(call).to_string()).await;
            assert_eq!(reply.status, 202, "{names:?}: {}", reply.text());
            posted.push(kind.clone());
        }
    }
    assert_eq!(posted, ["js", "php"]);
}
