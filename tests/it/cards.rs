//! The articles of a sale on its page and in its letters: names and pictures from the file of the offers, and prices that follow from
//! the price history whenever somebody looks.

use std::net::SocketAddr;

use carillon::db::Store;
use carillon::transport::{Directory, Transport};
use mail_parser::MessageParser;

use crate::brand::with_pictures;
use crate::price::add;
use crate::support::backend::{Backend, both};
use crate::support::brands::{odette, plume};
use crate::support::build::{campaign_to_come, mailing};
use crate::support::folder::ShopFolder;
use crate::support::shop::{Applied, Shop, configure_with, get, run_sql};
use crate::support::world::{World, winter_sale};

const NOW: &str = "2026-12-30T18:12:47Z";
const OPENS: &str = "2027-01-02T07:00:00Z";
const PAGE: &str = "/campaigns/journees-magiques-hiver-2027";
const BEFORE: &str = "A,online,FR,public,2026-01-02,100.00,EUR,\n";

/// Has the applied sale show two articles of forty-six.
fn show(url: &carillon::config::StoreUrl, more: &str) {
    let article = |sku: &str, name: &str, price: &str, more: &str| {
        format!("{{\"sku\":\"{sku}\",\"name\":\"{name}\",\"price\":\"{price}\"{more}}}")
    };
    let camille = article(
        "A",
        "Camille",
        "70.00",
        ",\"picture\":\"bottines.jpg\",\"url\":\"https://shop.example.fr/camille?a=1&b=2\"",
    );
    let dominique = article("B", "Dominique <noir>", "50.00", "");
    let offers = format!(
        "\"offers\":[{{\"name\":\"Bottines\",\"prices\":\"b.csv\",\"further\":44,\"articles\":[{camille},{dominique}]}}]{more}"
    );
    run_sql(
        url,
        &format!(
            "UPDATE campaigns SET schedule = replace(schedule, '\"offers\":[]', '{offers}'), sequence = sequence + 1, \
             revision = revision + 1;"
        ),
    );
}

/// Adds rows to the history, as an import does.
async fn import(store: &Store, rows: &str) {
    let (store, rows) = (store.clone(), rows.to_owned());
    tokio::task::spawn_blocking(move || add(&store, &rows)).await.unwrap();
}

