//! What may stand in HTML and SVG.

/// `text` between tags or quotation marks.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other if other.is_control() && other != '\n' => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

/// A length with one decimal, as SVG has it.
pub(super) fn px(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_markup_are_words() {
        assert_eq!(escaped("<a href=\"&\">\u{7}"), "&lt;a href=&quot;&amp;&quot;&gt; ");
        assert_eq!((px(12.04).as_str(), px(12.25).as_str(), px(-0.5).as_str()), ("12", "12.2", "-0.5"));
    }
}
