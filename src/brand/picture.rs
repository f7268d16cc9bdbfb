//! A picture of a shop, a logo or a photograph: of which kind a file is, and how large it is. Told by the bytes, never by the
//! name.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::whole;
use crate::phrase;
use crate::phrase::{Phrase, Spoken};
use crate::text::WebAddress;

/// The largest logo, in bytes: it travels with the first look at a page.
pub const LARGEST_LOGO: usize = 64 * 1024;

/// The largest photograph, in bytes: what a telephone loads within a moment.
pub const LARGEST_PHOTO: usize = 400 * 1024;

/// The room that a logo has on a page and in a letter, in pixels.
const ROOM: (u32, u32) = (220, 44);

/// How long the name of a picture's file is, without what it ends in.
const NAME: usize = 24;

/// The kinds of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureKind {
    /// Drawn, sharp at every size. Most mail readers do not show it.
    Svg,
    /// Pixels.
    Png,
    /// A photograph.
    Jpeg,
}

/// A picture as it is served and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Picture {
    #[serde(skip)]
    kind: PictureKind,
    #[serde(skip)]
    bytes: Arc<[u8]>,
    /// Its path on our own pages, below their base: a hash of what is in it, the same for everybody.
    path: String,
    /// The whole address, as letters name it.
    url: WebAddress,
    /// How wide it is shown at most, in pixels.
    width: u32,
    /// How high.
    height: u32,
}

/// Why a file cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFault {
    /// It has more bytes than these.
    TooLarge(usize),
    /// It is none of the kinds that it can be.
    Kind,
    /// It is no photograph.
    NoPhoto,
    /// It does not say how wide and how high it is.
    Size,
    /// It is cut off or damaged: nobody could show it.
    Broken,
    /// It is a drawing that runs a program or loads something from elsewhere.
    Active,
    /// Its address would be none.
    Address,
}

impl Spoken for PictureFault {
    fn phrase(&self) -> Phrase {
        match self {
            Self::TooLarge(most) => phrase!("picture-too-large", most = most / 1024),
            Self::Kind => phrase!("picture-no-logo"),
            Self::NoPhoto => phrase!("picture-no-photo"),
            Self::Size => phrase!("picture-size"),
            Self::Broken => phrase!("picture-broken"),
            Self::Active => phrase!("picture-active"),
            Self::Address => phrase!("picture-address"),
        }
    }
}

impl PictureKind {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }
}

impl Picture {
    /// The logo that `bytes` are, served below `site`: a drawing or pixels, as large as its room allows.
    ///
    /// # Errors
    /// What keeps it from being one.
    pub fn logo(bytes: Vec<u8>, site: &WebAddress) -> Result<Self, PictureFault> {
        if bytes.len() > LARGEST_LOGO {
            return Err(PictureFault::TooLarge(LARGEST_LOGO));
        }
        let (kind, sides) = match size_of_png(&bytes) {
            Some(sides) => (PictureKind::Png, checked(sides, whole::is_png(&bytes))?),
            None => (PictureKind::Svg, size_of_svg(&bytes)?),
        };
        Self::of(bytes, kind, fitted(sides)?, site)
    }

    /// The photograph that `bytes` are, served below `site`, as large as it is.
    ///
    /// # Errors
    /// What keeps it from being one.
    pub fn photo(bytes: Vec<u8>, site: &WebAddress) -> Result<Self, PictureFault> {
        if bytes.len() > LARGEST_PHOTO {
            return Err(PictureFault::TooLarge(LARGEST_PHOTO));
        }
        let png = size_of_png(&bytes).map(|sides| (PictureKind::Png, sides));
        let found = png.or_else(|| Some((PictureKind::Jpeg, size_of_jpeg(&bytes)?)));
        let (kind, sides) = found.ok_or(PictureFault::NoPhoto)?;
        if sides.0 == 0 || sides.1 == 0 {
            return Err(PictureFault::Size);
        }
        let is_whole = if kind == PictureKind::Png { whole::is_png(&bytes) } else { whole::is_jpeg(&bytes) };
        let sides = checked(sides, is_whole)?;
        Self::of(bytes, kind, sides, site)
    }

