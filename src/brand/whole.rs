//! Whether a picture can be shown: its bytes are read to their end, as by whoever shows it. A file that was cut off, or changed on its
//! way, has a header like any other.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use quick_xml::Reader;
use quick_xml::events::Event;

/// More bytes of pixels than any picture has that fits into the size of a file here, unless it was made to fill a memory.
const MOST: u64 = 256 * 1024 * 1024;

/// What the header of a PNG says.
struct Pixels {
    width: u32,
    height: u32,
    /// Bits of one pixel.
    bits: u64,
    is_indexed: bool,
    is_interlaced: bool,
}

/// The parts of an interlaced PNG: where each begins, and how far apart its pixels are, across and down.
const PASSES: [(u32, u32, u32, u32); 7] =
    [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

impl Pixels {
    fn read(header: &[u8]) -> Option<Self> {
        let &[w1, w2, w3, w4, h1, h2, h3, h4, depth, colour, 0, 0, interlace] = header else { return None };
        let (channels, depths): (u64, &[u8]) = match colour {
            0 => (1, &[1, 2, 4, 8, 16]),
            3 => (1, &[1, 2, 4, 8]),
            2 => (3, &[8, 16]),
            4 => (2, &[8, 16]),
            6 => (4, &[8, 16]),
            _ => return None,
        };
        (depths.contains(&depth) && interlace <= 1).then(|| Self {
            width: u32::from_be_bytes([w1, w2, w3, w4]),
            height: u32::from_be_bytes([h1, h2, h3, h4]),
            bits: channels * u64::from(depth),
            is_indexed: colour == 3,
            is_interlaced: interlace == 1,
        })
    }

    /// How many rows there are of which length in bytes, in their order.
    fn rows(&self) -> Vec<(u32, u64)> {
        let whole = [(0, 0, 1, 1)];
        let passes: &[(u32, u32, u32, u32)] = if self.is_interlaced { &PASSES } else { &whole };
        let sides = passes.iter().map(|(left, top, across, down)| {
            let part = |side: u32, from: u32, step: u32| side.saturating_sub(from).div_ceil(step);
            (part(self.width, *left, *across), part(self.height, *top, *down))
        });
        let row = |width: u32| 1 + (u64::from(width) * self.bits).div_ceil(8);
        sides.filter(|(width, height)| *width > 0 && *height > 0).map(|(width, height)| (height, row(width))).collect()
    }
}

/// Whether a PNG has all its parts, each with its checksum, and as many pixels as it says.
pub(super) fn is_png(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n") else { return false };
    let (mut pixels, mut has_palette, mut packed) = (None, false, Vec::new());
    loop {
        let Some((kind, data, after)) = chunk(rest) else { return false };
        match (kind, &pixels) {
            (b"IHDR", None) => match Pixels::read(data) {
                Some(read) => pixels = Some(read),
                None => return false,
            },
            (_, None) => return false,
            (b"PLTE", _) => has_palette = true,
            (b"IDAT", _) => packed.extend_from_slice(data),
            (b"IEND", Some(pixels)) => return (has_palette || !pixels.is_indexed) && unpacks(&packed, pixels),
            _ => {}
        }
        rest = after;
    }
}

/// The first part of `bytes`, its name, and what follows.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (named, after) = rest.split_at_checked(length.checked_add(4)?)?;
    let (sum, after) = after.split_first_chunk::<4>()?;
    let (kind, data) = named.split_first_chunk::<4>()?;
    (crc32fast::hash(named) == u32::from_be_bytes(*sum)).then_some((kind, data, after))
}

/// Whether `packed` holds every row, and nothing more.
fn unpacks(packed: &[u8], pixels: &Pixels) -> bool {
    let rows = pixels.rows();
    let sum = rows.iter().try_fold(0_u64, |sum, (count, row)| sum.checked_add(row.checked_mul((*count).into())?));
    if sum.is_none_or(|sum| sum > MOST) {
        return false;
    }
    let mut pixels = ZlibDecoder::new(packed);
    for (count, row) in rows {
        let Ok(row) = usize::try_from(row) else { return false };
        let mut row = vec![0; row];
        for _ in 0..count {
            let is_row = pixels.read_exact(&mut row).is_ok() && row.first().is_some_and(|filter| *filter <= 4);
            if !is_row {
                return false;
            }
        }
    }
    // The checksum is behind the last row.
    matches!(pixels.read(&mut [0]), Ok(0))
}

