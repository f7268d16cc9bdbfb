//! Keys that a store names and the key file does not hold: fingerprints made with them cannot be made again, so nobody can be
//! recognised by them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::keyring::{KeyId, NoKeyId};

/// Names of keys, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyIds(BTreeSet<KeyId>);

impl KeyIds {
    /// These and `more`.
    #[must_use]
    pub fn with(mut self, more: impl IntoIterator<Item = KeyId>) -> Self {
        self.0.extend(more);
        self
    }

    /// Those of them that are not `held`; `None` when all are.
    pub fn not_held(&self, held: &[KeyId]) -> Option<KeysMissing> {
        let missing: BTreeSet<KeyId> = self.0.iter().filter(|id| !held.contains(id)).copied().collect();
        (!missing.is_empty()).then_some(KeysMissing(missing))
    }
}

impl FromIterator<KeyId> for KeyIds {
    fn from_iter<I: IntoIterator<Item = KeyId>>(ids: I) -> Self {
        Self(ids.into_iter().collect())
    }
}

impl fmt::Display for KeyIds {
    /// With spaces between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&joined(&self.0, " ", ""))
    }
}

impl FromStr for KeyIds {
    type Err = NoKeyId;

    fn from_str(text: &str) -> Result<Self, NoKeyId> {
        text.split_ascii_whitespace().map(str::parse).collect()
    }
}

/// At least one key that is named and not held. What it says is the one sentence of this, wherever it is met.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "of the keys that the store was used with, the key file lacks {}: nobody would be recognised by what was made with it, also not \
     who left",
    joined(.0, ", ", "`")
)]
pub struct KeysMissing(BTreeSet<KeyId>);

impl KeysMissing {
    /// What a person does about it.
    pub fn remedy(&self) -> String {
        format!(
            "put back the copy of the key file that holds {}, and start the daemon again, which reads the keys at its start alone. \
             If no copy is left, this store can be used for mail no more: docs/restore.md says how to go on",
            joined(&self.0, ", ", "`")
        )
    }
}

fn joined(ids: &BTreeSet<KeyId>, between: &str, around: &str) -> String {
    ids.iter().map(|id| format!("{around}{id}{around}")).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_and_not_held_is_missing() {
        let id = |text: &str| text.parse::<KeyId>().unwrap();
        let (a, b, c) = (id("aaaaaaaa"), id("bbbbbbbb"), id("cccccccc"));
        for (named, held, missing) in [
            (&[] as &[KeyId], &[] as &[KeyId], &[] as &[KeyId]),
            (&[], &[a], &[]),
            (&[a], &[a], &[]),
            (&[a], &[b, a], &[]),
            (&[a, b], &[a], &[b]),
            (&[b, a, b], &[c], &[a, b]),
            (&[a], &[], &[a]),
        ] {
            let named: KeyIds = named.iter().copied().collect();
            let found = named.not_held(held);
            let ids: Vec<KeyId> = found.iter().flat_map(|it| it.0.iter().copied()).collect();
            assert_eq!((ids.as_slice(), found.is_none()), (missing, missing.is_empty()), "{named} {held:?}");
            assert_eq!(named.to_string().parse(), Ok(named));
        }
        let told = KeyIds::default().with([b, a]).not_held(&[]).unwrap();
        assert!(told.to_string().contains("lacks `aaaaaaaa`, `bbbbbbbb`:"), "{told}");
        assert!(told.remedy().contains("holds `aaaaaaaa`, `bbbbbbbb`, and"), "{}", told.remedy());
        assert_eq!("aaaaaaaa nothing".parse::<KeyIds>(), Err(NoKeyId));
    }
}
