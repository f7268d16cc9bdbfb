//! A shop's own folder of templates, made of the built-in ones.

use std::fs;
use std::path::Path;

/// Copies the French letter `kind` from the built-in templates into `folder`, with each first text replaced by the
/// second in whichever of its files holds it.
#[track_caller]
pub fn own_letter(folder: &Path, kind: &str, edits: &[(&str, &str)]) {
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("email_templates").join(kind);
    let own = folder.join(kind);
    fs::create_dir_all(&own).unwrap();
    let mut used = vec![false; edits.len()];
    for name in ["subject.txt", "body.txt", "body.html"] {
        let mut text = fs::read_to_string(built_in.join(name)).unwrap();
        for ((from, to), used) in edits.iter().zip(&mut used) {
            *used |= text.contains(from);
            text = text.replace(from, to);
        }
        fs::write(own.join(name), text).unwrap();
    }
    assert!(used.iter().all(|used| *used), "{edits:?} is not in the built-in `{kind}`");
}
