//! The fields of a form, in either of the two ways in which browsers and scripts send one. The body alone is read, not what
//! is claimed of its type.

/// The fields in `body`, by name, in their order. Of a body that is no form, nothing that anybody asks for.
pub(super) fn fields(body: &[u8]) -> Vec<(String, String)> {
    let parts = parts(&String::from_utf8_lossy(body));
    if parts.is_empty() { url::form_urlencoded::parse(body).into_owned().collect() } else { parts }
}

/// The parts of a `multipart/form-data` body (RFC 7578) that are no files. Its first line is the boundary.
fn parts(body: &str) -> Vec<(String, String)> {
    let Some(delimiter) =
        body.lines().next().map(str::trim_end).filter(|line| line.len() > 2 && line.starts_with("--"))
    else {
        return Vec::new();
    };
    let heads = body.split(delimiter).filter_map(|part| {
        part.split_once("\r\n\r\n").or_else(|| part.split_once("\n\n")).map(|(head, value)| (head.trim_start(), value))
    });
    let field = |(head, value): (&str, &str)| {
        let value = value.strip_suffix("\r\n").or_else(|| value.strip_suffix('\n')).unwrap_or(value);
        let mut items = head.split([';', '\n', '\r']).filter_map(|item| item.trim().split_once('='));
        let (_, name) = items.find(|(key, _)| key.trim().eq_ignore_ascii_case("name"))?;
        Some((name.trim().trim_matches('"').to_owned(), value.to_owned()))
    };
    heads.filter_map(field).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(body: &str, expected: &[(&str, &str)]) {
        let found = fields(body.as_bytes());
        let found: Vec<(&str, &str)> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, expected, "{body:?}");
    }

    #[test]
    fn both_ways_say_the_same() {
        check(
            "email=a%40example.fr&source=footer&time=",
            &[("email", "a@example.fr"), ("source", "footer"), ("time", "")],
        );
        let part =
            |name: &str, value: &str| format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        let body = format!(
            "--b1\r\n{}--b1\r\n{}--b1\r\n{}--b1--\r\n",
            part("email", "a@example.fr"),
            part("text", "two\r\n\r\nparagraphs"),
            part("time", "")
        );
        let expected = [("email", "a@example.fr"), ("text", "two\r\n\r\nparagraphs"), ("time", "")];
        check(&body, &expected);
        check(&body.replace('"', ""), &expected);
        check(
            "--b1\nContent-Disposition: form-data; name=\"email\"\n\na@example.fr\n--b1--\n",
            &[("email", "a@example.fr")],
        );
        check("--a=b", &[("--a", "b")]);
        check("", &[]);
        check("{\"email\":\"a@example.fr\"}", &[("{\"email\":\"a@example.fr\"}", "")]);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200), text in "[-=;:a\"\r\n]{0,80}") {
            let _ = fields(&body);
            let _ = fields(text.as_bytes());
        }
    }
}
