//! Words of ours that stand alone in tables and lists: where a sale is, what became of a delivery, what was done. Files, JSON
//! and the command line have them in English, as the store does; people read them in their language.

use crate::bounce::{BounceClass, BounceEffect, ReturnedKind};
use crate::calendar::{Basis, Channel, Confidence, PeriodKind};
use crate::campaign::AudienceClass;
use crate::db::audit::AuditAction;
use crate::delivery::{DeliveryState, MailingState};
use crate::gate::Stage;
use crate::member::renewal::RenewalState;
use crate::member::retention::RetentionClock;
use crate::member::{Action, Cause, ListBasis, Method};
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::price::PriceVerdict;

/// Where a sale is.
pub(super) fn stage(stage: Stage) -> Phrase {
    phrase!("term-stage", word = Fact::text(stage))
}

/// Where a mailing is.
pub(super) fn mailing_state(state: MailingState) -> Phrase {
    phrase!("term-mailing-state", word = Fact::text(state))
}

/// What became of a delivery.
pub(super) fn delivery_state(state: DeliveryState) -> Phrase {
    phrase!("term-delivery-state", word = Fact::text(state))
}

/// Some deliveries in a state.
pub(super) fn deliveries(count: u64, state: DeliveryState) -> Phrase {
    phrase!("term-deliveries", count = count, word = Fact::text(state))
}

/// Who can buy.
pub(super) fn audience(audience: AudienceClass) -> Phrase {
    phrase!("term-audience", word = Fact::text(audience))
}

/// How people buy.
pub(super) fn channel(channel: Channel) -> Phrase {
    phrase!("term-channel", word = Fact::text(channel))
}

/// What the law says of a stretch of days.
pub(super) fn period_kind(kind: PeriodKind) -> Phrase {
    phrase!("term-period-kind", word = Fact::text(kind))
}

/// The season of a period, which other countries than France name in their own ways.
pub(super) fn season(season: &str) -> Phrase {
    phrase!("term-season", word = season)
}

/// On what a date stands.
pub(super) fn basis(basis: Basis) -> Phrase {
    // A key of the catalogues has no space in it.
    phrase!("term-basis", word = Fact::text(basis), key = basis.to_string().replace(' ', "-"))
}

/// How certain a date is.
pub(super) fn confidence(confidence: Confidence) -> Phrase {
    phrase!("term-confidence", word = Fact::text(confidence))
}

/// Whether a reduction may be announced.
pub(super) fn verdict(verdict: PriceVerdict) -> Phrase {
    phrase!("term-verdict", word = Fact::text(verdict))
}

/// By which act somebody is on a list.
pub(super) fn membership(basis: ListBasis, detail: &str, who: &str) -> Phrase {
    match basis {
        ListBasis::Import => phrase!("list-by-import", file = detail, who = who),
        ListBasis::Command => phrase!("list-by-command", reason = detail, who = who),
    }
}

/// What was done, as the audit log names it.
pub(super) fn action(action: AuditAction) -> Phrase {
    // A key of the catalogues has no full stop in it.
    phrase!("term-action", word = Fact::text(action), key = action.name().replace('.', "-"))
}

/// What happened to a consent.
pub(super) fn ledger_action(action: Action) -> Phrase {
    // A key of the catalogues has no low line in it.
    phrase!("term-ledger-action", word = action.as_str(), key = action.as_str().replace('_', "-"))
}

/// By which way something reached the ledger.
pub(super) fn method(method: &Method) -> Phrase {
    match method {
        Method::Staff(who) => phrase!("method-staff", who = who),
        other => {
            let word = other.to_string();
            phrase!("term-method", key = word.replace(['_', ':'], "-"), word = word)
        }
    }
}

/// Why an address must not be written to.
pub(super) fn cause(cause: Cause) -> Phrase {
    phrase!("term-cause", word = cause.as_str())
}

/// What becomes of a letter that asks whether to go on.
pub(super) fn renewal_state(state: RenewalState) -> Phrase {
    phrase!("term-renewal-state", word = Fact::text(state))
}

/// What a report of undelivered mail says of an address.
pub(super) fn bounce_class(class: BounceClass) -> Phrase {
    phrase!("term-bounce-class", word = Fact::text(class))
}

/// What a message is that came back.
pub(super) fn returned_kind(kind: ReturnedKind) -> Phrase {
    phrase!("term-returned-kind", word = kind.as_str())
}

/// What follows from a report of undelivered mail.
pub(super) fn bounce_effect(effect: BounceEffect) -> Phrase {
    phrase!("term-bounce-effect", word = effect.as_str())
}

/// What a clock of retention removes.
pub(super) fn retention_clock(clock: RetentionClock) -> Phrase {
    phrase!("term-retention-clock", word = clock.name())
}
