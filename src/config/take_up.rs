//! What a running daemon takes up of settings that were read anew, and what needs a restart.

use super::settings::Settings;

/// `new`, with what cannot be changed while a daemon runs as it is in `running`; and the keys of what differs there: where
/// the store, the keys, the anchors and the record of departures are, where it listens, and what they are bound to.
pub fn take_up(new: Settings, running: &Settings) -> (Settings, Vec<&'static str>) {
    let mut differs = Vec::new();
    let mut keep = |same: bool, key| {
        if !same {
            differs.push(key);
        }
    };
    keep(new.store == running.store, "`url` in `[store]`");
    keep(new.departures == running.departures, "`departures` in `[store]`");
    keep(new.anchors == running.anchors, "`anchors` in `[consent]`");
    keep(new.keys == running.keys, "`file` in `[keys]`");
    keep(new.public.listen == running.public.listen, "`listen` in `[public]`");
    keep(new.private == running.private, "`listen` in `[private]`");
    keep(new.consent.controller == running.consent.controller, "`controller` in `[consent]`");
    keep(new.bounces == running.bounces, "`[bounces]`");
    keep(new.clock == running.clock, "`allowed_leap_days` in `[clock]`");
    let mut taken_up = new;
    taken_up.store.clone_from(&running.store);
    taken_up.departures.clone_from(&running.departures);
    taken_up.anchors.clone_from(&running.anchors);
    taken_up.keys.clone_from(&running.keys);
    taken_up.public.listen.clone_from(&running.public.listen);
    taken_up.private.clone_from(&running.private);
    taken_up.consent.controller.clone_from(&running.consent.controller);
    taken_up.bounces.clone_from(&running.bounces);
    taken_up.clock = running.clock;
    (taken_up, differs)
}
