//! The DNS is asked as it is, and what cannot be asked is told from what is not there; and `carillon doctor` says what the world
//! knows of a shop.

use std::time::Duration;

use carillon::dns::{DnsAnswer, DnsRecord, DnsRecordType, DnsResolver, NotAsked, ResolverFile};

use crate::support::backend::Backend;
use crate::support::cli::carillon;
use crate::support::dns::{DnsServer, Told};
use crate::support::house::House;
use crate::support::relay::Relay;

#[test]
fn what_is_there_is_told_from_what_is_not_and_from_what_nobody_says() {
    let server = DnsServer::start();
    let resolver = DnsResolver::at(server.at());
    server.txt("example.fr", &["one", "another"]);
    server.tells("broken.example.fr", "TXT", Told::Failure(2));
    server.tells("closed.example.fr", "TXT", Told::Failure(5));
    server.tells("empty.example.fr", "TXT", Told::Nothing);
    let ask = |name: &str| resolver.ask(name, DnsRecordType::Txt);
    let texts = ["one", "another"].map(|text| DnsRecord::Text(text.to_owned()));
    assert_eq!(ask("example.fr"), Ok(DnsAnswer::Records(texts.to_vec())));
    assert_eq!(ask("EXAMPLE.fr."), Ok(DnsAnswer::Records(texts.to_vec())));
    assert_eq!(ask("empty.example.fr"), Ok(DnsAnswer::NoSuchRecord));
    assert_eq!(ask("none.example.fr"), Ok(DnsAnswer::NoSuchName));
    assert_eq!(ask("broken.example.fr"), Err(NotAsked::Failed(2)));
    assert_eq!(ask("closed.example.fr"), Err(NotAsked::Failed(5)));
    assert_eq!(ask("a..b"), Err(NotAsked::Name));
}

#[test]
fn what_does_not_fit_into_one_message_is_asked_for_again() {
    let server = DnsServer::start();
    let long = "x".repeat(2_000);
    server.txt("example.fr", &[&long]);
    let answer = DnsResolver::at(server.at()).ask("example.fr", DnsRecordType::Txt);
    assert_eq!(answer, Ok(DnsAnswer::Records(vec![DnsRecord::Text(long)])));
    assert_eq!(server.asked(), (2, 1));
}

#[test]
fn the_next_server_is_asked_and_once_nobody_answers_nobody_is_waited_for() {
    let (silent, knows, broken) = (DnsServer::start(), DnsServer::start(), DnsServer::start());
    silent.tells("example.fr", "A", Told::Silence);
    broken.tells("example.fr", "A", Told::Failure(2));
    knows.address("example.fr");
    let asks = |servers: &[&DnsServer]| {
        let servers = servers.iter().map(|server| server.at()).collect();
        DnsResolver::new(ResolverFile { servers, patience: Duration::from_millis(100), tries: 2 })
    };
    let found = asks(&[&silent, &broken, &knows]).ask("example.fr", DnsRecordType::A);
    assert_eq!(found, Ok(DnsAnswer::Records(vec![DnsRecord::Address([192, 0, 2, 1].into())])));
    let resolver = asks(&[&silent]);
    assert_eq!(resolver.ask("example.fr", DnsRecordType::A), Err(NotAsked::Silent));
    let before = silent.asked();
    assert_eq!(resolver.ask("example.fr", DnsRecordType::Mx), Err(NotAsked::Silent));
    assert_eq!(silent.asked(), before);
}

/// What `doctor` says of what the DNS has: one line for each thing, with what to do.
fn told(shop: &House, server: &DnsServer, language: &str) -> String {
    carillon(&shop.folder, &["--lang", language, "doctor", "--resolver", &server.name()]).stdout
}

#[track_caller]
fn says(shop: &House, server: &DnsServer, expected: &[&str]) {
    let said = told(shop, server, "en");
    for line in expected {
        assert!(said.contains(line), "`{line}` is not in\n{said}");
    }
}