    fn of(
        bytes: Vec<u8>,
        kind: PictureKind,
        (width, height): (u32, u32),
        site: &WebAddress,
    ) -> Result<Self, PictureFault> {
        let path = format!("brand/{}.{}", name(&bytes), kind.suffix());
        let url = site.below(&path).map_err(|_| PictureFault::Address)?;
        Ok(Self { kind, bytes: bytes.into(), path, url, width, height })
    }

    /// Which kind of picture it is.
    pub fn kind(&self) -> PictureKind {
        self.kind
    }

    /// What is in its file.
    pub fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// The whole address, as letters name it.
    pub fn url(&self) -> &WebAddress {
        &self.url
    }

    /// The last part of its path, by which it is asked for.
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// Whether a path is one of a picture of a brand: it names what is in the file, and so nobody who looks at it.
pub fn is_path_of_picture(path: &str) -> bool {
    let name = path.rsplit_once("/brand/").map(|(_, name)| name);
    let hash = name.and_then(|name| [".svg", ".png", ".jpg"].iter().find_map(|end| name.strip_suffix(end)));
    hash.is_some_and(|hash| {
        hash.len() == NAME && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

/// The name of a file with these bytes: another file, another name, so that caches may keep it for good.
fn name(bytes: &[u8]) -> String {
    let mut name = String::with_capacity(NAME);
    for byte in Sha256::digest(bytes).iter().take(NAME / 2) {
        let _ = write!(name, "{byte:02x}");
    }
    name
}

/// The sides of a picture that can be shown.
fn checked(sides: (u32, u32), is_whole: bool) -> Result<(u32, u32), PictureFault> {
    match sides {
        (0, _) | (_, 0) => Err(PictureFault::Size),
        _ if is_whole => Ok(sides),
        _ => Err(PictureFault::Broken),
    }
}

/// Width and height as the header of a PNG says them.
fn size_of_png(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?.get(4..)?.strip_prefix(b"IHDR")?;
    let (width, rest) = header.split_first_chunk()?;
    let (height, _) = rest.split_first_chunk()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}

/// Width and height as the frame of a JPEG says them.
fn size_of_jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    loop {
        let (&[0xff, marker], tail) = rest.split_first_chunk()? else { return None };
        if marker == 0xff {
            // Segments may be padded.
            rest = rest.get(1..)?;
            continue;
        }
        let (length, _) = tail.split_first_chunk()?;
        let is_frame = (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker);
        if is_frame {
            let (&[h1, h2, w1, w2], _) = tail.get(3..)?.split_first_chunk()?;
            return Some((u16::from_be_bytes([w1, w2]).into(), u16::from_be_bytes([h1, h2]).into()));
        }
        rest = tail.get(usize::from(u16::from_be_bytes(*length)).max(2)..)?;
    }
}

/// Width and height as a drawing says them. One that does more than draw is refused, so that opening it does nothing either.
fn size_of_svg(bytes: &[u8]) -> Result<(u32, u32), PictureFault> {
    let text = std::str::from_utf8(bytes).map_err(|_| PictureFault::Kind)?;
    let (_, tail) = text.split_once("<svg").ok_or(PictureFault::Kind)?;
    let (tag, _) = tail.split_once('>').ok_or(PictureFault::Kind)?;
    // What is written with references is what they stand for.
    let spelt = quick_xml::escape::unescape(text);
    if is_active(text) || spelt.as_ref().is_ok_and(|spelt| is_active(spelt)) {
        return Err(PictureFault::Active);
    }
    if !whole::is_drawing(text) {
        return Err(PictureFault::Broken);
    }
    let side = |name: &str| attribute(tag, name)?.trim_end_matches("px").parse::<f64>().ok();
    if let Some(view) = attribute(tag, "viewBox") {
        let numbers: Vec<f64> = view.split([' ', ',']).filter_map(|number| number.parse().ok()).collect();
        if let &[_, _, width, height] = numbers.as_slice() {
            return hundredths((width, height));
        }
    }
    hundredths(side("width").zip(side("height")).ok_or(PictureFault::Size)?)
}

/// The sides of a drawing, which have no unit, in hundredths of theirs.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between 0 and 100,000,000")]
fn hundredths((width, height): (f64, f64)) -> Result<(u32, u32), PictureFault> {
    let whole = |side: f64| (side > 0.0 && side <= 1_000_000.0).then(|| (side * 100.0).round() as u32);
    whole(width).zip(whole(height)).ok_or(PictureFault::Size)
}

/// Whether a drawing runs something or loads it from elsewhere.
fn is_active(text: &str) -> bool {
    let low = text.to_ascii_lowercase();
    let words: Vec<&str> = low.split(|c: char| c.is_ascii_whitespace() || c == '<').collect();
    let runs = ["script", "foreignobject", "iframe", "!entity"];
    let named = |word: &&str, name: &str| {
        word.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['>', '/']))
    };
    let handles = |word: &&str| word.starts_with("on") && word.contains('=');
    let loads = |word: &&str| {
        let value = word.strip_prefix("xlink:href=").or_else(|| word.strip_prefix("href="));
        value.is_some_and(|value| {
            !value.starts_with(['"', '\'']) || !value.get(1..).is_some_and(|to| to.starts_with(['#', 'd']))
        })
    };
    let fetches = low.match_indices("url(").any(|(at, found)| {
        let target = low.get(at + found.len()..).unwrap_or_default();
        let target = target.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '"' || c == '\'');
        !target.starts_with(['#', 'd', '&'])
    });
    // A style can spell its words with backslashes.
    low.contains("@import")
        || low.contains('\\')
        || fetches
        || words.iter().any(|word| runs.iter().any(|name| named(word, name)) || handles(word) || loads(word))
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.match_indices(name).map(|(start, _)| start).find(|start| {
        let before = tag.get(..*start).and_then(|before| before.chars().next_back());
        before.is_some_and(char::is_whitespace)
    })?;
    let value = tag.get(start + name.len()..)?.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| "\"'".contains(*quote))?;
    value.get(1..)?.split(quote).next()
}

