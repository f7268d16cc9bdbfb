//! What browsers and search engines ask every site for: an icon, and what not to look at. And the pictures of the brand.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::App;
use super::cache::Held;
use super::ready::Ready;
use super::routes::Routes;
use super::segment::Segment;
use crate::brand::Brand;

/// The folders in which every page is one person's.
const PERSONAL: [&str; 4] = ["u", "p", "confirm", "renew"];

/// The routes of the site.
pub(super) fn routes() -> Routes {
    pictures().at("/robots.txt", get(robots))
}

/// The icon, and the pictures of the brand.
pub(super) fn pictures() -> Routes {
    Routes::none().at("/favicon.ico", get(icon)).at(
        "/brand/{name}",
        get(async |app: State<App>, Segment(name): Segment, held: Held| picture(&app, &held, &name)),
    )
}

/// A picture of the brand. Its name is a hash of what is in it, so caches may keep it for good. A drawing that is opened by
/// itself runs nothing and loads nothing.
fn picture(app: &App, held: &Held, name: &str) -> Response {
    let Some(logo) = app.shop.brand.pictures().find(|logo| logo.file_name() == name) else {
        return (StatusCode::NOT_FOUND, [(CACHE_CONTROL, "no-cache")], "").into_response();
    };
    let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
    let bytes = Bytes::from_owner(Arc::clone(logo.bytes()));
    Ready::new(logo.kind().media_type(), bytes).with([(CONTENT_SECURITY_POLICY, policy)]).respond_for_good(held)
}

async fn icon(State(app): State<App>, held: Held) -> Response {
    let icon = initial(app.shop.name.as_str(), &app.shop.brand);
    Ready::new("image/svg+xml", icon).respond(&held, app.clock.now(), None)
}

async fn robots(State(app): State<App>, held: Held) -> Response {
    let lines = PERSONAL.map(|folder| format!("Disallow: {}/{folder}/\n", app.base));
    let text = format!("User-agent: *\n{}", lines.concat());
    Ready::new("text/plain; charset=utf-8", text).respond(&held, app.clock.now(), None)
}

/// The first letter of the shop's name in its colour, as a picture.
fn initial(name: &str, brand: &Brand) -> String {
    let (fill, words) = (brand.palette.light.fill, brand.palette.light.on_fill);
    let families = brand.typeface.setting().letter_display;
    // Only letters and digits: none of them means anything in XML.
    let letter = name.chars().find(|letter| letter.is_alphanumeric()).into_iter().flat_map(char::to_uppercase);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" height=\"32\" rx=\"7\" \
         fill=\"{fill}\"/><text x=\"16\" y=\"22.5\" font-family=\"{families}\" font-size=\"19\" fill=\"{words}\" \
         text-anchor=\"middle\">{}</text></svg>",
        letter.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_is_the_first_letter_of_the_name() {
        for (name, letter) in
            [("maison exemple", ">M<"), ("« Élan »", ">É<"), ("<&>", "middle\"><"), ("4 saisons", ">4<")]
        {
            assert!(initial(name, &Brand::default()).contains(letter), "{name}");
        }
    }
}