#[test]
fn doctor_says_what_the_world_knows_of_this_shop() {
    let (relay, server) = (Relay::start(), DnsServer::of_a_shop());
    let shop = House::new(Backend::Sqlite, 1, relay.port());
    says(
        &shop,
        &server,
        &[
            "ok       who may send: `b.example.fr` says who may send for it, and of everybody else `-all`",
            "warning  signatures of letters: letters are not signed here, and where the DNS has the relay’s key is not written\n         do: write it as `dkim_record` of `[mail.smtp]`, such as \"mail._domainkey.news.example.fr\"",
            "ok       what receivers are asked: `_dmarc.example.fr` asks receivers for `none`",
            "ok       way back: what comes back to `b.example.fr` goes to mx.example.fr",
        ],
    );
    shop.change("connections = 8", "connections = 8\ndkim_record = \"mail._domainkey.news.example.fr\"");
    says(
        &shop,
        &server,
        &["ok       signatures of letters: `mail._domainkey.news.example.fr` has a key (rsa) for the relay"],
    );

    // What is published, and of no use.
    server.txt("mail._domainkey.news.example.fr", &["v=DKIM1; t=y; p=MIIBIjAN"]);
    server.txt("b.example.fr", &["v=spf1 +all"]);
    server.txt("_dmarc.news.example.fr", &["v=DMARC1; p=refuse"]);
    server.mx("b.example.fr", &["mx.example.fr", "gone.example.fr"]);
    says(
        &shop,
        &server,
        &[
            "error    who may send: the SPF record of `b.example.fr` lets everybody send for it (`+all`)",
            "warning  signatures of letters: the key at `mail._domainkey.news.example.fr` says that it is being tried",
            "error    what receivers are asked: the DMARC record at `_dmarc.news.example.fr` cannot be used: `p=refuse` in it is not understood",
            "warning  way back: `gone.example.fr`, which is to take mail for `b.example.fr`, has no address",
        ],
    );
    server.txt("mail._domainkey.news.example.fr", &["v=DKIM1; p="]);
    server.txt("b.example.fr", &["v=spf1 mx"]);
    server.mx("b.example.fr", &[""]);
    server.forget("_dmarc.news.example.fr");
    server.forget("_dmarc.example.fr");
    server.forget("news.example.fr");
    says(
        &shop,
        &server,
        &[
            "warning  who may send: the SPF record of `b.example.fr` says nothing of those whom it does not name",
            "error    signatures of letters: the key at `mail._domainkey.news.example.fr` cannot be used: the key in it is empty",
            "error    what receivers are asked: the DMARC record at `_dmarc.news.example.fr` cannot be used: there is none",
            "error    way back: `b.example.fr` says that it takes no mail",
            "error    public address: the DNS has no address for `news.example.fr`",
        ],
    );
    // Nothing at all.
    server.forget("b.example.fr");
    says(
        &shop,
        &server,
        &[
            "error    who may send: the SPF record of `b.example.fr` cannot be used: there is none",
            "error    way back: nobody takes mail for `b.example.fr`",
        ],
    );
    let french = told(&shop, &server, "fr");
    assert!(
        french.contains("l’enregistrement SPF de `b.example.fr` est inutilisable\u{a0}: il n’y en a pas"),
        "{french}"
    );
}

#[test]
fn what_the_dns_does_not_say_is_unknown_and_not_missing() {
    let (relay, server) = (Relay::start(), DnsServer::of_a_shop());
    let shop = House::new(Backend::Sqlite, 1, relay.port());
    server.tells("b.example.fr", "TXT", Told::Failure(2));
    server.tells("_dmarc.news.example.fr", "TXT", Told::Failure(5));
    server.tells("b.example.fr", "MX", Told::Failure(2));
    let name = server.name();
    says(
        &shop,
        &server,
        &[
            &format!(
                "unknown  who may send: what the DNS has at `b.example.fr` (TXT) is not known: {name} cannot say (SERVFAIL)"
            ),
            &format!(
                "unknown  what receivers are asked: what the DNS has at `_dmarc.news.example.fr` (TXT) is not known: {name} cannot say (REFUSED)"
            ),
            &format!(
                "unknown  way back: what the DNS has at `b.example.fr` (MX) is not known: {name} cannot say (SERVFAIL)"
            ),
        ],
    );
    carillon(&shop.folder, &["doctor", "--resolver", "resolver.example.net"]).exits(2);
    // Where letters go into a folder nobody is asked.
    shop.change("\"smtp\" ", "\"directory\" ");
    let before = server.asked();
    let said = told(&shop, &server, "en");
    assert!(!said.contains("who may send"), "{said}");
    assert_eq!(server.asked(), before);
}
