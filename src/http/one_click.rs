//! What the body of a POST to an unsubscribe link asks for.
//!
//! RFC 8058 has providers send one field, `List-Unsubscribe=One-Click`, in either way that forms have. They differ in
//! spelling, in quotation marks, and in what they say of the body's type; so the body alone is read, not its type. The
//! token in the link is what authorises a withdrawal, so a kind reading lets nobody in.

use crate::text::percent_decoded;

/// What a body asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing is in it: the button of our own page.
    Button,
    /// The one-click field is in it.
    OneClick,
    /// It is about something else.
    SomethingElse,
}

/// The field's name and its value.
const FIELD: (&str, &str) = ("List-Unsubscribe", "One-Click");

/// Reads the body of a POST.
pub(super) fn asked(body: &[u8]) -> Asked {
    let body = String::from_utf8_lossy(body).replace("\r\n", "\n").replace('\r', "\n");
    let body = body.trim_matches(is_around);
    if body.is_empty() {
        Asked::Button
    } else if has_field(body) || has_part(body) {
        Asked::OneClick
    } else {
        Asked::SomethingElse
    }
}

/// Whether an `application/x-www-form-urlencoded` or `text/plain` body holds the field. It is decoded before it is cut
/// at the `=`, because some encode that as well.
fn has_field(body: &str) -> bool {
    body.split(['&', ';', '\n']).any(|field| {
        let field = percent_decoded(&field.replace('+', " "));
        field.split_once('=').is_some_and(|(name, value)| is(name, FIELD.0) && is(value, FIELD.1))
    })
}

/// Whether a `multipart/form-data` body (RFC 7578) holds the field. The first line that starts with two hyphens names
/// the boundary, so it need not be looked for in the type.
fn has_part(body: &str) -> bool {
    let Some(delimiter) = body.lines().map(str::trim_end).find(|line| line.starts_with("--") && line.len() > 2) else {
        return false;
    };
    body.split(delimiter).filter_map(|part| part.trim_start().split_once("\n\n")).any(|(head, value)| {
        let items = head.split([';', '\n']).filter_map(|item| item.split_once('='));
        let mut names = items.filter(|(key, _)| key.trim().eq_ignore_ascii_case("name"));
        names.any(|(_, name)| is(&percent_decoded(name), FIELD.0)) && is(value, FIELD.1)
    })
}

/// Whether `text` says `word`, in any case and inside anything that senders put around it.
fn is(text: &str, word: &str) -> bool {
    text.trim_matches(is_around).eq_ignore_ascii_case(word)
}

fn is_around(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || matches!(letter, '"' | '\'' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Asked) {
        assert_eq!(asked(body.as_bytes()), expected, "{body:?}");
    }

    #[test]
    fn the_one_field_is_understood_however_it_is_encoded() {
        for body in [
            "List-Unsubscribe=One-Click",
            "list-unsubscribe=one-click\r\n",
            "List%2DUnsubscribe=One%2DClick",
            "List%2dUnsubscribe%3DOne%2dClick",
            "List-Unsubscribe=\"One-Click\"",
            "List-Unsubscribe=%22One-Click%22",
            "\"List-Unsubscribe=One-Click\"",
            "+List-Unsubscribe+=+One-Click+",
            "\u{feff}List-Unsubscribe=One-Click\0",
            "a=b&List-Unsubscribe=One-Click&c",
        ] {
            check(body, Asked::OneClick);
        }
    }

    #[test]
    fn a_part_is_understood_whatever_its_boundary() {
        for (disposition, value) in [
            ("Content-Disposition: form-data; name=\"List-Unsubscribe\"", "One-Click"),
            ("content-disposition: form-data; name=List-Unsubscribe", "One-Click"),
            ("Content-Disposition: form-data; NAME = 'list-unsubscribe'", " one-click "),
            ("Content-Disposition: form-data;\r\n name=\"List%2DUnsubscribe\"", "\"One-Click\""),
            ("Content-Type: text/plain\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"", "One-Click"),
        ] {
            for boundary in ["X", "----WebKitFormBoundary7MA4YWxkTrZu0gW", "=_a b'()+,./:?", "\"q\""] {
                let other = "Content-Disposition: form-data; name=\"a\"\r\n\r\nb";
                let body = format!(
                    "--{boundary}\r\n{other}\r\n--{boundary}\r\n{disposition}\r\n\r\n{value}\r\n--{boundary}--\r\n"
                );
                check(&body, Asked::OneClick);
                check(&body.replace("\r\n", "\n"), Asked::OneClick);
            }
        }
    }

    #[test]
    fn our_button_sends_nothing() {
        for body in ["", "\r\n", " \0"] {
            check(body, Asked::Button);
        }
    }

    #[test]
    fn anything_else_asks_for_nothing() {
        for body in [
            "a=b",
            "List-Unsubscribe=No",
            "List-Unsubscribe",
            "List-Unsubscribe=",
            "One-Click",
            "x-List-Unsubscribe=One-Click",
            "List-Unsubscribe=One-Click-Not",
            "--",
            "--X--",
            "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nOne-Click\r\n--X--",
            "--X\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nNo\r\n--X--",
            "--X\r\nContent-Disposition: form-data; filename=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--X--",
            "%",
            "%%3",
        ] {
            check(body, Asked::SomethingElse);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200), text in "[-%=a-f0-9\r\n\"]{0,60}") {
            let _ = asked(&body);
            let _ = asked(text.as_bytes());
        }
    }
}