/// As large as its room allows, in whole pixels.
fn fitted((width, height): (u32, u32)) -> Result<(u32, u32), PictureFault> {
    if width == 0 || height == 0 {
        return Err(PictureFault::Size);
    }
    let (own, room) = ((u64::from(width), u64::from(height)), (u64::from(ROOM.0), u64::from(ROOM.1)));
    // As wide as the room where it is flatter than that, else as high.
    let (side, of) = if own.0 * room.1 >= own.1 * room.0 { (room.0, own.0) } else { (room.1, own.1) };
    let pixels = |length: u64| u32::try_from(((length * side + of / 2) / of).max(1)).map_err(|_| PictureFault::Size);
    Ok((pixels(own.0)?, pixels(own.1)?))
}

#[cfg(test)]
mod tests {
    use super::super::whole::tests::{jpeg, png};
    use super::*;

    fn read(bytes: &[u8]) -> Result<Picture, PictureFault> {
        Picture::logo(bytes.to_vec(), &WebAddress::parse("https://news.example.fr/avant/").unwrap())
    }

    #[test]
    fn a_logo_is_named_by_what_is_in_it_and_fits_its_room() {
        let drawn = read(b"<?xml version=\"1.0\"?>\n<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 400 100'><path d='M0 0'/></svg>").unwrap();
        assert_eq!((drawn.kind(), drawn.width, drawn.height), (PictureKind::Svg, 176, 44));
        assert_eq!(drawn.url.as_str(), format!("https://news.example.fr/avant/{}", drawn.path));
        let parts = drawn.file_name().split_once('.').map(|(name, end)| (name.len(), end));
        assert_eq!(parts, Some((NAME, "svg")));
        assert!(is_path_of_picture(&format!("/avant/{}", drawn.path)));
        for other in ["/brand/logo.svg", "/brand/0123456789abcdef0123456g.png", "/u/v1.abc", "/brand/"] {
            assert!(!is_path_of_picture(other), "{other}");
        }
        let pixels = read(&png(1000, 100)).unwrap();
        assert_eq!((pixels.kind(), pixels.width, pixels.height), (PictureKind::Png, 220, 22));
        assert_ne!(pixels.path, read(&png(1000, 101)).unwrap().path);
        let sized = read(b"<svg width=\"120px\" height='30'></svg>").unwrap();
        assert_eq!((sized.width, sized.height), (176, 44));
    }

