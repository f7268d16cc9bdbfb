//! The machine's own zone database, which is asked before the one in this program.

use std::fs;
use std::path::PathBuf;

/// Where the system has its zones, unless `TZDIR` says otherwise.
const ZONES: &str = "/usr/share/zoneinfo";

/// The folder of the database; nothing where the machine has none.
pub(super) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("TZDIR").map_or_else(|| PathBuf::from(ZONES), PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// The version of the database, where the machine has one that says it.
pub(super) fn version() -> Option<String> {
    let folder = folder()?;
    let of_text = fs::read_to_string(folder.join("+VERSION")).ok().map(|text| text.trim().to_owned());
    of_text.or_else(|| {
        let text = fs::read_to_string(folder.join("tzdata.zi")).ok()?;
        text.lines().next()?.strip_prefix("# version ").map(|version| version.trim().to_owned())
    })
}
