//! What the tests stand on. No tests in here.

pub mod apply;
pub mod backend;
pub mod brands;
pub mod build;
pub mod cli;
pub mod dns;
pub mod folder;
pub mod house;
pub mod receiver;
pub mod relay;
pub mod session;
pub mod shop;
pub mod stored;
pub mod templates;
pub mod trouble;
pub mod turn;
pub mod workbook;
pub mod world;

/// The short name of a campaign.
pub fn slug(text: &str) -> carillon::text::Slug {
    text.parse().unwrap()
}