    #[test]
    fn what_is_no_picture_or_more_than_one_is_refused() {
        for (text, why) in [
            ("GIF89a", PictureFault::Kind),
            ("<html></html>", PictureFault::Kind),
            ("<svg><path/></svg>", PictureFault::Size),
            ("<svg viewBox='0 0 0 10'></svg>", PictureFault::Size),
            ("<svg viewBox='0 0 NaN 10'></svg>", PictureFault::Size),
            ("<svg viewBox='0 0 9 9'><script>1</script></svg>", PictureFault::Active),
            ("<svg viewBox='0 0 9 9' onload='x()'></svg>", PictureFault::Active),
            ("<svg viewBox='0 0 9 9'><image href=\"https://elsewhere.example/x.png\"/></svg>", PictureFault::Active),
            ("<svg viewBox='0 0 9 9'><style>@import 'x'</style></svg>", PictureFault::Active),
            ("<svg viewBox='0 0 9 9'><foreignObject/></svg>", PictureFault::Active),
            ("<svg viewBox='0 0 9 9'><g style='fill:url( https://e.example/x)'/></svg>", PictureFault::Active),
            ("<svg viewBox='0 0 9 9'><g style=\"fill:url('//e.example/x')\"/></svg>", PictureFault::Active),
            ("<svg viewBox='0 0 9 9'><g style='fill:url(&#104;ttps://e.example/x)'/></svg>", PictureFault::Active),
            ("<svg viewBox='0 0 9 9'><style>g{fill:u\\72l(https://e.example/x)}</style></svg>", PictureFault::Active),
            ("<svg viewBox='0 0 9 9'><path", PictureFault::Broken),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap_err(), why, "{text}");
        }
        assert!(
            read(b"<svg viewBox='0 0 9 9'><use href='#a'/><g fill='url(#b)' style='fill:url(&quot;#b&quot;)'/></svg>")
                .is_ok()
        );
        assert_eq!(read(&png(10, 10)[..33]).unwrap_err(), PictureFault::Broken);
        assert_eq!(read(&vec![b' '; LARGEST_LOGO + 1]).unwrap_err(), PictureFault::TooLarge(LARGEST_LOGO));
        assert_eq!(read(&png(0, 10)).unwrap_err(), PictureFault::Size);
    }

    #[test]
    fn a_photograph_has_the_size_that_its_file_says() {
        let site = WebAddress::parse("https://news.example.fr").unwrap();
        let photo = Picture::photo(jpeg(800, 1200), &site).unwrap();
        assert_eq!((photo.kind(), photo.width, photo.height), (PictureKind::Jpeg, 1200, 800));
        assert!(is_path_of_picture(photo.url.path()));
        assert_eq!(Picture::photo(png(600, 300), &site).unwrap().kind(), PictureKind::Png);
        for (bytes, why) in [
            (jpeg(800, 1200)[..14].to_vec(), PictureFault::NoPhoto),
            (jpeg(800, 1200)[..40].to_vec(), PictureFault::Broken),
            (b"<svg viewBox='0 0 1 1'></svg>".to_vec(), PictureFault::NoPhoto),
            (b"\xff\xd8\x00".to_vec(), PictureFault::NoPhoto),
            (jpeg(0, 1200), PictureFault::Size),
            (vec![0; LARGEST_PHOTO + 1], PictureFault::TooLarge(LARGEST_PHOTO)),
        ] {
            assert_eq!(Picture::photo(bytes, &site).unwrap_err(), why);
        }
    }
}
