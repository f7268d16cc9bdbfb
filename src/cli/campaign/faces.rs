//! What people see of a sale beside its dates: whether there are words in every language that it is told in, and whether its
//! picture is among those of the shop.

use std::collections::{BTreeMap, BTreeSet};

use super::inputs::Inputs;
use crate::brand::Picture;
use crate::campaign::{Campaign, Schedule};
use crate::compliance::Offers;
use crate::finding::{Finding, each_once};
use crate::member::{InterfaceLanguage, Language};
use crate::phrase;
use crate::phrase::Fact;

/// What is missing.
pub(super) fn missing(campaign: &Campaign, schedule: &Schedule, offers: &[Offers], inputs: &Inputs) -> Vec<Finding> {
    // Which pictures there are is known where there is a shop.
    let photos = inputs.not_looked_at.is_none().then_some(&inputs.sender.shop.brand.photos);
    let picture =
        campaign.picture.as_ref().filter(|file| photos.is_some_and(|photos| !photos.contains_key(file.value.as_str())));
    let picture = picture.map(|file| {
        let message = phrase!("picture-missing", file = file.value.as_str());
        Finding::error("picture.missing", file.place.clone(), message)
    });
    let of_articles = photos.map(|photos| without_picture(schedule, offers, photos)).unwrap_or_default();
    picture.into_iter().chain(of_articles).chain(untold(campaign)).collect()
}

/// Articles that are shown with a picture that is not there, each once.
fn without_picture(schedule: &Schedule, offers: &[Offers], photos: &BTreeMap<String, Picture>) -> Vec<Finding> {
    let shown: BTreeSet<&str> =
        schedule.offers.iter().flat_map(|offer| &offer.articles).map(|article| article.sku.as_str()).collect();
    let shown = &shown;
    let missing = offers.iter().flat_map(|offers| {
        let listed = offers.list.offers.iter().filter(|offer| shown.contains(offer.sku.as_str()));
        listed.filter_map(move |offer| {
            let file = offer.card.as_ref()?.picture.as_ref().filter(|file| !photos.contains_key(file.as_str()))?;
            let message = phrase!("picture-missing", file = file.as_str());
            Some(Finding::error("picture.missing", offers.list.place(offer), message))
        })
    });
    each_once(missing.collect())
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
