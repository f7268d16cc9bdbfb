//! What templates leave behind, put in order: blank lines, indentation, long lines of plain text.

/// Longest line of plain text, in characters, where a space allows it (RFC 5322 2.1.1 recommends 78).
const WIDTH: usize = 76;

/// Plain text: no trailing spaces, at most one empty line in a row, lines wrapped at ordinary spaces.
pub(super) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut blank = 0;
    for line in text.lines().map(|line| line.trim_end_matches([' ', '\t', '\r'])) {
        if line.is_empty() {
            blank += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if blank > 0 { "\n\n" } else { "\n" });
        }
        blank = 0;
        wrap(line, &mut out);
    }
    out.push('\n');
    out
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

/// HTML: no empty lines and no indentation, which nobody sees and everybody downloads.
pub(super) fn html(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for line in html.lines().map(str::trim_ascii).filter(|line| !line.is_empty()) {
        out.push_str(line);
        out.push('\n');
    }
    out
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
