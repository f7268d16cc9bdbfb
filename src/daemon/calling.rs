//! Tells shops by a signed webhook that a gate has opened or closed, was held, confirmed, moved or cancelled: at least once, also what
//! happened while no daemon ran. What was told is in the store, so that of several daemons one tells it, and the next one does not
//! tell it again. Not on a clock that is not believed: that a gate is open would be told on no better ground than that.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::RulesInForce;
use super::call_pauses::CallPauses;
use super::health::Health;
use super::steps::{Loop, NextTurn, TurnError, Work};
use crate::db::alerts::Teller;
use crate::db::gates_told::{self, UntoldGate};
use crate::db::{Db, StoreError};
use crate::gate::{GateEvent, next_change};
use crate::problem::ProblemKind;
use crate::sending::journal::EngineContext;
use crate::webhook::{CallFailure, WebhookMessage, WebhookSender};

/// How often it is looked whether a gate has changed.
const LOOK: SignedDuration = SignedDuration::from_secs(2);

/// The loop.
pub(super) struct Calling {
    engine: EngineContext,
    health: Health,
    rules: RulesInForce,
    pauses: CallPauses,
}

impl Calling {
    pub(super) fn new(engine: EngineContext, health: Health, rules: RulesInForce) -> Self {
        Self { engine, health, rules, pauses: CallPauses::default() }
    }

    fn teller(&self) -> Teller {
        Teller { owner: self.engine.owner.clone(), alone: self.engine.store.is_exclusive() }
    }

    /// What there is to tell at `now`, taken on by this daemon; and when a gate next changes by itself.
    async fn claim(&self, now: Timestamp) -> Result<(Vec<UntoldGate>, Option<Timestamp>), StoreError> {
        let holds = Arc::clone(&self.engine.holds);
        let look = move |db: &mut Db| {
            let untold = !holds.doubt_the_clock(db, now)? && !gates_told::untold(db, now)?.is_empty();
            let gates = crate::db::gates::list(db)?;
            Ok((untold, gates.iter().filter_map(|gate| next_change(gate, now)).min()))
        };
        let (untold, next) = self.engine.store.read(look).await?;
        if !untold {
            return Ok((Vec::new(), next));
        }
        let teller = self.teller();
        let claimed = self.engine.store.write(move |db: &mut Db| gates_told::claim(db, &teller, now)).await?;
        Ok((claimed, next))
    }

    /// Tells each, as far as it goes.
    async fn tell(
        &self,
        webhook: &WebhookSender,
        gates: Vec<UntoldGate>,
    ) -> Result<Result<(), CallFailure>, TurnError> {
        for untold in gates {
            let UntoldGate { record, news, .. } = &untold;
            for (news, since) in news {
                self.health.progress(Loop::Calling).made();
                let now = self.engine.clock.now();
                let event = GateEvent::new(*news, *since, &record.gate, record.sequence, now);
                let body =
                    serde_json::to_string(&event).map_err(|why| StoreError::corrupt("a gate", why.to_string()))?;
                let named = [record.gate.slug.as_str(), news.name(), &record.sequence.to_string(), &since.to_string()];
                let message = WebhookMessage::new("gate", &named, now, body);
                if let Err(failure) = webhook.tell(&message).await {
                    return Ok(Err(failure));
                }
                tracing::info!(campaign = %record.gate.slug, news = news.name(), "the shop was told of a gate");
            }
            self.engine.store.write(move |db: &mut Db| gates_told::once_told(db, &untold)).await?;
        }
        Ok(Ok(()))
    }
}

impl Work for Calling {
    const LOOP: Loop = Loop::Calling;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        let Some(webhook) = self.rules.current().publication.webhook else {
            self.pauses.end();
            self.health.problems().end(ProblemKind::GatesUntold);
            return Ok(NextTurn::After(LOOK));
        };
        let now = self.engine.clock.now();
        if self.pauses.last(now) {
            return Ok(NextTurn::After(LOOK));
        }
        let (gates, next) = self.claim(now).await?;
        let soon = match next {
            Some(at) if at < now + LOOK => NextTurn::At(at),
            _ => NextTurn::After(LOOK),
        };
        if gates.is_empty() {
            // What could not be told need not be told any more.
            if self.pauses.end() {
                self.health.problems().end(ProblemKind::GatesUntold);
            }
            return Ok(soon);
        }
        let told = self.tell(&webhook, gates).await;
        let teller = self.teller();
        self.engine.store.write(move |db: &mut Db| gates_told::give_back(db, &teller)).await?;
        match told? {
            Ok(()) => {
                self.pauses.end();
                self.health.problems().end(ProblemKind::GatesUntold);
            }
            Err(failure) => {
                self.pauses.failed(self.engine.clock.now());
                let words = format!("{}: {failure}", ProblemKind::GatesUntold.traits().title);
                let remedy = "mend it, or see `[gate.webhook]`; what is to be told is tried again by itself";
                self.health.problems().begin(ProblemKind::GatesUntold, words, remedy);
            }
        }
        Ok(soon)
    }

    async fn woken(&self) {
        std::future::pending::<()>().await;
    }
}
