//! Lines that are no wider than a terminal.

/// `text` in lines of at most `width` characters, the first behind `head`, the others indented as far. What is longer than a
/// line stands on one of its own. Spaces that must not break do not.
pub(super) fn wrapped(head: &str, text: &str, width: usize) -> String {
    let indent = head.chars().count();
    let (mut lines, mut line, mut length) = (String::new(), head.to_owned(), indent);
    let mut is_empty = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let more = word.chars().count();
        if !is_empty && length + 1 + more > width {
            lines.push_str(line.trim_end());
            lines.push('\n');
            line = " ".repeat(indent);
            length = indent;
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += more;
        is_empty = false;
    }
    lines.push_str(line.trim_end());
    lines.push('\n');
    lines
}

/// `text`, cut to `width` characters, with a sign that it was.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrapped("1  ", "un deux trois", 9), "1  un\n   deux\n   trois\n");
        assert_eq!(wrapped("", "à 8\u{a0}h", 3), "à\n8\u{a0}h\n");
        assert_eq!(wrapped("- ", "", 9), "-\n");
        assert_eq!((cut("hiver", 5).as_str(), cut("hiver", 4).as_str()), ("hiver", "hiv…"));
    }
}
