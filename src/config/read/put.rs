//! `[gate.put]`: where the signed file is put besides.

use hyper::header::{
    AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue,
    TRANSFER_ENCODING, USER_AGENT,
};
use secrecy::ExposeSecret as _;

use super::super::file::PutFile;
use super::super::settings::PutSettings;
use super::SettingsReader;
use crate::files::{SecretFileError, read_secret};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken as _};

const TABLE: &str = "gate.put";

/// What every request says for itself.
const OURS: [HeaderName; 7] =
    [CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING, USER_AGENT];

impl SettingsReader<'_> {
    pub(super) fn put(&mut self, file: &PutFile) -> Option<PutSettings> {
        let target = self.call_target(TABLE, &file.url, (file.ca_file.as_deref(), file.private_addresses))?;
        let token = match &file.token_file {
            None => None,
            Some(name) => Some(self.token(("token_file", TABLE), name)?),
        };
        let headers = match &file.headers_file {
            None => Vec::new(),
            Some(name) => {
                let path = self.folder.join(name.get_ref());
                let said = match read_secret(&path) {
                    Ok(text) => headers(text.expose_secret(), token.is_some())
                        .map_err(|line| phrase!("config-put-header", path = Fact::text(path.display()), line = line)),
                    Err(SecretFileError::Unreadable { path, why }) => {
                        Err(phrase!("config-token-unreadable", path = path, why = why.phrase()))
                    }
                    Err(exposed @ SecretFileError::Exposed { .. }) => Err(exposed.phrase()),
                };
                let refused = |why: Phrase| {
                    let remedy = phrase!("config-write-put-headers");
                    self.refuse_with(("headers_file", TABLE), name.span(), why, remedy);
                };
                said.map_err(refused).ok()?
            }
        };
        Some(PutSettings { target, token, headers })
    }
}

/// The headers in `text`: one a line, as `Name: value`. Empty lines, and those that begin with `#`, say nothing.
///
/// # Errors
/// The number of the first line that is none, or that says what every request says for itself; with a token, also who asks.
fn headers(text: &str, with_token: bool) -> Result<Vec<(HeaderName, HeaderValue)>, usize> {
    let said = |line: &str| {
        let (name, value) = line.split_once(':')?;
        let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
        if OURS.contains(&name) || (with_token && name == AUTHORIZATION) {
            return None;
        }
        let mut value = HeaderValue::from_str(value.trim()).ok()?;
        value.set_sensitive(true);
        Some((name, value))
    };
    let lines = (1..).zip(text.lines().map(str::trim));
    let written = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    written.map(|(number, line)| said(line).ok_or(number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_line_by_line() {
        let names = |text: &str, token| {
            headers(text, token).map(|headers| headers.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>())
        };
        assert_eq!(names("", false), Ok(vec![]));
        let lines = "# A gateway wants this\n\nx-api-key: 0123\r\nAuthorization: Basic YTpi\n";
        assert_eq!(names(lines, false), Ok(vec!["x-api-key".to_owned(), "authorization".to_owned()]));
        assert_eq!(names(lines, true), Err(4), "a token says it already");
        for (text, line) in [
            ("no header", 1),
            ("\nbad name: x", 2),
            ("x: a\u{1}b", 1),
            ("a: b\nHost: shop.example", 2),
            ("Content-Length: 1", 1),
            ("cache-control: no-store", 1),
            ("Content-Type: text/plain", 1),
        ] {
            assert_eq!(names(text, false), Err(line), "{text}");
        }
        let (_, value) = headers("a: secret", false).unwrap().remove(0);
        assert!(value.is_sensitive() && !format!("{value:?}").contains("secret"));
    }
}
