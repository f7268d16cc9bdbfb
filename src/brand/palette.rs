//! From the one colour of a shop to every colour of its pages and letters, by day and by night.
//!
//! Whatever the colour, words can be read: each pair of a text and what it stands on is at least [`READABLE`] apart. A
//! button has the shop's own colour, with white or dark words on it. Where white words would nearly do, the button is as much
//! darker as they need; where the colour itself would be too pale for words, words have a darker shade of it. Both are said.

use serde::Serialize;

use super::colour::{Colour, Tone};

/// How far a text and its ground must be apart (WCAG 2.2, 1.4.3).
pub const READABLE: f64 = 4.5;

/// How far what is drawn, such as the edge of a field, and its ground must be apart (WCAG 2.2, 1.4.11).
pub(super) const SEEN: f64 = 3.0;

/// The colours of one scheme, light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shades {
    /// The ground.
    pub paper: Colour,
    /// The ground of what stands out.
    pub wash: Colour,
    /// The ground of a field to fill in and of a card.
    pub card: Colour,
    /// Words.
    pub ink: Colour,
    /// Words of less weight.
    pub soft: Colour,
    /// Lines between things.
    pub line: Colour,
    /// The edge of a field.
    pub edge: Colour,
    /// The shop's colour as words have it: links, what comes first, prices.
    pub accent: Colour,
    /// The shop's colour as a button has it.
    pub fill: Colour,
    /// Words on it.
    pub on_fill: Colour,
    /// What is open.
    pub open: Colour,
}

/// Both schemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Palette {
    /// The shop's own colour.
    pub colour: Colour,
    /// By day.
    pub light: Shades,
    /// By night.
    pub dark: Shades,
}

/// How light the grounds of a scheme are, and everything on them.
struct Scheme {
    paper: f64,
    wash: f64,
    card: f64,
    ink: f64,
    soft: f64,
    line: f64,
    edge: f64,
    /// How colourful a ground is at most: a breath of the shop's hue.
    tint: f64,
    open: Colour,
    /// Which way a colour goes to be read.
    towards: f64,
}

const LIGHT: Scheme = Scheme {
    paper: 1.0,
    wash: 0.966,
    card: 1.0,
    ink: 0.22,
    soft: 0.46,
    line: 0.89,
    edge: 0.6,
    tint: 0.007,
    open: Colour::of([0x1c, 0x69, 0x43]),
    towards: 0.0,
};

const DARK: Scheme = Scheme {
    paper: 0.165,
    wash: 0.205,
    card: 0.235,
    ink: 0.945,
    soft: 0.76,
    line: 0.33,
    edge: 0.6,
    tint: 0.007,
    open: Colour::of([0x8f, 0xd6, 0xae]),
    towards: 1.0,
};

/// How light a button is by night, at least: it should be seen, and not glare. One without a hue is nearly white.
const FILL_BY_NIGHT: f64 = 0.78;
const GREY_FILL_BY_NIGHT: f64 = 0.92;

/// How colourful a colour is at least that has a hue.
const GREY: f64 = 0.03;

/// How colourful a button is by night at most: strong colours flicker on black.
const CALM: f64 = 0.1;

/// In how many steps a shade that can be read is looked for.
const STEPS: u8 = 60;

impl Palette {
    /// The colours that follow from the one of the shop.
    pub fn of(colour: Colour) -> Self {
        let tone = colour.tone();
        let least = if tone.chroma < GREY { GREY_FILL_BY_NIGHT } else { FILL_BY_NIGHT };
        let night = if tone.lightness < least { tone.at(least, CALM).colour() } else { colour };
        Self { colour, light: shades(&LIGHT, tone, fit_for_white(colour)), dark: shades(&DARK, tone, night) }
    }

    /// The shade that words have by day, where the shop's colour would be too pale for them.
    pub fn darker_for_words(&self) -> Option<Colour> {
        Some(self.light.accent).filter(|accent| *accent != self.colour)
    }

    /// The shade that a button has by day, where white words could not quite be read on the shop's colour.
    pub fn darker_for_buttons(&self) -> Option<Colour> {
        Some(self.light.fill).filter(|fill| *fill != self.colour)
    }
}

