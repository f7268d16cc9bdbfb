//! How a shop looks: its logo, its colour with every shade that follows from it, its letters, its corners. Said once, in
//! `[brand]`, and used by every page and every letter. Without that, the shop's name is set well, in ink.
//!
//! What it does not do: read files (`config`), or lay anything out (the templates).

mod colour;
mod palette;
mod picture;
mod typeface;
mod whole;

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::text::WebAddress;

pub use colour::{Colour, NoColour};
pub use palette::{Palette, READABLE, Shades};
pub use picture::{LARGEST_LOGO, LARGEST_PHOTO, Picture, PictureFault, PictureKind, is_path_of_picture};
pub use typeface::{Typeface, Typesetting};

/// The colour of a shop that names none: ink.
const INK: Colour = Colour::of([0x23, 0x20, 0x1c]);

/// How a shop looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Brand {
    /// Every colour.
    #[serde(flatten)]
    pub palette: Palette,
    /// The letters.
    #[serde(rename = "type")]
    pub typeface: Typeface,
    /// The corners of buttons, fields and cards.
    pub corners: Corners,
    /// The logo on pages.
    pub logo: Option<LogoPair>,
    /// The logo in letters, which is made of pixels: many mail readers show no drawing.
    pub letter_logo: Option<LogoPair>,
    /// The legal notice of the shop.
    pub legal_url: Option<WebAddress>,
    /// Its terms of sale.
    pub terms_url: Option<WebAddress>,
    /// The pictures of sales, by the names of their files.
    #[serde(skip)]
    pub photos: BTreeMap<String, Picture>,
}

/// A logo, and the one for dark grounds where it is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogoPair {
    /// On light ground.
    pub light: Picture,
    /// On dark ground, if it is another.
    pub dark: Option<Picture>,
}

/// How round corners are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Corners {
    /// Not at all.
    #[default]
    Square,
    /// A little.
    Soft,
    /// As far as they go.
    Round,
}

/// The radii of corners, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Radii {
    /// Of buttons and fields.
    control: u16,
    /// Of cards and pictures.
    card: u16,
}

impl Corners {
    /// Every one, with the word for it in the configuration.
    pub const ALL: [(Self, &'static str); 3] = [(Self::Square, "square"), (Self::Soft, "soft"), (Self::Round, "round")];

    /// Those that `word` names.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(corners, _)| *corners)
    }

    fn radii(self) -> Radii {
        match self {
            Self::Square => Radii { control: 0, card: 0 },
            Self::Soft => Radii { control: 6, card: 8 },
            Self::Round => Radii { control: 30, card: 18 },
        }
    }
}

impl Serialize for Corners {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.radii().serialize(serializer)
    }
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            palette: Palette::of(INK),
            typeface: Typeface::default(),
            corners: Corners::default(),
            logo: None,
            letter_logo: None,
            legal_url: None,
            terms_url: None,
            photos: BTreeMap::new(),
        }
    }
}

impl Brand {
    /// Every picture of it that is served.
    pub fn pictures(&self) -> impl Iterator<Item = &Picture> {
        let pairs = self.logo.iter().chain(&self.letter_logo);
        pairs.flat_map(|pair| std::iter::once(&pair.light).chain(&pair.dark)).chain(self.photos.values())
    }

    /// What is said of shades of the shop's colour that are darker than itself, so that words can be read.
    pub fn darkened(&self) -> Vec<Phrase> {
        let colour = Fact::text(self.palette.colour);
        let words = self
            .palette
            .darker_for_words()
            .map(|shade| phrase!("brand-darker-words", colour = colour.clone(), shade = Fact::text(shade)));
        let buttons = self
            .palette
            .darker_for_buttons()
            .map(|shade| phrase!("brand-darker-buttons", colour = colour.clone(), shade = Fact::text(shade)));
        words.into_iter().chain(buttons).collect()
    }

    /// What the style of pages is told: the colours of both schemes, the letters, the corners, as properties of CSS.
    pub fn style(&self) -> String {
        let set = self.typeface.setting();
        let Radii { control, card } = self.corners.radii();
        let (light, dark) = (properties(&self.palette.light), properties(&self.palette.dark));
        format!(
            ":root {{\n  color-scheme: light dark;\n{light}  --display: {};\n  --text: {};\n  --weight: {};\n  --tracking: {};\n  \
             --mark-case: {};\n  --mark-tracking: {};\n  --mark-weight: {};\n  --control: {control}px;\n  --round: {card}px;\n}}\n\
             @media (prefers-color-scheme: dark) {{\n  :root {{\n{dark}  }}\n}}\n",
            set.display, set.text, set.weight, set.tracking, set.mark.case, set.mark.tracking, set.mark.weight,
        )
    }
}

fn properties(shades: &Shades) -> String {
    let Shades { paper, wash, card, ink, soft, line, edge, accent, fill, on_fill, open } = shades;
    format!(
        "  --paper: {paper};\n  --wash: {wash};\n  --card: {card};\n  --ink: {ink};\n  --soft: {soft};\n  --line: {line};\n  \
         --edge: {edge};\n  --accent: {accent};\n  --fill: {fill};\n  --on-fill: {on_fill};\n  --open: {open};\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_without_a_brand_is_set_in_ink() {
        let brand = Brand::default();
        assert_eq!(brand.palette.light.fill, INK);
        assert!(brand.palette.darker_for_words().is_none() && brand.pictures().next().is_none());
        let style = brand.style();
        assert!(style.contains("--fill: #23201c;") && style.contains("prefers-color-scheme: dark"), "{style}");
        assert_eq!(style.matches('{').count(), style.matches('}').count());
    }
}
