//! Return paths that are ours (VERP): letters for what they are about, a number, and a code that only our keys make. A report
//! that comes back to one names what it is about, and cannot be forged without the keys.

use super::Keyring;
use super::hex::{from_hex, to_hex};

/// What return paths are about.
pub(crate) struct ReturnPathKind {
    /// What they begin with: a letter and a plus sign.
    pub(crate) begins: &'static str,
    /// The purpose of the MAC.
    pub(crate) purpose: &'static str,
}

impl ReturnPathKind {
    /// The return path at `domain` about the row `number`, under the current key. `about` is what else the code is bound to:
    /// a number may be another row's one day.
    pub(crate) fn address(&self, keyring: &Keyring, number: i64, about: &[&[u8]], domain: &str) -> String {
        let mac = keyring.mac(self.purpose, &parts(&number.to_be_bytes(), about));
        format!("{}{number}.{}@{domain}", self.begins, to_hex(mac.get(..8).unwrap_or(&mac)))
    }

    /// The row that `address` is about, if it is a return path of this kind. Whether we made it is not looked at.
    pub(crate) fn number(&self, address: &str) -> Option<i64> {
        self.read(address).map(|(number, _)| number)
    }

    /// Whether we made `address`, under any of our keys, and with `about`.
    pub(crate) fn is_ours(&self, keyring: &Keyring, address: &str, about: &[&[u8]]) -> bool {
        self.read(address)
            .is_some_and(|(number, mac)| keyring.begins_mac(self.purpose, &parts(&number.to_be_bytes(), about), &mac))
    }

    fn read(&self, address: &str) -> Option<(i64, [u8; 8])> {
        let (number, rest) = address.strip_prefix(self.begins)?.split_once('.')?;
        let (mac, _) = rest.split_once('@')?;
        Some((number.parse().ok()?, from_hex(mac)?))
    }
}

fn parts<'a>(number: &'a [u8], about: &[&'a [u8]]) -> Vec<&'a [u8]> {
    std::iter::once(number).chain(about.iter().copied()).collect()
}
