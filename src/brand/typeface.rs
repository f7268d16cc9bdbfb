//! Which letters pages and letters are set in, of those that people's own machines have: nothing is loaded for it.

use serde::{Serialize, Serializer};

/// A choice of typefaces, by the names that printers give to families of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Typeface {
    /// High contrast and fine serifs: Didot, Bodoni.
    Didone,
    /// The book faces of the Renaissance: Iowan, Palatino.
    #[default]
    Garalde,
    /// Without serifs, plain: Helvetica.
    Grotesque,
    /// Without serifs, drawn with compasses: Avenir, Futura.
    Geometric,
}

/// How a typeface is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Typesetting {
    /// The families for headings, the first that a machine has.
    pub display: &'static str,
    /// The families for everything else.
    pub text: &'static str,
    /// The same for letters: without quotes, which some mail readers take out with everything behind them.
    pub letter_display: &'static str,
    /// The same for the words of letters.
    pub letter_text: &'static str,
    /// What Outlook's Word has for headings; it sets a family that it does not know in Times.
    pub word_display: &'static str,
    /// How heavy headings are.
    pub weight: u16,
    /// How far letters of headings stand apart, in hundredths of their size.
    pub tracking: &'static str,
    /// Whether the shop's name, where it has no logo, is in capitals, and how far they stand apart.
    pub mark: Mark,
}

/// How the name of a shop is set that has no logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// `uppercase` or `none`.
    pub case: &'static str,
    /// How far its letters stand apart.
    pub tracking: &'static str,
    /// How heavy it is.
    pub weight: u16,
}

impl Serialize for Typeface {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.setting().serialize(serializer)
    }
}

const CAPITALS: Mark = Mark { case: "uppercase", tracking: ".14em", weight: 400 };

impl Typeface {
    /// Every one, with the word for it in the configuration.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Didone, "didone"),
        (Self::Garalde, "garalde"),
        (Self::Grotesque, "grotesque"),
        (Self::Geometric, "geometric"),
    ];

    /// The one that `word` names.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(typeface, _)| *typeface)
    }

    /// How it is set.
    pub fn setting(self) -> Typesetting {
        match self {
            Self::Didone => Typesetting {
                display: "Didot, \"Bodoni 72\", \"Bodoni MT\", \"Playfair Display\", \"Noto Serif Display\", \
                          \"GFS Didot\", \"Times New Roman\", serif",
                text: "\"Avenir Next\", Avenir, \"Segoe UI\", \"Noto Sans\", system-ui, sans-serif",
                letter_display: "Didot, Bodoni MT, GFS Didot, Georgia, Times New Roman, serif",
                letter_text: "Avenir Next, Avenir, Segoe UI, Noto Sans, Arial, sans-serif",
                word_display: "Georgia, serif",
                weight: 400,
                tracking: "-.01em",
                mark: CAPITALS,
            },
            Self::Garalde => Typesetting {
                display: "\"Iowan Old Style\", \"Palatino Linotype\", Palatino, \"URW Palladio L\", P052, \
                          \"Book Antiqua\", \"EB Garamond\", Georgia, serif",
                text: "system-ui, -apple-system, \"Segoe UI\", Roboto, \"Noto Sans\", sans-serif",
                letter_display: "Iowan Old Style, Palatino Linotype, Palatino, Georgia, Times New Roman, serif",
                letter_text: "-apple-system, Segoe UI, Roboto, Noto Sans, Arial, sans-serif",
                word_display: "Palatino Linotype, Georgia, serif",
                weight: 400,
                tracking: "-.015em",
                mark: CAPITALS,
            },
            Self::Grotesque => Typesetting {
                display: "\"Helvetica Neue\", Helvetica, \"Nimbus Sans\", \"Liberation Sans\", Arial, sans-serif",
                text: "\"Helvetica Neue\", Helvetica, \"Nimbus Sans\", \"Liberation Sans\", Arial, sans-serif",
                letter_display: "Helvetica Neue, Helvetica, Arial, sans-serif",
                letter_text: "Helvetica Neue, Helvetica, Arial, sans-serif",
                word_display: "Arial, sans-serif",
                weight: 700,
                tracking: "-.03em",
                mark: Mark { case: "none", tracking: "-.03em", weight: 700 },
            },
            Self::Geometric => Typesetting {
                display: "\"Avenir Next\", Avenir, Futura, Montserrat, Corbel, \"URW Gothic\", \"Century Gothic\", \
                          sans-serif",
                text: "\"Avenir Next\", Avenir, Montserrat, Corbel, \"Segoe UI\", \"Noto Sans\", sans-serif",
                letter_display: "Avenir Next, Avenir, Futura, Century Gothic, Arial, sans-serif",
                letter_text: "Avenir Next, Avenir, Segoe UI, Noto Sans, Arial, sans-serif",
                word_display: "Century Gothic, Arial, sans-serif",
                weight: 600,
                tracking: "-.02em",
                mark: Mark { case: "uppercase", tracking: ".2em", weight: 500 },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_names_families_as_every_mail_reader_reads_them() {
        for (typeface, word) in Typeface::ALL {
            assert_eq!(Typeface::named(word), Some(typeface));
            let set = typeface.setting();
            for families in [set.letter_display, set.letter_text, set.word_display] {
                let plain = |part: &str| part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-');
                assert!(!families.contains(['"', '\'']) && families.split(", ").all(plain), "{families}");
                assert!(
                    families.split(' ').all(plain),
                    "an unquoted name has no part that begins with a digit: {families}"
                );
            }
        }
        assert_eq!(Typeface::named("comic"), None);
    }
}
