//! A trial: mailings by the real binary, in which whatever can go wrong does, chosen by a seed. An independent account of
//! the relay's is held against the store's after each round.
//!
//! The suite runs a few rounds. `CARILLON_TRIAL_ROUNDS` runs more, from `CARILLON_TRIAL_SEED` on; see
//! `docs/contributing.md`.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::support::backend::{Backend, both};

mod account;
mod chance;
mod round;
mod sink;
mod stand;

use round::Round;

/// How many rounds the suite runs.
const ROUNDS: u64 = 2;

/// The first seed of the suite.
const SEED: u64 = 2027;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("`{name}` is no number: {text}")))
}

/// Runs the rounds, each with a seed of its own.
#[expect(clippy::print_stdout, reason = "what came of many rounds is to be read")]
fn try_out(backend: Backend) {
    let (rounds, seed) = (setting("CARILLON_TRIAL_ROUNDS", ROUNDS), setting("CARILLON_TRIAL_SEED", SEED));
    let begun = Instant::now();
    let (mut acts, mut sums, mut failed) = (BTreeMap::<String, u64>::new(), [0_u64; 4], 0);
    for number in 0..rounds {
        let seed = seed + number;
        let mut round = Round::new(backend, seed);
        let outcome = round.run();
        for act in &outcome.acts {
            *acts.entry(format!("{act:?}")).or_default() += 1;
        }
        for (sum, some) in
            sums.iter_mut().zip([outcome.accepted, outcome.in_doubt, outcome.other, outcome.handed as u64])
        {
            *sum += some;
        }
        let stand = &round.stand;
        if (number + 1) % 25 == 0 {
            println!("{backend:?}: {} rounds, {failed} failed", number + 1);
        }
        if !stand.violations.is_empty() {
            failed += 1;
            println!(
                "round {} of {rounds}, CARILLON_TRIAL_SEED={seed} CARILLON_TRIAL_ROUNDS=1:\n{}\n\n{}\n\n{}",
                number + 1,
                stand.violations.join("\n"),
                stand.told.join("\n"),
                stand.logs()
            );
        }
    }
    let [accepted, in_doubt, other, handed] = sums;
    println!(
        "{backend:?}: {rounds} rounds in {:.0?}: {handed} messages handed over, {accepted} accepted, {in_doubt} in doubt, \
         {other} ended otherwise; {acts:?}",
        begun.elapsed()
    );
    assert_eq!(failed, 0, "rounds in which a promise was broken");
}

both!(the_promises_hold_whatever_breaks, |backend| {
    try_out(backend);
});