/// Whether a JPEG has a frame, pixels, and its end.
pub(super) fn is_jpeg(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(b"\xff\xd8") else { return false };
    let (mut has_frame, mut has_pixels) = (false, false);
    loop {
        let Some((&[0xff, marker], tail)) = rest.split_first_chunk() else { return false };
        rest = match marker {
            // Segments may be padded.
            0xff => rest.get(1..).unwrap_or_default(),
            0xd9 => return has_frame && has_pixels,
            0x01 | 0xd0..=0xd7 => tail,
            _ => {
                let Some((length, _)) = tail.split_first_chunk() else { return false };
                let Some(after) = tail.get(usize::from(u16::from_be_bytes(*length)).max(2)..) else { return false };
                has_frame |= (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker);
                if marker == 0xda {
                    let end = scan(after);
                    has_pixels |= end > 0;
                    after.get(end..).unwrap_or_default()
                } else {
                    after
                }
            }
        };
    }
}

/// How long the pixels are that begin here: up to a marker that is none of theirs.
fn scan(bytes: &[u8]) -> usize {
    let ends = |pair: &[u8]| matches!(pair, [0xff, marker] if *marker != 0 && *marker != 0xff && !(0xd0..=0xd7).contains(marker));
    bytes.windows(2).position(ends).unwrap_or(bytes.len())
}

/// Whether a drawing is one document: every element ended, and nothing cut off.
pub(super) fn is_drawing(text: &str) -> bool {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut seen) = (0_usize, false);
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => (depth, seen) = (depth + 1, true),
            Ok(Event::Empty(_)) => seen = true,
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) => return seen && depth == 0,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn part(kind: &[u8], data: &[u8]) -> Vec<u8> {
        let named = [kind, data].concat();
        let (length, sum) = (u32::try_from(data.len()).unwrap().to_be_bytes(), crc32fast::hash(&named).to_be_bytes());
        [&length[..], &named, &sum].concat()
    }

    /// A grey PNG, whole and without interlacing.
    pub(in crate::brand) fn png(width: u32, height: u32) -> Vec<u8> {
        png_of(width, height, 8, 0, 0, &vec![0; ((width + 1) * height) as usize])
    }

    fn png_of(width: u32, height: u32, depth: u8, colour: u8, interlace: u8, rows: &[u8]) -> Vec<u8> {
        let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, colour, 0, 0, interlace]].concat();
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(rows).unwrap();
        let parts = [part(b"IHDR", &header), part(b"IDAT", &packed.finish().unwrap()), part(b"IEND", &[])];
        [b"\x89PNG\r\n\x1a\n".to_vec(), parts.concat()].concat()
    }

    /// A JPEG with these sides: its parts, and none of its pixels' sense.
    pub(in crate::brand) fn jpeg(height: u16, width: u16) -> Vec<u8> {
        let mut bytes = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc4\x00\x03c\xff\xc2\x00\x0b\x08".to_vec();
        bytes.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
        bytes.extend(b"\x01\x01\x11\x00\xff\xda\x00\x03a\x12\xff\x00\x34\xff\xd0\x56\xff\xd9");
        bytes
    }

    #[test]
    fn a_picture_is_whole_or_cannot_be_shown() {
        let (whole, photo) = (png(5, 3), jpeg(800, 1200));
        assert!(is_png(&whole) && is_jpeg(&photo));
        for end in 0..whole.len() {
            assert!(!is_png(&whole[..end]), "{end}");
        }
        for end in 0..photo.len() {
            assert!(!is_jpeg(&photo[..end]), "{end}");
        }
        for at in 8..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(!is_png(&changed), "{at}");
        }
        // A row too few, one too many, and one of a filter that there is not.
        for rows in [vec![0; 12], vec![0; 24], [vec![0; 12], vec![5; 6]].concat()] {
            assert!(!is_png(&png_of(5, 3, 8, 0, 0, &rows)), "{}", rows.len());
        }
        assert!(!is_png(&png_of(u32::MAX, u32::MAX, 16, 6, 0, &[0; 9])), "more pixels than there are");
        assert!(!is_png(&png_of(5, 3, 8, 3, 0, &[0; 18])), "a palette is missing");
        // Three by three, interlaced: 1, 1, 1, 2, 2 and 3 pixels, and the pass without any is left out.
        let passes = [(1, 1), (1, 1), (1, 2), (2, 1), (1, 3)];
        let length: usize = passes.iter().map(|(rows, pixels)| rows * (1 + pixels)).sum();
        assert!(is_png(&png_of(3, 3, 8, 0, 1, &vec![0; length])));
        assert!(!is_png(&png_of(3, 3, 8, 0, 1, &vec![0; length + 1])));
    }

    #[test]
    fn a_drawing_that_is_cut_off_is_none() {
        for (text, whole) in [
            ("<?xml version=\"1.0\"?>\n<!-- by hand --><svg viewBox='0 0 9 9'><path d='M0 0'/></svg>\n", true),
            ("<svg width='9' height='9'/>", true),
            ("<svg viewBox='0 0 9 9'><path", false),
            ("<svg viewBox='0 0 9 9'><path d='M0 0'/>", false),
            ("<svg viewBox='0 0 9 9'><g></svg>", false),
            ("<!-- nothing -->", false),
        ] {
            assert_eq!(is_drawing(text), whole, "{text}");
        }
    }
}
