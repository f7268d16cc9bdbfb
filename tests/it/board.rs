//! The board on the private listener: what the people of a shop see there, who may look, and that it holds no person.

use carillon::http::{App, Pages};
use carillon::problem::{Problem, ProblemKind};
use carillon::smtp::Limits;
use carillon::transport::Transport;
use tokio_util::sync::CancellationToken;

use crate::support::backend::Backend;
use crate::support::relay::Relay;
use crate::support::shop::{Reply, Shop, WINTER, configure, configure_with_token, run_sql, send, watched};
use crate::support::world::{ANNOUNCED, World};

/// A board of a shop.
struct Board {
    shop: Shop,
    address: std::net::SocketAddr,
}

impl Board {
    async fn open(now: &str) -> Self {
        let shop = Shop::open(Backend::Sqlite, now).await;
        let address = shop.board(&configure(shop.fresh.folder.path())).await;
        Self { shop, address }
    }

    async fn get(&self, path: &str) -> Reply {
        self.get_as(path, "Host: 127.0.0.1:9464\r\n").await
    }

    async fn get_as(&self, path: &str, headers: &str) -> Reply {
        send(self.address, &format!("GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n")).await
    }
}

#[track_caller]
fn says(reply: &Reply, words: &[&str]) {
    for words in words {
        assert!(reply.text().contains(words), "`{words}` is not in:\n{}", reply.text());
    }
}

#[tokio::test]
async fn the_board_tells_what_is_open_next_told_and_wrong() {
    let board = Board::open("2027-01-03T10:00:00Z").await;
    let url = &board.shop.fresh.url;
    let problem = Problem::new(ProblemKind::MailingStopped, "hiver/opening", "the relay refused it", "mend it");
    let now = board.shop.clock.now();
    board.shop.store.write_blocking(|db| carillon::db::problems::begin(db, &problem, now)).unwrap();
    run_sql(
        url,
        "INSERT INTO mailings (campaign_id, name, kind, not_before, not_after, languages, state, frozen_at) SELECT id, \
         'opening', 'opening', opens_at, closes_at, '[\"fr\"]', 'finished', opens_at FROM campaigns",
    );
    let french = board.get("/board").await;
    assert_eq!((french.status, french.header("cache-control")), (200, Some("no-store")));
    assert_eq!(french, board.get("/fr/board").await);
    says(
        &french,
        &[
            "<html lang=\"fr\">",
            "Tableau de bord",
            WINTER.title,
            "ouverte jusqu’au",
            "mercredi 6\u{a0}janvier 2027 à 8\u{a0}h",
            "Les sept prochains jours",
            "la vente ferme",
            "Qui a été prévenu",
            "<span>opening</span>",
            "La saison du ",
            "soldes d’hiver",
            "La page publique à un instant donné",
        ],
    );
    assert!(!french.text().contains("Tout va bien"), "{}", french.text());
    assert!(!french.text().contains("<script"), "no script is needed");
    let policy = french.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("script-src"), "{policy}");
    let english = board.get("/en/board").await;
    says(&english, &["<html lang=\"en\">", "the relay refused it", "mend it", "open until", "Who was told"]);
}

#[tokio::test]
async fn the_page_of_an_instant_and_the_letters_can_be_looked_at() {
    let board = Board::open("2026-12-20T10:00:00Z").await;
    let asked = format!("sale={}&at=2027-01-02T08:00", WINTER.slug);
    let around = board.get(&format!("/fr/board/preview?{asked}")).await;
    says(
        &around,
        &["samedi 2\u{a0}janvier 2027 à 8\u{a0}h", "value=\"2027-01-02T08:00\"", "sandbox", "/fr/board/page?sale="],
    );
    let page = board.get(&format!("/fr/board/page?{asked}")).await;
    says(&page, &["C’est ouvert", WINTER.title]);
    assert!(page.header("content-security-policy").unwrap().contains("sandbox"));
    let before = board.get(&format!("/en/board/page?sale={}&at=2027-01-02T07:59", WINTER.slug)).await;
    says(&before, &["Not open yet"]);
    says(&board.get("/fr/board/page?sale=&at=").await, &["Nos rendez-vous", WINTER.title]);
    for (path, status) in [
        ("/fr/board/page?sale=nothing", 404),
        ("/fr/board/page?sale=&at=demain", 400),
        ("/board/letter?sale=nothing&mailing=opening&language=fr", 404),
        ("/board/letter", 404),
    ] {
        assert_eq!(board.get(path).await.status, status, "{path}");
    }
    says(&board.get("/fr/board/preview?at=demain").await, &["role=\"alert\""]);
    let letter = format!("/board/letter?sale={}&language=fr&mailing=", WINTER.slug);
    says(&board.get(&format!("{letter}opening")).await, &["C’est ouvert"]);
    assert_eq!(board.get(&format!("{letter}other")).await.status, 500);
}

#[tokio::test]
async fn without_a_token_only_this_machine_looks() {
    let board = Board::open("2027-01-03T10:00:00Z").await;
    for path in ["/board", "/fr/board/preview", "/fr/board/page", "/board/letter"] {
        assert_eq!(board.get_as(path, "Host: board.example.fr\r\n").await.status, 403, "{path}");
        assert_eq!(board.shop.get(path, "").await.status, 404, "{path} is nowhere else");
    }
}

#[tokio::test]
async fn with_a_token_who_has_it_looks() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    let address = shop.board(&configure_with_token(shop.fresh.folder.path(), "0123456789abcdef0123")).await;
    let board = Board { shop, address };
    let refused = board.get("/board").await;
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").unwrap().starts_with("Basic "));
    assert!(!refused.text().contains(WINTER.title));
    for path in ["/fr/board/preview", "/fr/board/page", "/board/letter"] {
        assert_eq!(board.get(path).await.status, 401, "{path}");
    }
    let headers = "Host: board.example.fr\r\nAuthorization: Bearer 0123456789abcdef0123\r\n";
    assert_eq!(board.get_as("/board", headers).await.status, 200);
    // What monitoring collects is as before.
    assert_eq!(board.get("/health").await.status, 200);
}

#[test]
fn the_board_holds_no_person() {
    let relay = Relay::start();
    let world = World::new(Backend::Sqlite, &["camille.durand@example.fr", "sacha@example.net"]);
    let dispatcher = world.dispatcher("one", Transport::smtp(&relay.settings(), Limits::default()).unwrap());
    world.at(ANNOUNCED);
    world.plan();
    world.drain(&dispatcher);
    world.plan();
    let app = App::new(&world.settings, world.store.clone(), world.keyring.clone(), world.clock.clone()).unwrap();
    let app = app.with_holds(std::sync::Arc::new(world.holds()));
    let stop = CancellationToken::new();
    let pages = world.runtime.block_on(async { Pages::new(app) });
    let address = world.runtime.block_on(watched(pages.private(), stop.clone()));
    for path in ["/board", "/en/board", "/fr/board/preview"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let reply = world.runtime.block_on(send(address, &request));
        assert_eq!(reply.status, 200, "{path}");
        for trace in ["camille.durand", "sacha@", "@example"] {
            assert!(!reply.text().contains(trace), "{path} holds `{trace}`");
        }
        if path == "/en/board" {
            says(
                &reply,
                &["mailing `announcement` has left, to 2 people", "<td class=\"number\" data-name=\"accepted\">2</td>"],
            );
        }
    }
    stop.cancel();
}
