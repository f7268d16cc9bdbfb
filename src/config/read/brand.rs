//! `[brand]`: how the shop looks.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use toml::Spanned;

use super::super::file::BrandFile;
use super::{SettingName, SettingsReader, Text};
use crate::brand::{
    Brand, Colour, Corners, LARGEST_LOGO, LARGEST_PHOTO, LogoPair, Palette, Picture, PictureKind, Typeface,
};
use crate::files::{is_left_behind, read_bounded};
use crate::phrase;
use crate::phrase::{Fact, Spoken};
use crate::text::WebAddress;

/// The table.
const BRAND: &str = "brand";

/// A key and the file that stands under it, if any.
type LogoFile<'a> = (&'static str, Option<&'a Spanned<PathBuf>>);

impl SettingsReader<'_> {
    /// How the shop looks whose pages are at `site`. What is left out is what it is without a brand.
    pub(super) fn brand(&mut self, file: &BrandFile, site: Option<&WebAddress>, rehearses: bool) -> Option<Brand> {
        let usual = Brand::default();
        let colour = file.colour.as_ref().and_then(|colour| self.colour(colour));
        let typeface = file.typeface.as_ref().and_then(|word| self.one_of("typeface", word, &Typeface::ALL));
        let corners = file.corners.as_ref().and_then(|word| self.one_of("corners", word, &Corners::ALL));
        let legal_url = self.optional_address("legal_url", file.legal_url.as_ref(), rehearses);
        let terms_url = self.optional_address("terms_url", file.terms_url.as_ref(), rehearses);
        let site = site?;
        let logo = self.logos(("logo", file.logo.as_ref()), ("logo_dark", file.logo_dark.as_ref()), site);
        let own = self.logos(
            ("letter_logo", file.letter_logo.as_ref()),
            ("letter_logo_dark", file.letter_logo_dark.as_ref()),
            site,
        );
        if let (Some(written), Some(pair)) = (&file.letter_logo, &own)
            && pixels(pair).is_none_or(|pixels| pixels.dark.is_some() != pair.dark.is_some())
        {
            self.refuse(("letter_logo", BRAND), written.span(), phrase!("config-letter-logo-drawn"));
        }
        let photos = file.pictures.as_ref().map(|folder| self.photos(folder, site)).unwrap_or_default();
        let letter_logo = own.or_else(|| logo.as_ref().and_then(pixels));
        Some(Brand {
            palette: colour.map_or(usual.palette, Palette::of),
            typeface: typeface.unwrap_or(usual.typeface),
            corners: corners.unwrap_or(usual.corners),
            logo,
            letter_logo,
            legal_url,
            terms_url,
            photos,
        })
    }

    fn colour(&mut self, colour: &Text) -> Option<Colour> {
        let found = Colour::parse(colour.get_ref());
        found.map_err(|_| self.refuse(("colour", BRAND), colour.span(), phrase!("config-brand-colour"))).ok()
    }

    fn one_of<T: Copy>(&mut self, key: &'static str, word: &Text, all: &[(T, &'static str)]) -> Option<T> {
        let found = all.iter().find(|(_, known)| known == word.get_ref()).map(|(one, _)| *one);
        if found.is_none() {
            let words = Fact::texts(all.iter().map(|(_, known)| format!("\"{known}\"")));
            self.refuse((key, BRAND), word.span(), phrase!("config-brand-word", words = words));
        }
        found
    }

    fn optional_address(&mut self, key: &'static str, text: Option<&Text>, rehearses: bool) -> Option<WebAddress> {
        self.address((key, BRAND), text?, rehearses)
    }

    /// A logo and the one for dark grounds.
    fn logos(&mut self, light: LogoFile<'_>, dark: LogoFile<'_>, site: &WebAddress) -> Option<LogoPair> {
        if let ((key, None), (dark_key, Some(dark))) = (light, dark) {
            self.refuse((dark_key, BRAND), dark.span(), phrase!("config-logo-alone", key = key));
        }
        let light = self.logo((light.0, BRAND), light.1?, site);
        let dark = dark.1.and_then(|file| self.logo((dark.0, BRAND), file, site));
        Some(LogoPair { light: light?, dark })
    }

    fn logo(&mut self, key: SettingName, file: &Spanned<PathBuf>, site: &WebAddress) -> Option<Picture> {
        let path = self.folder.join(file.get_ref());
        let bytes = match read_bounded(&path, LARGEST_LOGO) {
            Ok(bytes) => bytes,
            Err(why) => {
                let path = Fact::text(path.display());
                self.refuse(key, file.span(), phrase!("config-logo-unreadable", path = path, why = why.phrase()));
                return None;
            }
        };
        Picture::logo(bytes, site).map_err(|why| self.refuse(key, file.span(), why.phrase())).ok()
    }

    /// The pictures of sales in a folder, by the names of their files. One that cannot be shown is refused by name: a campaign may
    /// need it.
    fn photos(&mut self, folder: &Spanned<PathBuf>, site: &WebAddress) -> BTreeMap<String, Picture> {
        let key = ("pictures", BRAND);
        let path = self.folder.join(folder.get_ref());
        let entries = std::fs::read_dir(&path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let Ok(entries) = entries else {
            self.refuse(key, folder.span(), phrase!("config-no-pictures"));
            return BTreeMap::new();
        };
        let mut photos = BTreeMap::new();
        for name in entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()) {
            if is_left_behind(&name) {
                continue;
            }
            let file = path.join(&name);
            let shown = Fact::text(file.display());
            match read_bounded(&file, LARGEST_PHOTO).map(|bytes| Picture::photo(bytes, site)) {
                Ok(Ok(photo)) => _ = photos.insert(name, photo),
                Ok(Err(why)) => {
                    let (why, remedy) = (why.phrase(), why.phrase().part("remedy"));
                    self.refuse_with(key, folder.span(), phrase!("config-picture", path = shown, why = why), remedy);
                }
                Err(why) => {
                    let why = why.phrase();
                    self.refuse(key, folder.span(), phrase!("config-logo-unreadable", path = shown, why = why));
                }
            }
        }
        photos
    }
}

/// Those of a pair that mail readers show; `None` when the one on light ground is drawn.
fn pixels(pair: &LogoPair) -> Option<LogoPair> {
    let shown = |logo: &&Picture| logo.kind() == PictureKind::Png;
    let light = Some(&pair.light).filter(shown)?.clone();
    Some(LogoPair { light, dark: pair.dark.as_ref().filter(shown).cloned() })
}
