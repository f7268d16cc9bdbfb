//! What the operator decides: `carillon.toml`, resolved, and the key file that it names.

mod documents;
mod file;
mod keys;
mod provenance;
mod read;
mod settings;
mod store_url;
mod take_up;

pub use documents::calendar_overrides;
pub use keys::{KeysError, create_keyring, load_keyring, replace_keyring};
pub use provenance::{SettingOrigin, SettingShown, settings_shown};
pub use settings::{
    AlertMail, AlertProgram, AlertSettings, BounceSettings, CallTarget, ConfigError, ConsentSettings, DkimNamedKey,
    DkimSettings, GateSettings, JoinSettings, MailSettings, Overrides, PrivateListen, PublicSettings, PutSettings,
    RelayPassword, RelaySettings, SAMPLE, Security, Settings, ShopSettings, TransportSettings, WarmUpSettings,
    WebhookSettings, sample,
};
pub use store_url::{NoStoreUrl, StoreUrl};
pub use take_up::take_up;
