//! Deliveries that a daemon had claimed which is gone: nobody sends them until they are taken back.

use jiff::Timestamp;

use crate::counted::counted_as;
use crate::daemon::Presence;
use crate::db::deliveries::Claims;
use crate::problem::{Problem, ProblemKind};

/// What is wrong about `claims`: a problem for each mailing of which a daemon that is gone holds deliveries. `held` says whether
/// there is a reason to send nothing.
pub(super) fn left(claims: &[Claims], presence: &Presence, held: bool) -> Vec<Problem> {
    let left = claims.iter().filter(|claims| !presence.may_be(&claims.owner));
    left.map(|claims| problem(claims, presence, held)).collect()
}

fn problem(Claims { owner, campaign, mailing, count, until }: &Claims, presence: &Presence, held: bool) -> Problem {
    let instant = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M:%S UTC");
    let some = counted_as(*count, "delivery", "deliveries");
    let seen = presence.last_seen(owner).map(|at| format!(", last seen at {},", instant(at))).unwrap_or_default();
    let (when, remedy) = if held {
        (
            "they go on when nothing keeps mail from being sent any more".to_owned(),
            "see the problem `sending-held`; then a daemon that runs goes on with them within a minute",
        )
    } else if presence.running {
        (
            format!("a daemon that runs goes on with them within a minute, or at {} at the latest", instant(*until)),
            "wait; if it does not end by itself, see the other problems and the log of the daemon that runs",
        )
    } else {
        (
            "they go on when a daemon runs".to_owned(),
            "start `carillon run`: in the folder of the daemon that is gone it goes on at once, elsewhere within a minute",
        )
    };
    Problem::new(
        ProblemKind::ClaimsLeft,
        format!("{campaign}/{mailing}"),
        format!(
            "mailing `{mailing}` of `{campaign}` has {some} claimed by a daemon that is gone{seen} and nobody sends them: {when}"
        ),
        remedy,
    )
}
