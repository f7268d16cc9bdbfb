//! Texts compared as people do, who do not mind capitals.

/// What follows `prefix` in `text`, whatever the case of the letters. Nothing follows an empty prefix.
pub(crate) fn strip_prefix_in_any_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    if prefix.is_empty() {
        return None;
    }
    let mut text = text.chars();
    for expected in prefix.chars() {
        let found = text.next()?;
        if found != expected && !found.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
    }
    Some(text.as_str())
}
