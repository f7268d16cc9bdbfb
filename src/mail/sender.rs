//! Who letters come from, as the settings say it.

use super::dkim::DkimSigner;
use super::fields::FeedbackId;
use super::message::{MailingFields, Party};
use crate::config::{Settings, ShopSettings};
use crate::member::Address;
use crate::text::{ListId, WebAddress};

/// The sending side of every message.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Who writes, for the letter.
    pub shop: ShopSettings,
    /// Who writes, for the header.
    pub from: Party,
    /// Where answers go, when not to `from`.
    pub reply_to: Option<Party>,
    /// The list that all mailings belong to.
    pub list: ListId,
    /// Who signs, where that is done here and not by the relay.
    pub dkim: Option<DkimSigner>,
    /// Where the pages of its sales are.
    pub pages: WebAddress,
}

impl Sender {
    /// The sender that the settings describe.
    pub fn new(Settings { shop, mail, public, .. }: &Settings) -> Self {
        let party = |address: &Address| Party { name: Some(shop.name.clone()), address: address.clone() };
        Self {
            shop: shop.clone(),
            from: party(&mail.from),
            reply_to: mail.reply_to.as_ref().map(party),
            list: mail.list.clone(),
            dkim: mail.dkim.as_ref().map(DkimSigner::new),
            pages: public.url.clone(),
        }
    }

    /// What the header of a mailing says in everybody's copy. `groups` names the campaign and the mailing, never a person; names
    /// that Gmail would not take leave the field away.
    pub fn mailing(&self, groups: &[&str]) -> MailingFields {
        let id: String = self.list.id().chars().filter(char::is_ascii_alphanumeric).take(15).collect();
        MailingFields { list: self.list.clone(), feedback: FeedbackId::new(groups, &id).ok() }
    }
}