/// The page, once it holds `words`: a change of prices alone is looked up once a second.
async fn page_with(address: SocketAddr, path: &str, words: &str) -> String {
    for _ in 0..200 {
        let page = get(address, path).await.text().to_owned();
        if page.contains(words) {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("`{words}` is not in: {}", get(address, path).await.text());
}

/// The part of a page that is seen now.
fn face(page: &str) -> &str {
    page.split("<div class=\"face\">").nth(1).unwrap().split("<template").next().unwrap()
}

/// What the page says to programs.
fn data(page: &str) -> serde_json::Value {
    let text = page.split("<script type=\"application/ld+json\">").nth(1).unwrap().split("</script>").next().unwrap();
    serde_json::from_str(text).unwrap()
}

async fn prices_of_a_page(backend: Backend) {
    let shop = Shop::open(backend, NOW).await;
    let address = shop.also(&configure_with(shop.fresh.folder.path(), &with_pictures(&odette()))).await;
    import(&shop.store, BEFORE).await;
    show(&shop.fresh.url, "");
    // Before the opening: names and pictures, and no price anywhere in the page.
    let page = get(address, PAGE).await.text().to_owned();
    for words in [
        "<h3>Bottines</h3>",
        "href=\"https://shop.example.fr/camille?a=1&amp;b=2\">Camille</a>",
        "<p>Dominique &lt;noir&gt;</p>",
        "loading=\"lazy\"",
        ">et 44 autres articles</a>",
    ] {
        assert!(face(&page).contains(words), "{words}: {page}");
    }
    assert!(!page.contains('€') && !page.contains("class=\"price\"") && data(&page).get("offers").is_none(), "{page}");
    // While it is open: the price, what it may be compared with, and the line that the law asks for.
    let open = shop.at(OPENS).get(PAGE, "").await;
    assert_eq!(open.status, 200);
    let page = page_with(address, PAGE, "<b>70\u{a0}€</b>").await;
    let seen = face(&page);
    for words in [
        "<span aria-hidden=\"true\">100\u{a0}€</span>",
        "Prix le plus bas des 30 derniers jours\u{a0}: 100\u{a0}€</span>",
        "<b class=\"off\">−30\u{a0}%</b>",
        "Prix barré\u{a0}: prix le plus bas des 30 derniers jours avant la réduction.",
        // Nothing is known of it but what is offered: it is compared with nothing.
        "<p class=\"price\"><b>50\u{a0}€</b></p>",
        "data-prices",
    ] {
        assert!(seen.contains(words), "{words}: {seen}");
    }
    assert_eq!(
        (data(&page)["offers"][0]["price"].as_str(), data(&page)["@type"].as_str()),
        (Some("70.00"), Some("SaleEvent"))
    );
    let english = get(address, &format!("/en{PAGE}")).await.text().to_owned();
    assert!(english.contains("<b>€70</b>") && english.contains("Lowest price of the last 30 days: €100"), "{english}");
    // A price that is to move at noon, which is seen then and not before.
    import(&shop.store, "A,online,FR,public,2027-01-02T12:00,60.00,EUR,journees-magiques-hiver-2027\n").await;
    shop.at("2027-01-02T10:59:59.999Z");
    assert!(face(&page_with(address, PAGE, "<b>70\u{a0}€</b>").await).contains("−30\u{a0}%"));
    shop.at("2027-01-02T11:00:00Z");
    assert!(face(&page_with(address, PAGE, "<b>60\u{a0}€</b>").await).contains("−40\u{a0}%"));
    // It was lower before than anybody knew: then the sale is no reduction, and the page says so by saying nothing.
    import(&shop.store, "B,online,FR,public,2026-12-20,45.00,EUR,\nA,online,FR,public,2026-12-20,55.00,EUR,\n").await;
    let page = page_with(address, PAGE, "<p class=\"price\"><b>60\u{a0}€</b></p>").await;
    assert!(!face(&page).contains('%') && !face(&page).contains("Prix barré"), "{page}");
    // Sold out in the afternoon.
    import(&shop.store, "A,online,FR,public,2027-01-02T15:00,not-offered,,\n").await;
    shop.at("2027-01-02T14:00:00Z");
    for _ in 0..200 {
        if !face(get(address, PAGE).await.text()).contains("<b>60") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    let page = get(address, PAGE).await.text().to_owned();
    assert!(face(&page).contains("Camille") && !face(&page).contains("60\u{a0}€"), "{page}");
    // Once it is over nothing is shown, and a page is small.
    assert!(page.len() < 60_000, "{} bytes", page.len());
    let over = shop.at("2027-01-06T07:00:00Z").get(PAGE, "").await;
    assert!(!face(over.text()).contains("Camille"), "{}", over.text());
}

both!(a_page_shows_what_the_price_history_says, |backend| {
    tokio::runtime::Runtime::new().unwrap().block_on(prices_of_a_page(backend));
});

#[tokio::test]
async fn a_shop_shows_prices_ahead_or_never() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    import(&shop.store, BEFORE).await;
    show(&shop.fresh.url, ",\"show_prices\":\"always\"");
    let page = shop.get(PAGE, "").await;
    assert!(face(page.text()).contains("<b>70\u{a0}€</b>") && face(page.text()).contains("−30\u{a0}%"), "{page:?}");
    let shop = Shop::open(Backend::Sqlite, OPENS).await;
    show(&shop.fresh.url, ",\"show_prices\":\"never\"");
    let page = shop.get(PAGE, "").await;
    assert!(face(page.text()).contains("Camille") && !page.text().contains('€'), "{page:?}");
}

#[tokio::test]
async fn markets_that_differ_show_what_they_agree_on() {
    let shop = Shop::open(Backend::Sqlite, OPENS).await;
    let two =
        "UPDATE campaigns SET schedule = replace(schedule, '\"markets\":[\"FR\"]', '\"markets\":[\"FR\",\"BE\"]');";
    run_sql(&shop.fresh.url, two);
    import(&shop.store, &format!("{BEFORE}A,online,BE,public,2026-01-02,90.00,EUR,\n")).await;
    show(&shop.fresh.url, "");
    let page = shop.get(PAGE, "").await;
    assert!(face(page.text()).contains("<b>70\u{a0}€</b>") && !face(page.text()).contains('%'), "{page:?}");
}

#[tokio::test]
async fn a_sale_that_is_over_leads_to_the_next() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-05T07:00:00Z").await;
    let window = ("2027-06-20T06:00:00Z", "2027-06-24T06:00:00Z", None);
    Applied { slug: "ete", title: "Les jours longs", audience: "public", window }.put(&shop.fresh.url);
    let open = shop.get(PAGE, "").await;
    assert!(!face(open.text()).contains("Les jours longs"), "{open:?}");
    let over = shop.at("2027-01-06T07:00:00Z").get(PAGE, "").await;
    for words in ["À suivre", "href=\"/fr/campaigns/ete\">Les jours longs</a>", "Ouverture le <time"] {
        assert!(face(over.text()).contains(words), "{words}: {over:?}");
    }
    let last = shop.at("2027-06-24T06:00:00Z").get(PAGE, "").await;
    assert!(!face(last.text()).contains("Les jours longs"), "{last:?}");
}

#[tokio::test]
async fn a_page_says_where_it_is_and_what_it_is_about() {
    let shop = Shop::open(Backend::Sqlite, NOW).await;
    let page = shop.get(&format!("/en{PAGE}"), "").await;
    let here = format!("https://presale.example.fr/en{PAGE}");
    for words in [
        format!("<link rel=\"canonical\" href=\"{here}\">"),
        format!("<link rel=\"alternate\" hreflang=\"fr\" href=\"https://presale.example.fr/fr{PAGE}\">"),
        format!("<meta property=\"og:url\" content=\"{here}\">"),
        "<meta property=\"og:locale\" content=\"en_GB\">".to_owned(),
        // Links to elsewhere, which nothing is loaded from.
        "href=\"https://calendar.google.com/calendar/render?action=TEMPLATE&amp;text=Les%20journ%C3%A9es%20magiques\
         &amp;dates=20270102T070000Z%2F20270106T070000Z"
            .to_owned(),
        "startdt=2027%2D01%2D02T07%3A00%3A00Z".to_owned(),
        "rel=\"noopener noreferrer nofollow\"".to_owned(),
    ] {
        assert!(page.text().contains(&words), "{words}: {}", page.text());
    }
    let told = data(page.text());
    assert_eq!(told["startDate"], "2027-01-02T07:00:00.000Z");
    assert_eq!(told["location"]["@type"], "VirtualLocation");
    assert_eq!(told["eventStatus"], "https://schema.org/EventScheduled");
    // A title cannot end the element that it stands in.
    let run = "UPDATE campaigns SET title = '</script><script>', sequence = sequence + 1;";
    run_sql(&shop.fresh.url, run);
    let page = shop.get(PAGE, "").await;
    assert!(!page.text().contains("</script><script>"), "{}", page.text());
    assert_eq!(data(page.text())["name"], "</script><script>");
}

/// The letters in the outbox, as people read them.
fn letters(world: &World) -> Vec<String> {
    let folder = world.fresh.folder.path().join("outbox");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let eml = files.filter(|path| path.extension().is_some_and(|end| end == "eml"));
    let read = |path: std::path::PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        let message = MessageParser::default().parse(&bytes).unwrap();
        [message.body_html(0).unwrap(), message.body_text(0).unwrap()].join("\n")
    };
    eml.map(read).collect()
}

