//! What browsers and search engines ask every site for: an icon, and what not to look at.

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::App;
use super::cache::Held;
use super::ready::Ready;
use super::routes::Routes;

/// The folders in which every page is one person's.
const PERSONAL: [&str; 4] = ["u", "p", "confirm", "renew"];

/// The routes of the site.
pub(super) fn routes() -> Routes {
    Routes::none().at("/favicon.ico", get(icon)).at("/robots.txt", get(robots))
}

async fn icon(State(app): State<App>, held: Held) -> Response {
    Ready::new("image/svg+xml", initial(app.shop.name.as_str())).respond(&held, app.clock.now(), None)
}

async fn robots(State(app): State<App>, held: Held) -> Response {
    let lines = PERSONAL.map(|folder| format!("Disallow: {}/{folder}/\n", app.base));
    let text = format!("User-agent: *\n{}", lines.concat());
    Ready::new("text/plain; charset=utf-8", text).respond(&held, app.clock.now(), None)
}

/// The first letter of the shop's name, as a picture.
fn initial(name: &str) -> String {
    // Only letters and digits: none of them means anything in XML.
    let letter = name.chars().find(|letter| letter.is_alphanumeric()).into_iter().flat_map(char::to_uppercase);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" height=\"32\" rx=\"7\" \
         fill=\"#23201c\"/><text x=\"16\" y=\"22.5\" font-family=\"Georgia, serif\" font-size=\"19\" fill=\"#fffdf9\" \
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
            assert!(initial(name).contains(letter), "{name}");
        }
    }
}
