//! What the operator decides: `carillon.toml`, resolved.

mod settings;

pub use settings::{
    ConfigError, ConsentSettings, MailSettings, Overrides, PublicSettings, RelaySettings, Security, Settings,
    ShopSettings, TransportSettings,
};
