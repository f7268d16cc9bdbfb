//! What templates leave behind, put in order: blank lines, indentation, long lines of plain text.

/// Longest line of plain text, in characters, where a space allows it (RFC 5322 2.1.1 recommends 78).
const WIDTH: usize = 76;

/// How a part is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Plain text: no trailing spaces, at most one empty line in a row, lines wrapped at ordinary spaces.
    Text,
    /// HTML: no empty lines and no indentation, which nobody sees and everybody downloads.
    Html,
}

/// Plain text, laid out.
pub(super) fn text(text: &str) -> String {
    let text = laid_out(text, Layout::Text);
    if text.is_empty() { "\n".to_owned() } else { text }
}

/// HTML, laid out.
pub(super) fn html(html: &str) -> String {
    laid_out(html, Layout::Html)
}

fn laid_out(part: &str, layout: Layout) -> String {
    let mut out = String::with_capacity(part.len() + 64);
    for (gap, line) in lines(part, layout) {
        out.push_str(gap);
        lay_out(line, layout, &mut out);
    }
    out
}

/// The lines of a part that are kept, each with what stands before it.
pub(super) fn lines(part: &str, layout: Layout) -> impl Iterator<Item = (&'static str, &str)> {
    let (mut first, mut blank) = (true, false);
    part.lines().filter_map(move |line| {
        let line = trimmed(line, layout);
        if line.is_empty() {
            blank = true;
            return None;
        }
        let gap = if blank && !first && layout == Layout::Text { "\n" } else { "" };
        (first, blank) = (false, false);
        Some((gap, line))
    })
}

/// A line without what nobody sees of it.
pub(super) fn trimmed(line: &str, layout: Layout) -> &str {
    match layout {
        Layout::Text => line.trim_end_matches([' ', '\t', '\r']),
        Layout::Html => line.trim_ascii(),
    }
}

/// Writes one line and its end.
pub(super) fn lay_out(line: &str, layout: Layout, out: &mut String) {
    match layout {
        Layout::Text => wrap(line, out),
        Layout::Html => out.push_str(line),
    }
    out.push('\n');
}

/// Writes `line`, broken at ordinary spaces only: a no-break space holds, and so does a long address.
fn wrap(line: &str, out: &mut String) {
    let content = line.trim_start_matches(' ');
    let indent = line.len() - content.len();
    let hanging = if content.starts_with("- ") { indent + 2 } else { indent };
    out.push_str(&" ".repeat(indent));
    let mut column = indent;
    for (index, word) in content.split(' ').enumerate() {
        let width = word.chars().count();
        if index > 0 && column + 1 + width > WIDTH && column > hanging {
            out.push('\n');
            out.push_str(&" ".repeat(hanging));
            column = hanging;
        } else if index > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_break_at_ordinary_spaces_only() {
        let long = format!("- {} 8\u{a0}h https://www.example.fr/{}", "mot ".repeat(17).trim(), "x".repeat(90));
        let wrapped = text(&long);
        let lines: Vec<&str> = wrapped.lines().collect();
        assert_eq!(lines.len(), 2, "{wrapped}");
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH || line.starts_with("  https://")), "{wrapped}");
        assert!(wrapped.contains("8\u{a0}h"));
        assert_eq!(wrapped.replace("\n  ", " ").trim_end(), long);
    }

    #[test]
    fn blank_lines_are_single() {
        assert_eq!(text("\n\na  \n\n\n\nb\nc\n\n"), "a\n\nb\nc\n");
        assert_eq!(html("  <p>\n\n\n  a</p>\n"), "<p>\na</p>\n");
    }
}