/// The colours of `scheme` with the hue of `tone`, in which a button has the colour `fill`.
fn shades(scheme: &Scheme, tone: Tone, fill: Colour) -> Shades {
    let tinted = |lightness: f64| tone.at(lightness, scheme.tint).colour();
    let (paper, wash, card) = (tinted(scheme.paper), tinted(scheme.wash), tinted(scheme.card));
    let grounds = [paper, wash, card];
    let on_fill = [Colour::WHITE, tone.at(LIGHT.ink, LIGHT.tint).colour(), Colour::BLACK];
    let on_fill = on_fill.into_iter().find(|words| words.contrast(fill) >= READABLE).unwrap_or(Colour::WHITE);
    Shades {
        paper,
        wash,
        card,
        ink: tinted(scheme.ink),
        soft: readable(tone.at(scheme.soft, 2.0 * scheme.tint), grounds, READABLE, scheme.towards),
        line: tinted(scheme.line),
        edge: readable(tone.at(scheme.edge, 2.0 * scheme.tint), grounds, SEEN, scheme.towards),
        accent: if stands_out(fill, grounds, READABLE) {
            fill
        } else {
            readable(fill.tone(), grounds, READABLE, scheme.towards)
        },
        fill,
        on_fill,
        open: scheme.open,
    }
}

/// The colour itself, or as much darker as white words on it need, where they would nearly do.
fn fit_for_white(colour: Colour) -> Colour {
    if (SEEN..READABLE).contains(&colour.contrast(Colour::WHITE)) {
        readable(colour.tone(), [Colour::WHITE; 3], READABLE, LIGHT.towards)
    } else {
        colour
    }
}

fn stands_out(colour: Colour, grounds: [Colour; 3], ratio: f64) -> bool {
    grounds.iter().all(|ground| colour.contrast(*ground) >= ratio)
}

/// The first shade from `tone` towards black or white that is `ratio` apart from every ground.
fn readable(tone: Tone, grounds: [Colour; 3], ratio: f64, towards: f64) -> Colour {
    let step = |step: u8| {
        let share = f64::from(step) / f64::from(STEPS);
        tone.at(tone.lightness + (towards - tone.lightness) * share, tone.chroma).colour()
    };
    let far = if towards > 0.5 { Colour::WHITE } else { Colour::BLACK };
    (0..=STEPS).map(step).find(|shade| stands_out(*shade, grounds, ratio)).unwrap_or(far)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(colour: &str, words: Option<&str>, button: Option<&str>, is_white_on_it: bool) {
        let palette = Palette::of(Colour::parse(colour).unwrap());
        let shown = |shade: Option<Colour>| shade.map(|shade| shade.to_string());
        let said = (shown(palette.darker_for_words()), shown(palette.darker_for_buttons()));
        assert_eq!(said, (words.map(str::to_owned), button.map(str::to_owned)), "{colour}");
        assert_eq!(palette.light.on_fill == Colour::WHITE, is_white_on_it, "{colour}: {}", palette.light.on_fill);
    }

    #[test]
    fn a_button_has_the_colour_of_the_shop_where_words_can_be_read_on_it() {
        check("#14433d", None, None, true);
        check("#c8102e", None, None, true);
        check("#000", None, None, true);
        check("#ffd400", Some("#846e0a"), None, false);
        check("#d9481c", Some("#cb3a05"), Some("#d24112"), true);
    }

    proptest! {
        /// Whatever the colour of a shop: what is written can be read, and what is drawn can be seen.
        #[test]
        fn every_colour_can_be_read_by_day_and_by_night(channels: [u8; 3]) {
            let palette = Palette::of(Colour::of(channels));
            for (scheme, shades) in [("light", palette.light), ("dark", palette.dark)] {
                for ground in [shades.paper, shades.wash, shades.card] {
                    for (name, words) in
                        [("ink", shades.ink), ("soft", shades.soft), ("accent", shades.accent), ("open", shades.open)]
                    {
                        let ratio = words.contrast(ground);
                        prop_assert!(ratio >= READABLE, "{scheme} {name} {words} on {ground}: {ratio}");
                    }
                    prop_assert!(shades.edge.contrast(ground) >= SEEN, "{scheme} edge {} on {ground}", shades.edge);
                }
                let ratio = shades.on_fill.contrast(shades.fill);
                prop_assert!(ratio >= READABLE, "{scheme} button {} on {}: {ratio}", shades.on_fill, shades.fill);
            }
            prop_assert!(palette.dark.fill.contrast(palette.dark.wash) >= SEEN, "a button by night is seen");
        }
    }
}
