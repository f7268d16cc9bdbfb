//! In which of the languages of our pages somebody would rather read, by what their browser asks for.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;

use crate::text::InterfaceLanguage;

/// The `Accept-Language` of a request (RFC 9110, section 12.5.4). It is looked at and forgotten.
pub(super) struct AcceptLanguage(String);

impl<S: Sync> FromRequestParts<S> for AcceptLanguage {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let said = parts.headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
        Ok(Self(said.collect::<Vec<_>>().join(",")))
    }
}

impl AcceptLanguage {
    /// The one that is wanted most, and of several that are wanted alike the one that is named first. `None` when none of them is
    /// wanted.
    pub(super) fn of_pages(&self) -> Option<InterfaceLanguage> {
        let mut best: Option<(u16, InterfaceLanguage)> = None;
        for (language, weight) in self.0.split(',').filter_map(wanted) {
            if weight > best.map_or(0, |(weight, _)| weight) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

/// A language of our pages, and how much it is wanted, in thousandths.
fn wanted(range: &str) -> Option<(InterfaceLanguage, u16)> {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next()?;
    let primary = tag.split('-').next().unwrap_or(tag);
    let language = InterfaceLanguage::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))?;
    let weight = match parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))) {
        Some(written) => thousandths(written)?,
        None => 1000,
    };
    Some((language, weight))
}

/// A weight of RFC 9110, section 12.4.2: 0 to 1, with three decimals at most.
fn thousandths(written: &str) -> Option<u16> {
    let (whole, decimals) = written.split_once('.').unwrap_or((written, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let weight = whole.parse::<u16>().ok().filter(|whole| *whole <= 1)? * 1000
        + format!("{decimals:0<3}").parse::<u16>().ok()?;
    (weight <= 1000).then_some(weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &str, expected: Option<InterfaceLanguage>) {
        assert_eq!(AcceptLanguage(said.into()).of_pages(), expected, "{said}");
    }

    #[test]
    fn the_language_that_is_wanted_most_is_found() {
        use InterfaceLanguage::{En, Fr};
        check("", None);
        check("fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7", Some(Fr));
        check("en-GB,en;q=0.9,fr;q=0.8", Some(En));
        check("de-DE, de;q=0.9, en;q=0.5, fr;q=0.4", Some(En));
        check("fr;q=0.4, EN;Q=0.5", Some(En));
        check("en, fr", Some(En));
        check("fr, en", Some(Fr));
        check("de, *;q=0.5", None);
    }

    #[test]
    fn what_is_refused_or_makes_no_sense_is_not_wanted() {
        use InterfaceLanguage::Fr;
        check("en;q=0, fr;q=0.001", Some(Fr));
        check("en;q=0", None);
        for nonsense in ["en;q=2", "en;q=1.001", "en;q=x", "en;q=0.0001", "en;q=-1", "en;q=", "english", ";;,,", "e"] {
            check(nonsense, None);
            check(&format!("{nonsense}, fr;q=0.1"), Some(Fr));
        }
    }
}
