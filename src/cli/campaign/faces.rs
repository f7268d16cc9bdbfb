//! What people see of a sale beside its dates: whether there are words in every language that it is told in, and whether its
//! picture is among those of the shop.

use std::collections::BTreeSet;

use super::inputs::Inputs;
use crate::campaign::Campaign;
use crate::finding::Finding;
use crate::member::{InterfaceLanguage, Language};
use crate::phrase;
use crate::phrase::Fact;

/// What is missing.
pub(super) fn missing(campaign: &Campaign, inputs: &Inputs) -> Vec<Finding> {
    // Which pictures there are is known where there is a shop.
    let photos = inputs.not_looked_at.is_none().then_some(&inputs.sender.shop.brand.photos);
    let picture =
        campaign.picture.as_ref().filter(|file| photos.is_some_and(|photos| !photos.contains_key(file.value.as_str())));
    let picture = picture.map(|file| {
        let message = phrase!("picture-missing", file = file.value.as_str());
        Finding::error("picture.missing", file.place.clone(), message)
    });
    picture.into_iter().chain(untold(campaign)).collect()
}

/// Languages of the pages and of the letters in which the sale has no words, where it has some in another.
fn untold(campaign: &Campaign) -> Option<Finding> {
    let of_pages = InterfaceLanguage::ALL.into_iter().map(Language::from);
    let of_letters = campaign.mailings.iter().flat_map(|mailing| mailing.languages.iter().map(|it| it.value));
    let told: BTreeSet<Language> = of_pages.chain(of_letters).collect();
    let untold: Vec<Language> = told.into_iter().filter(|language| !campaign.words.contains_key(language)).collect();
    if campaign.words.is_empty() || untold.is_empty() {
        return None;
    }
    let message = phrase!("text-language-missing", languages = Fact::texts(untold));
    Some(Finding::warning("text.language-missing", campaign.title.place.clone(), message))
}
