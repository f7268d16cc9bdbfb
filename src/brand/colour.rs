//! A colour of a screen: how far two are apart for an eye (WCAG 2.2), and the same colour lighter, darker or paler.

use std::fmt;

use serde::{Serialize, Serializer};

/// A colour in sRGB, as `#14433d` writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// What is no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoColour;

/// A colour by how light it is, how colourful, and which hue it has (OKLCH): changing one leaves the others as they look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tone {
    /// From 0, black, to 1, white.
    pub(super) lightness: f64,
    /// From 0, grey; what a screen shows ends at about 0.3.
    pub(super) chroma: f64,
    /// In radians.
    hue: f64,
}

impl Colour {
    /// White.
    pub const WHITE: Self = Self([255; 3]);
    /// Black.
    pub const BLACK: Self = Self([0; 3]);

    /// From red, green and blue.
    pub const fn of(channels: [u8; 3]) -> Self {
        Self(channels)
    }

    /// Reads `#14433d`, `#fff`, `white` or `black`.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(text: &str) -> Result<Self, NoColour> {
        match text {
            "white" => return Ok(Self::WHITE),
            "black" => return Ok(Self::BLACK),
            _ => {}
        }
        let digit = |c: char| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let digits: Option<Vec<u8>> = text.strip_prefix('#').ok_or(NoColour)?.chars().map(digit).collect();
        match *digits.ok_or(NoColour)?.as_slice() {
            [r, g, b] => Ok(Self([r * 17, g * 17, b * 17])),
            [r1, r2, g1, g2, b1, b2] => Ok(Self([r1 * 16 + r2, g1 * 16 + g2, b1 * 16 + b2])),
            _ => Err(NoColour),
        }
    }

    /// The contrast ratio of WCAG, from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    pub(super) fn tone(self) -> Tone {
        let [red, green, blue] = self.0.map(linear);
        let long = (0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue).cbrt();
        let medium = (0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue).cbrt();
        let short = (0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue).cbrt();
        let red_green = 1.977_998_495_1 * long - 2.428_592_205_0 * medium + 0.450_593_709_9 * short;
        let yellow_blue = 0.025_904_037_1 * long + 0.782_771_766_2 * medium - 0.808_675_766_0 * short;
        Tone {
            lightness: 0.210_454_255_3 * long + 0.793_617_785_0 * medium - 0.004_072_046_8 * short,
            chroma: red_green.hypot(yellow_blue),
            hue: yellow_blue.atan2(red_green),
        }
    }
}

impl Tone {
    /// The same hue, as light as `lightness` and no more colourful than `chroma`.
    pub(super) fn at(self, lightness: f64, chroma: f64) -> Self {
        Self { lightness, chroma: self.chroma.min(chroma), ..self }
    }

    /// The colour of a screen. What no screen shows is made paler until one does.
    pub(super) fn colour(self) -> Colour {
        let mut paler = (0..=20).rev().map(|share| self.chroma * f64::from(share) / 20.0);
        let shown = paler.find_map(|chroma| Self { chroma, ..self }.channels());
        shown.map_or(if self.lightness > 0.5 { Colour::WHITE } else { Colour::BLACK }, Colour)
    }

    /// Red, green and blue, where a screen shows it.
    fn channels(self) -> Option<[u8; 3]> {
        let (red_green, yellow_blue) = (self.chroma * self.hue.cos(), self.chroma * self.hue.sin());
        let long = (self.lightness + 0.396_337_777_4 * red_green + 0.215_803_757_3 * yellow_blue).powi(3);
        let medium = (self.lightness - 0.105_561_345_8 * red_green - 0.063_854_172_8 * yellow_blue).powi(3);
        let short = (self.lightness - 0.089_484_177_5 * red_green - 1.291_485_548_0 * yellow_blue).powi(3);
        let channels = [
            4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short,
            -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short,
            -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701_0 * short,
        ];
        channels.iter().all(|channel| (-0.001..=1.001).contains(channel)).then(|| channels.map(encoded))
    }
}

/// A channel as light, from 0 to 1.
fn linear(channel: u8) -> f64 {
    let share = f64::from(channel) / 255.0;
    if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
}

/// Light, from 0 to 1, as a channel.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between 0 and 255")]
fn encoded(light: f64) -> u8 {
    let light = light.clamp(0.0, 1.0);
    let share = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (share * 255.0).round() as u8
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Serialize for Colour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn contrast_is_measured_as_wcag_does() {
        let ratio = |one: &str, other: &str| {
            let (one, other) = (Colour::parse(one).unwrap(), Colour::parse(other).unwrap());
            (one.contrast(other) * 100.0).round() / 100.0
        };
        assert!((ratio("#000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((ratio("#777777", "white") - 4.48).abs() < 1e-9);
        assert!((ratio("#767676", "#fff") - 4.54).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_colour_is_refused() {
        for text in ["rebeccapurple", "#12345", "14433d", "#14433g", "", "#", "rgb(1, 2, 3)", "#é12"] {
            assert_eq!(Colour::parse(text), Err(NoColour), "{text}");
        }
        assert_eq!(Colour::parse("#14433D").unwrap().to_string(), "#14433d");
    }

    proptest! {
        /// There and back: what a screen shows comes out as it was.
        #[test]
        fn a_tone_is_its_colour(channels: [u8; 3]) {
            let Colour(back) = Colour(channels).tone().colour();
            for (one, other) in channels.iter().zip(back) {
                prop_assert!(one.abs_diff(other) <= 1, "{channels:?} {back:?}");
            }
        }
    }
}
