//! Every letter that was written, on one page: narrow and wide, by day and by night, and as it is while its pictures are not
//! shown. Without a script, and without anything from elsewhere but the pictures of a designer's own templates.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::brand::Brand;
use crate::language::InterfaceLanguage;
use crate::member::Language;
use crate::phrase;
use crate::phrase::{Phrase, in_words};
use crate::template::escape;

/// What the page looks like, where the properties of a brand are set.
const STYLE: &str = include_str!("../../../config/gallery.css");

/// How wide letters are looked at: on a telephone, and on a desk.
const WIDTHS: [u16; 2] = [320, 640];

/// What a letter asks about the reader's scheme, and what is put in its place: what always holds, and what never does.
const ASKS_FOR_DARK: &str = "(prefers-color-scheme: dark)";
const ASKS_FOR_LIGHT: &str = "(prefers-color-scheme: light)";
const HOLDS: &str = "(min-width: 0)";
const HOLDS_NOT: &str = "(max-width: 0)";

/// A letter to look at.
pub(super) struct GalleryLetter {
    /// What it is called.
    pub(super) name: String,
    /// In which language it is.
    pub(super) language: Language,
    /// Its subject.
    pub(super) subject: String,
    /// The page that mail readers show.
    pub(super) html: String,
    /// What others show.
    pub(super) text: String,
    /// That the campaign does not send it.
    pub(super) note: Option<Phrase>,
}

/// How a letter is shown.
#[derive(Clone, Copy)]
struct FrameLook {
    width: u16,
    dark: bool,
    pictures: bool,
}

/// The page of `letters`, in words of `language`.
pub(super) fn page(letters: &[GalleryLetter], brand: &Brand, language: InterfaceLanguage) -> String {
    let say = |phrase: &Phrase| escape(&in_words(phrase, language));
    let title = say(&phrase!("gallery-title"));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n<meta \
         http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data: https:\">\n\
         <title>{title}</title>\n<style>\n{}{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{}</p>\n",
        brand.style(),
        say(&phrase!("gallery-hint"))
    );
    let links = letters.iter().enumerate().map(|(number, letter)| {
        format!("<li><a href=\"#letter-{number}\">{} ({})</a></li>\n", escape(&letter.name), letter.language)
    });
    let _ = write!(page, "<nav aria-label=\"{title}\">\n<ul>\n{}</ul>\n</nav>\n", links.collect::<String>());
    for (number, letter) in letters.iter().enumerate() {
        let note =
            letter.note.as_ref().map(|note| format!("<p class=\"note\">{}</p>\n", say(note))).unwrap_or_default();
        let _ = write!(
            page,
            "<section id=\"letter-{number}\">\n<h2>{} ({})</h2>\n<p class=\"subject\" lang=\"{}\">{}</p>\n{note}<div class=\"looks\">\n",
            escape(&letter.name),
            letter.language.own_name(),
            letter.language,
            escape(&letter.subject)
        );
        for look in looks() {
            page.push_str(&figure(letter, look, brand, language));
        }
        let _ = write!(
            page,
            "</div>\n<details><summary>{}</summary>\n<pre lang=\"{}\">{}</pre>\n</details>\n</section>\n",
            say(&phrase!("gallery-text")),
            letter.language,
            escape(&letter.text)
        );
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn looks() -> Vec<FrameLook> {
    let shown =
        WIDTHS.into_iter().flat_map(|width| [false, true].map(|dark| FrameLook { width, dark, pictures: true }));
    let bare = WIDTHS.into_iter().map(|width| FrameLook { width, dark: false, pictures: false });
    shown.chain(bare).collect()
}

fn figure(letter: &GalleryLetter, look: FrameLook, brand: &Brand, language: InterfaceLanguage) -> String {
    let scheme = if look.dark { phrase!("gallery-dark") } else { phrase!("gallery-light") };
    let width = i64::from(look.width);
    let caption = if look.pictures {
        phrase!("gallery-look", width = width, scheme = scheme)
    } else {
        phrase!("gallery-look-bare", width = width, scheme = scheme)
    };
    let caption = escape(&in_words(&caption, language));
    let title = format!("{} ({}), {caption}", escape(&letter.name), letter.language);
    let class = if look.dark { "dark" } else { "light" };
    format!(
        "<figure class=\"w{}\">\n<figcaption>{caption}</figcaption>\n<iframe class=\"{class}\" title=\"{title}\" sandbox \
         srcdoc=\"{}\"></iframe>\n</figure>\n",
        look.width,
        escape(&looked_at(&letter.html, look, brand))
    )
}

/// The letter as it is in a mail reader of that scheme.
fn looked_at(html: &str, look: FrameLook, brand: &Brand) -> String {
    let (dark, light) = if look.dark { (HOLDS, HOLDS_NOT) } else { (HOLDS_NOT, HOLDS) };
    let html = html.replace(ASKS_FOR_DARK, dark).replace(ASKS_FOR_LIGHT, light);
    if look.pictures { with_pictures(html, brand) } else { without_pictures(&html) }
}

/// The shop's own pictures are put into the page: they are served only once the daemon runs.
fn with_pictures(html: String, brand: &Brand) -> String {
    brand.pictures().fold(html, |html, picture| {
        let data = || format!("data:{};base64,{}", picture.kind().media_type(), STANDARD.encode(picture.bytes()));
        let address = picture.url().as_str();
        if html.contains(address) { html.replace(address, &data()) } else { html }
    })
}

/// Each picture leads nowhere, so that its words stand in its place.
fn without_pictures(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once("<img ") {
        let (inside, after) = tag.split_once('>').unwrap_or((tag, ""));
        out.push_str(before);
        out.push_str("<img ");
        out.push_str(&without_source(inside));
        out.push('>');
        rest = after;
    }
    out.push_str(rest);
    out
}

fn without_source(attributes: &str) -> String {
    match attributes.split_once("src=\"") {
        Some((before, rest)) => match rest.split_once('"') {
            Some((_, after)) => format!("{before}src=\"data:,\"{after}"),
            None => attributes.to_owned(),
        },
        None => attributes.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &str = "<style>@media (prefers-color-scheme: dark) { p { color: white } }</style><p><img width=\"2\" \
                          src=\"https://news.example.fr/brand/a.png\" alt=\"La façade\"></p>";

    fn gallery() -> String {
        let letter = GalleryLetter {
            name: "annonce <1>".into(),
            language: Language::Fr,
            subject: "« Bonjour » & bienvenue".into(),
            html: LETTER.into(),
            text: "Bonjour <vous>".into(),
            note: None,
        };
        page(&[letter], &Brand::default(), InterfaceLanguage::Fr)
    }

    #[test]
    fn each_letter_is_shown_in_six_ways() {
        let page = gallery();
        assert_eq!(page.matches("<iframe ").count(), 6);
        assert_eq!(page.matches("<iframe class=\"dark\"").count(), 2);
        assert_eq!(page.matches("src=&quot;data:,&quot;").count(), 2);
        assert!(!page.contains("prefers-color-scheme: dark) { p"), "a letter asks nothing of the reader's machine");
        assert!(page.contains("annonce &lt;1&gt; (Français)") && page.contains("Bonjour &lt;vous&gt;"), "{page}");
        assert!(!page.contains("<script") && !page.contains("<link"));
    }

    #[test]
    fn pictures_give_way_to_their_words() {
        let bare = without_pictures(LETTER);
        assert!(bare.contains("<img width=\"2\" src=\"data:,\" alt=\"La façade\">"), "{bare}");
        assert_eq!(without_pictures("<p>a</p>"), "<p>a</p>");
    }
}
