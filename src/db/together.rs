//! Requests that are served together. While some are being served others come and wait; then all who wait are served at
//! once. What takes time is waiting for the disk, and one wait serves all of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as Turn, oneshot};

/// A request that waits, and where its answer goes.
pub(super) type Queued<Q, A> = (Q, oneshot::Sender<A>);

/// Those who wait. Cloning is cheap, and clones are one.
#[derive(Debug)]
pub(super) struct Together<Q, A>(Arc<Inner<Q, A>>);

#[derive(Debug)]
struct Inner<Q, A> {
    /// Whose turn it is to have everybody served who waits.
    turn: Turn<()>,
    waiting: Mutex<Vec<Queued<Q, A>>>,
}

impl<Q, A> Clone for Together<Q, A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Q, A> Default for Together<Q, A> {
    fn default() -> Self {
        Self(Arc::new(Inner { turn: Turn::default(), waiting: Mutex::default() }))
    }
}

impl<Q: Send + 'static, A: Send + 'static> Together<Q, A> {
    /// Has `request` served by `serve`, off the async threads, with whoever else waits; or by somebody else's, which has to be
    /// the same. It is served also when nobody waits for the answer any more. `None` when that was not answered.
    pub(super) async fn ask(&self, request: Q, serve: impl FnOnce(Vec<Queued<Q, A>>) + Send + 'static) -> Option<A> {
        let (answer, answered) = oneshot::channel();
        self.waiting().push((request, answer));
        let together = self.clone();
        tokio::spawn(async move {
            let _turn = together.0.turn.lock().await;
            let party = std::mem::take(&mut *together.waiting());
            // Otherwise the request was served with somebody else's.
            if !party.is_empty() && tokio::task::spawn_blocking(move || serve(party)).await.is_err() {
                tracing::error!("requests that were served together are left without an answer");
            }
        });
        answered.await.ok()
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Queued<Q, A>>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Serves `party` by telling each how many it had.
    fn count(party: Vec<Queued<u32, usize>>) {
        let size = party.len();
        for (_, answer) in party {
            let _ = answer.send(size);
        }
    }

    #[tokio::test]
    async fn who_comes_while_others_are_served_is_served_with_all_who_wait() {
        let together = Together::default();
        let ((begun, has_begun), (go_on, may_go_on)) = (oneshot::channel(), mpsc::channel::<()>());
        let first = {
            let together = together.clone();
            tokio::spawn(async move {
                let serve = move |party| {
                    let _ = begun.send(());
                    let _ = may_go_on.recv();
                    count(party);
                };
                together.ask(0, serve).await
            })
        };
        has_begun.await.unwrap();
        let others: Vec<_> = (1..=5)
            .map(|number| {
                let together = together.clone();
                tokio::spawn(async move { together.ask(number, count).await })
            })
            .collect();
        while together.waiting().len() < 5 {
            tokio::task::yield_now().await;
        }
        go_on.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Some(1));
        for other in others {
            assert_eq!(other.await.unwrap(), Some(5));
        }
    }

    #[tokio::test]
    async fn a_request_is_served_though_nobody_waits_for_the_answer() {
        let together = Together::default();
        let (told, tells) = oneshot::channel();
        let asked = tokio::spawn({
            let together = together.clone();
            async move {
                let serve = move |party: Vec<Queued<u32, usize>>| {
                    let _ = told.send(party.len());
                };
                together.ask(0, serve).await
            }
        });
        while together.waiting().is_empty() && !asked.is_finished() {
            tokio::task::yield_now().await;
        }
        asked.abort();
        assert_eq!(tells.await.unwrap(), 1);
    }
}
