//! Who letters come from, as the settings say it, checked once at the start.

use super::context::Shop;
use super::fields::{DisplayName, FeedbackId, FieldError, ListId, WebAddress};
use super::message::{Party, Purpose};
use crate::config::{MailSettings, ShopSettings};
use crate::member::{Address, AddressError};

/// The sending side of every message.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Who writes, for the letter.
    pub shop: Shop,
    /// Who writes, for the header.
    pub from: Party,
    /// Where answers go, when not to `from`.
    pub reply_to: Option<Party>,
    /// The list that all mailings belong to.
    pub list: ListId,
}

/// Why the settings name no sender.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// An address is none.
    #[error("`{key}` in `[mail]` is not an address that can send")]
    Address {
        /// The setting.
        key: &'static str,
        /// Why.
        #[source]
        why: AddressError,
    },
    /// Another setting cannot stand in a message.
    #[error("`{key}` cannot stand in a message")]
    Field {
        /// The setting.
        key: &'static str,
        /// Why.
        #[source]
        why: FieldError,
    },
}

impl Sender {
    /// The sender that the settings describe.
    pub fn new(shop: &ShopSettings, mail: &MailSettings) -> Result<Self, SenderError> {
        let field = |key| move |why| SenderError::Field { key, why };
        let name = DisplayName::parse(&shop.name).map_err(field("name"))?;
        let party = |key, text: &str| {
            let address: Address = text.parse().map_err(|why| SenderError::Address { key, why })?;
            Ok(Party { name: Some(name.clone()), address })
        };
        Ok(Self {
            shop: Shop::new(shop).map_err(field("url` or `privacy_url"))?,
            from: party("from", &mail.from)?,
            reply_to: mail.reply_to.as_deref().map(|text| party("reply_to", text)).transpose()?,
            list: ListId::parse(&mail.list_name, &mail.list_id).map_err(field("list_name` or `list_id"))?,
        })
    }

    /// The purpose of a mailing to one member. `groups` names the campaign and the mailing, never a person; names that
    /// Gmail would not take leave the field away.
    pub fn mailing(&self, unsubscribe: WebAddress, groups: &[&str]) -> Purpose {
        let id: String = self.list.id().chars().filter(char::is_ascii_alphanumeric).take(15).collect();
        Purpose::Mailing {
            list: self.list.clone(),
            unsubscribe,
            unsubscribe_mailbox: None,
            feedback: FeedbackId::new(groups, &id).ok(),
        }
    }
}
