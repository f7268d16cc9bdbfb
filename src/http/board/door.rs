//! Who may look at the board. Where a token is set, whoever has it; without one, whoever reaches this machine's own address: a page of
//! somebody else that a browser on this machine shows must not reach it under a name of its own.

use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, HOST, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::super::App;
use crate::text::is_loopback;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    /// Somebody who may look.
    Known,
    /// Somebody without the token.
    WithoutToken,
    /// Somebody who came under a name that is not this machine's, while no token is set.
    Elsewhere,
}

/// What whoever may not look is answered with; none for those who may.
pub(super) fn closed(app: &App, headers: &HeaderMap) -> Option<Response> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let kept = (CACHE_CONTROL, "no-store");
    match caller(app.board_token.as_ref(), text(AUTHORIZATION), text(HOST)) {
        Caller::Known => None,
        Caller::WithoutToken => {
            let asks = (WWW_AUTHENTICATE, "Basic realm=\"Carillon\", charset=\"UTF-8\"");
            let words = "the board asks for the token of `token_file` in `[private]`: as the password, with any name\n";
            Some((StatusCode::UNAUTHORIZED, [asks, kept], words).into_response())
        }
        Caller::Elsewhere => {
            let words = "without a token the board is for this machine alone: ask at http://localhost or an address of it, or \
                         set `token_file` in `[private]`\n";
            Some((StatusCode::FORBIDDEN, [kept], words).into_response())
        }
    }
}

/// Who asks, by the token that is set, what they say of themselves, and the name under which they reach us.
fn caller(token: Option<&SecretString>, authorization: Option<&str>, host: Option<&str>) -> Caller {
    let Some(token) = token else {
        // Without a name there is no browser.
        let is_ours = host.is_none_or(|host| is_loopback(name_of(host)));
        return if is_ours { Caller::Known } else { Caller::Elsewhere };
    };
    let given = authorization.and_then(given_token);
    // Digests are of one length, so that the time it takes tells nothing.
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    let same = given.is_some_and(|given| digest(&given).ct_eq(&digest(token.expose_secret())).into());
    if same { Caller::Known } else { Caller::WithoutToken }
}

/// The name in a host with or without a port.
fn name_of(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

/// What a browser sends as a password, or a program as a bearer token.
fn given_token(authorization: &str) -> Option<String> {
    let (scheme, rest) = authorization.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
    decoded.split_once(':').map(|(_, password)| password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_asked_for_where_it_is_set() {
        let token = SecretString::from("correct horse battery");
        let basic = format!("Basic {}", STANDARD.encode("anybody:correct horse battery"));
        for (authorization, expected) in [
            (Some(basic.as_str()), Caller::Known),
            (Some("Bearer correct horse battery"), Caller::Known),
            (Some("bearer  correct horse battery"), Caller::Known),
            (Some("Bearer correct horse batter"), Caller::WithoutToken),
            (Some("Basic !!"), Caller::WithoutToken),
            (Some("Digest x"), Caller::WithoutToken),
            (Some(""), Caller::WithoutToken),
            (None, Caller::WithoutToken),
        ] {
            assert_eq!(caller(Some(&token), authorization, Some("board.example.fr")), expected, "{authorization:?}");
        }
    }

    #[test]
    fn without_a_token_only_this_machine_looks() {
        for (host, expected) in [
            (None, Caller::Known),
            (Some("localhost:9464"), Caller::Known),
            (Some("127.0.0.1:9464"), Caller::Known),
            (Some("[::1]:9464"), Caller::Known),
            (Some("board.example.fr"), Caller::Elsewhere),
            (Some("192.0.2.7:9464"), Caller::Elsewhere),
            (Some("127.0.0.1.example.fr:9464"), Caller::Elsewhere),
            (Some(""), Caller::Elsewhere),
        ] {
            assert_eq!(caller(None, None, host), expected, "{host:?}");
        }
    }
}
