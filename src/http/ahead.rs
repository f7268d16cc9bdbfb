//! The one question that whole audiences ask at once, answered before any routing: `GET /gates/{slug}`, when the answer lies
//! in memory. Everything else, and this question when the store has to be looked at, goes to the routes. The answer is made by
//! the same functions, so that it is the same, header by header.

use axum::body::HttpBody as _;
use axum::extract::Request;
use axum::http::Method;
use axum::http::header::{CONTENT_LENGTH, IF_NONE_MATCH};
use axum::response::Response;
use tokio::time::Instant;

use super::cache::Held;
use super::{App, gates, said_of_every_answer};

/// The answer, when it is this question and no look at the store is due.
pub fn answer(app: &App, request: &Request) -> Option<Response> {
    let slug = slug(request.method(), request.uri().path())?;
    let present = app.present.at_hand_meanwhile(Instant::now())?;
    let known = present.find(slug)?;
    let now = app.clock.now();
    let held = Held::of(request.headers().get_all(IF_NONE_MATCH).iter());
    let mut response = gates::answer_of(known, &held, now).ok()?;
    gates::read_from_every_origin(&mut response);
    said_of_every_answer(&mut response, now);
    if let Some(length) = response.body().size_hint().exact() {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    Some(response)
}

/// What the path names, when it is that of a gate as it stands.
fn slug<'a>(method: &Method, path: &'a str) -> Option<&'a str> {
    let slug = path.strip_prefix("/gates/")?;
    (*method == Method::GET && !slug.is_empty() && !slug.contains(['/', '%'])).then_some(slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_question_about_a_gate_is_answered_ahead() {
        assert_eq!(slug(&Method::GET, "/gates/hiver"), Some("hiver"));
        for (method, path) in [
            (Method::HEAD, "/gates/hiver"),
            (Method::POST, "/gates/hiver"),
            (Method::OPTIONS, "/gates/hiver"),
            (Method::GET, "/gates"),
            (Method::GET, "/gates/"),
            (Method::GET, "/gates/hiver/"),
            (Method::GET, "/gates/a/b"),
            (Method::GET, "/gates/hi%76er"),
            (Method::GET, "/gates.jwt"),
        ] {
            assert_eq!(slug(&method, path), None, "{method} {path}");
        }
    }
}