both!(a_letter_tells_the_prices_of_the_hour_at_which_it_leaves, |backend| {
    let world = World::new(backend, &["anna@example.fr"]);
    world.apply(&winter_sale());
    show(&world.fresh.url, "");
    add(&world.store, BEFORE);
    // The letters are written and checked now, and say seventy.
    world.at("2027-01-02T07:00:01Z").plan();
    let slug = "hiver";
    add(&world.store, &format!("A,online,FR,public,2027-01-02T08:00,60.00,EUR,{slug}\n"));
    let outbox = Directory::new(world.fresh.folder.path().join("outbox")).without_sync();
    world.drain(&world.dispatcher("one", Transport::Directory(outbox)));
    let letters = letters(&world);
    let [letter] = letters.as_slice() else { panic!("{letters:?}") };
    for words in [
        "Camille",
        "60\u{a0}€",
        "−40\u{a0}%",
        "Prix le plus bas des 30 derniers jours\u{a0}: 100\u{a0}€",
        "Prix barré\u{a0}: prix le plus bas des 30 derniers jours avant la réduction.",
        "50\u{a0}€",
        "et 44 autres articles",
        "https://shop.example.fr/camille",
    ] {
        assert!(letter.contains(words), "{words}: {letter}");
    }
    assert!(!letter.contains("70\u{a0}€"), "{letter}");
});

