//! Tokens that we did not make, or made for another use: a hundred thousand for each reader, two thousand for the routes. All
//! are refused, and each route refuses in one way.

use std::time::{Duration, Instant};

use carillon::keys::Keyring;
use carillon::member::{
    ConfirmToken, Pseudonym, RenewToken, preferences_token, read_preferences_token, read_unsubscribe_token,
    unsubscribe_token,
};

use crate::support::backend::Backend;
use crate::support::shop::Shop;

/// Numbers that look random and are the same each time (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_le_bytes());
        bytes[8..].copy_from_slice(&self.next().to_le_bytes());
        bytes
    }
}

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const KINDS: [&str; 4] = ["v1.", "p1.", "c1.", "r1."];

/// A real token of the kind `kind`, about `random`.
fn real(keyring: &Keyring, kind: usize, random: [u8; 16]) -> String {
    match kind {
        0 => unsubscribe_token(keyring, &Pseudonym::from_random(random)),
        1 => preferences_token(keyring, &Pseudonym::from_random(random)),
        2 => ConfirmToken::of(keyring, keyring.current(), &random).unwrap().as_str().to_owned(),
        _ => RenewToken::of(keyring, &random).as_str().to_owned(),
    }
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Random,
    Letters,
    Truncated,
    Altered,
    OtherUse,
    OtherKey,
}

const WRONG: [Wrong; 6] =
    [Wrong::Random, Wrong::Letters, Wrong::Truncated, Wrong::Altered, Wrong::OtherUse, Wrong::OtherKey];

/// A token that is wrong in this way, for the reader of the kind `kind`.
fn token(numbers: &mut Numbers, keyring: &Keyring, stranger: &Keyring, kind: usize, wrong: Wrong) -> String {
    let random = numbers.bytes();
    let own = || real(keyring, kind, random);
    match wrong {
        Wrong::Random => {
            let length = 1 + numbers.below(120);
            (0..length).map(|_| char::from_u32(33 + u32::try_from(numbers.below(800)).unwrap()).unwrap()).collect()
        }
        Wrong::Letters => {
            let letters = (0..48).map(|_| char::from(ALPHABET[numbers.below(ALPHABET.len())]));
            KINDS[kind].chars().chain(letters).collect()
        }
        Wrong::Truncated => own()[..=numbers.below(50)].to_owned(),
        Wrong::Altered => {
            let mut bytes = own().into_bytes();
            let at = numbers.below(bytes.len());
            let letter = ALPHABET[numbers.below(ALPHABET.len())];
            bytes[at] = if bytes[at] == letter { b'.' } else { letter };
            String::from_utf8(bytes).unwrap()
        }
        Wrong::OtherUse => {
            let other = real(keyring, (kind + 1 + numbers.below(KINDS.len() - 1)) % KINDS.len(), random);
            // As it is, and under the name of the use that it is tried for.
            if numbers.below(2) == 0 { other } else { format!("{}{}", KINDS[kind], &other[3..]) }
        }
        Wrong::OtherKey => real(stranger, kind, random),
    }
}

fn is_read(keyring: &Keyring, kind: usize, text: &str) -> bool {
    match kind {
        0 => read_unsubscribe_token(keyring, text).is_some(),
        1 => read_preferences_token(keyring, text).is_some(),
        2 => ConfirmToken::read(keyring, text).is_some(),
        _ => RenewToken::read(keyring, text).is_some(),
    }
}

#[test]
fn a_hundred_thousand_tokens_that_are_not_ours_are_refused_by_every_reader() {
    let (keyring, stranger) = (Keyring::generate([5; 32]), Keyring::generate([99; 32]));
    let mut numbers = Numbers(0x0CA1_1110_0000_0001);
    for number in 0..100_000 {
        let wrong = WRONG[number % WRONG.len()];
        for (kind, name) in KINDS.iter().enumerate() {
            let text = token(&mut numbers, &keyring, &stranger, kind, wrong);
            assert!(!is_read(&keyring, kind, &text), "{wrong:?} {name}: {text}");
        }
    }
    for kind in 0..KINDS.len() {
        assert!(is_read(&keyring, kind, &real(&keyring, kind, numbers.bytes())), "a real one is read");
    }
}

#[tokio::test]
async fn two_thousand_tokens_that_are_not_ours_are_refused_in_one_way() {
    let shop = Shop::open(Backend::Sqlite, "2027-01-03T10:00:00Z").await;
    let stranger = Keyring::generate([99; 32]);
    let mut numbers = Numbers(0x0CA1_1110_0000_0002);
    let routes = [
        ("/u/", "List-Unsubscribe=One-Click"),
        ("/p/", "act=leave"),
        ("/confirm/", "confirm=yes"),
        ("/renew/", "renew=yes"),
    ];
    let mut expected = Vec::new();
    for (route, _) in routes {
        expected.push(shop.get(&format!("{route}x"), "").await);
    }
    for number in 0..2_000 {
        let (kind, wrong) = (number % 4, WRONG[(number / 8) % WRONG.len()]);
        let (route, body) = routes[kind];
        let text = token(&mut numbers, &shop.keyring, &stranger, kind, wrong);
        let text: String = percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let path = format!("{route}{text}");
        let reply = if (number / 4) % 2 == 0 {
            shop.get(&path, "").await
        } else {
            shop.post(&path, "Content-Type: application/x-www-form-urlencoded\r\n", body).await
        };
        assert_eq!(reply, expected[kind], "{wrong:?} {path}");
    }
    assert!(expected.iter().all(|reply| reply.status == 404));
}

/// How long a refusal takes, by what is wrong. Prints; run it with `--ignored --nocapture`, on a machine that does nothing
/// else.
#[test]
#[ignore = "a measurement: what it prints depends on the machine"]
fn how_long_a_refusal_takes() {
    let (keyring, stranger) = (Keyring::generate([5; 32]), Keyring::generate([99; 32]));
    let mut numbers = Numbers(0x0CA1_1110_0000_0003);
    let mut times: Vec<(Wrong, Vec<Duration>)> = WRONG.iter().map(|wrong| (*wrong, Vec::new())).collect();
    for _ in 0..20_000 {
        for (wrong, times) in &mut times {
            let text = token(&mut numbers, &keyring, &stranger, 0, *wrong);
            let begun = Instant::now();
            assert!(read_unsubscribe_token(&keyring, std::hint::black_box(&text)).is_none());
            times.push(begun.elapsed());
        }
    }
    for (wrong, mut times) in times {
        times.sort();
        let at = |part: usize| times[times.len() * part / 100];
        println!("{wrong:?}: p1 {:?}, p50 {:?}, p90 {:?}, p99 {:?}", at(1), at(50), at(90), at(99));
    }
}
