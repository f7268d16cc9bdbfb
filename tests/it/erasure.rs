//! After an erasure the address is in nothing that the program wrote: the real binary, on both stores.

use std::fs;

use carillon::config::StoreUrl;

use crate::support::backend::both;
use crate::support::cli::carillon;
use crate::support::house::{House, wait_for};
use crate::support::relay::Relay;
use crate::support::stored::{holding, stored};

const ANNA: &str = "membre.00003@example.fr";

both!(erased_is_gone, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 6, relay.port());
    let configuration = shop.folder.join("carillon.toml");
    let text = fs::read_to_string(&configuration).unwrap();
    fs::write(&configuration, text.replace("= \"smtp\" ", "= \"directory\" ")).unwrap();
    let header = "address,language,confirmed_at,wording,source,method\n";
    let quoting = format!(
        "other@example.fr,fr,2026-09-01T10:00:00Z,J’accepte. Écrire à {ANNA} ou à l’adresse.,form:x,web_form\n"
    );
    fs::write(shop.folder.join("quoting.csv"), format!("{header}{quoting}")).unwrap();
    shop.run(&["member", "import", "quoting.csv"]);
    let daemon = shop.daemon_that_logs("debug");
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    // What a person wrote is a person's to delete.
    for file in ["members.csv", "quoting.csv"] {
        fs::remove_file(shop.folder.join(file)).unwrap();
    }
    let kept = || stored(shop.fresh.folder.path(), &shop.fresh.url);
    let held_by = holding(&kept(), ANNA);
    assert!(held_by.iter().any(|file| file.contains("/outbox/")), "{held_by:?}");
    assert!(held_by.iter().any(|place| place.contains("carillon.db") || place == "table members"), "{held_by:?}");
    assert!(shop.log().contains("carillon is running"), "{}", shop.log());
    let letters = fs::read_dir(shop.folder.join("outbox")).unwrap().count();

    let said = carillon(&shop.folder, &["member", "erase", ANNA, "--yes"]).exits(0);
    assert!(said.stdout.contains("1 letter removed from the outbox"), "{}", said.stdout);
    assert!(said.stdout.contains("1 wording quoted an address"), "{}", said.stdout);
    assert!(said.stdout.contains("not reached: backups of the store"), "{}", said.stdout);
    assert_eq!(said.stdout.contains("pg_wal"), matches!(shop.fresh.url, StoreUrl::Postgres(_)), "{}", said.stdout);
    let local_part = ANNA.split('@').next().unwrap();
    for needle in [ANNA, local_part] {
        assert_eq!(holding(&kept(), needle), Vec::<String>::new(), "no table, file, letter or log line");
    }
    assert_eq!(fs::read_dir(shop.folder.join("outbox")).unwrap().count(), letters - 1, "nobody else's");
    // Asked again by address, it looks through everything again.
    let again = carillon(&shop.folder, &["member", "erase", ANNA, "--yes", "--json"]).exits(0);
    assert!(again.stdout.contains("\"letters\": 0"), "{}", again.stdout);
    assert!(shop.run(&["member", "show", "other@example.fr"]).contains("address erased"));
});

both!(what_quotes_an_address_goes_with_it_by_the_clock, |backend| {
    let relay = Relay::start();
    let shop = House::new(backend, 6, relay.port());
    shop.change("= \"smtp\" ", "= \"directory\" ");
    let header = "address,language,confirmed_at,wording,source,method\n";
    let quoting = format!(
        "other@example.fr,fr,2026-09-01T10:00:00Z,J’accepte. Écrire à {ANNA} ou à l’adresse.,form:x,web_form\n\
         third@example.fr,fr,2026-09-01T10:00:00Z,J’accepte. Écrire à third@example.fr ou à l’adresse.,form:x,web_form\n"
    );
    fs::write(shop.folder.join("quoting.csv"), format!("{header}{quoting}")).unwrap();
    shop.run(&["member", "import", "quoting.csv"]);
    let daemon = shop.daemon();
    shop.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    for file in ["members.csv", "quoting.csv"] {
        fs::remove_file(shop.folder.join(file)).unwrap();
    }
    let kept = || stored(shop.fresh.folder.path(), &shop.fresh.url);
    let letters = || fs::read_dir(shop.folder.join("outbox")).unwrap().count();
    let before = letters();
    shop.run(&["member", "withdraw", ANNA]);
    shop.run(&["member", "withdraw", "third@example.fr"]);
    assert_ne!(holding(&kept(), ANNA), Vec::<String>::new(), "a withdrawal alone destroys nothing");
    let daemon = shop.daemon();
    wait_for(|| holding(&kept(), ANNA).is_empty() && holding(&kept(), "third@example.fr").is_empty());
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!(letters(), before - 2, "nobody else's");
    assert!(shop.run(&["member", "show", "other@example.fr"]).contains("address erased"));
    shop.run(&["consent", "verify"]);
});
