//! What the board is made of: its templates, its style, and the policy that lets it load nothing from elsewhere.

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::super::layout::PagesFault;
use crate::config::ShopSettings;
use crate::document::Document;
use crate::season::{DRAWING_STYLE, PAGE_STYLE};
use crate::template::{Engine, Files, RenderFault};

/// The most that a page of the board may hold, in bytes: a fault of a template comes to an end.
const LARGEST: usize = 5_000_000;

/// The templates.
const TEMPLATES: [(&str, &str); 5] = [
    ("base.html", include_str!("../../../config/board/base.html")),
    ("board.html", include_str!("../../../config/board/board.html")),
    ("form.html", include_str!("../../../config/board/form.html")),
    ("preview.html", include_str!("../../../config/board/preview.html")),
    ("nothing.html", include_str!("../../../config/board/nothing.html")),
];

/// The style of the public pages, and what the board adds to it.
const STYLES: [&str; 2] =
    [include_str!("../../../config/pages/style.css"), include_str!("../../../config/board/board.css")];

/// The board, ready to be filled in.
#[derive(Debug)]
pub(in crate::http) struct BoardKit {
    engine: Engine,
    style: String,
    pub(super) policy: Option<HeaderValue>,
}

/// What every page of it sees.
#[derive(Serialize)]
struct BoardFrame<'a, V> {
    style: &'a str,
    shop: &'a ShopSettings,
    #[serde(flatten)]
    view: &'a V,
}

impl BoardKit {
    /// The board of `shop`.
    pub(in crate::http) fn new(shop: &ShopSettings) -> Result<Self, PagesFault> {
        let document = |name: &str, text: &str| Document::new(format!("config/board/{name}"), text);
        let files: Files = TEMPLATES.iter().map(|(name, text)| ((*name).to_owned(), document(name, text))).collect();
        let style = shop.brand.style() + &STYLES.concat() + DRAWING_STYLE + PAGE_STYLE;
        let hash = STANDARD.encode(Sha256::digest(&style));
        let policy = HeaderValue::from_str(&format!(
            "default-src 'none'; style-src 'sha256-{hash}'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri \
             'none'; frame-ancestors 'none'"
        ));
        Ok(Self { engine: Engine::new(files).map_err(PagesFault::Files)?, style, policy: policy.ok() })
    }

    /// The page `name`, telling what is in `view`, of `shop`.
    pub(super) fn render(&self, name: &str, shop: &ShopSettings, view: &impl Serialize) -> Result<String, RenderFault> {
        let context = self.engine.context(&BoardFrame { style: &self.style, shop, view })?;
        self.engine.render(name, &context, LARGEST)
    }
}