/// What is said of a campaign with these offers, as `rule file:line`.
fn found(shop: &ShopFolder, offers: &str) -> Vec<String> {
    let campaign = campaign_to_come().mailing(mailing("opening")).offer("Bottines", "bottines.csv");
    shop.write("hiver.toml", campaign.text());
    shop.write("bottines.csv", offers);
    let findings = shop.json(&["campaign", "check", "hiver.toml", "--json"]);
    let said = |finding: &serde_json::Value| {
        let (place, rule) = (&finding["place"], finding["rule"].as_str().unwrap());
        let is_about = place["file"].as_str().is_some_and(|file| file.ends_with("bottines.csv"));
        // The history of these tests lies ahead, which is said of each file.
        (is_about && rule != "price.planned").then(|| format!("{rule}:{}", place["line"]))
    };
    findings.as_array().unwrap().iter().filter_map(said).collect()
}

#[test]
fn what_articles_are_shown_with_is_checked_where_it_is_written() {
    let shop = ShopFolder::configured();
    shop.write("carillon.toml", format!("{}\n{}", shop.read("carillon.toml"), with_pictures(&plume())));
    shop.write(
        "p.csv",
        format!("sku,channel,market,audience,from,price,currency,campaign\n{}", BEFORE.replace("2026", "2089")),
    );
    shop.run(&["price", "import", "p.csv"]).exits(0);
    let with = |card: &str| format!("sku,price,name,picture,url\nA,70.00,{card}\n");
    assert_eq!(found(&shop, &with("Camille,bottines.jpg,https://shop.example.fr/camille")), Vec::<String>::new());
    assert_eq!(found(&shop, &with("Camille,none.jpg,")), ["picture.missing:2"]);
    assert_eq!(found(&shop, &with("Camille,../a.jpg,")), ["price.offer-unreadable:2"]);
    assert_eq!(found(&shop, &with("Camille,,ftp://shop.example.fr/")), ["price.offer-unreadable:2"]);
    // The law of words holds for names, and a figure in one is held against the prices.
    assert_eq!(found(&shop, &with("Camille en soldes,,")), ["words.soldes-outside-period:2"]);
    assert_eq!(found(&shop, &with("Camille à −50 %,,")).len(), 1);
    // What is applied is what is shown.
    found(&shop, &with("Camille,bottines.jpg,"));
    let plan = shop.run(&["campaign", "plan", "hiver.toml"]).exits(0);
    assert!(plan.stdout.contains("offers.Bottines.A") && plan.stdout.contains("Camille"), "{}", plan.stdout);
    shop.run(&["mail", "preview", "opening", "--campaign", "hiver.toml", "--out", "out"]).exits(0);
    for language in ["fr", "en"] {
        let file = format!("out/opening.{language}.eml");
        let linted = shop.run(&["mail", "lint", &file]);
        assert_eq!(linted.code, 0, "{}", linted.stdout);
    }
    let html = shop.read("out/opening.fr.html");
    assert!(html.contains("70\u{a0}€") && html.contains("−30\u{a0}%") && html.contains("width=\"96\""), "{html}");
}
