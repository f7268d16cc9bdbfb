//! The members of the demonstration: made up, at domains that belong to nobody, each with the evidence of a consent.

use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};

/// The mailbox that refuses everything.
pub(super) const REFUSES: &str = "boite.fermee@example.com";
/// The mailbox whose server puts strangers off for a while.
pub(super) const GREYLISTS: &str = "liste.grise@example.org";

const WORDING_FR: &str = "J’accepte de recevoir par courriel l’annonce des avant-premières de Boutique Exemple. \
                          Je peux me désinscrire en un clic à tout moment.";
const WORDING_EN: &str = "I agree to receive news of Boutique Exemple’s pre-sales by e-mail. \
                          I can unsubscribe with one click at any time.";

/// A members file of `count` people who confirmed, and three rows that prove nothing.
pub(super) fn members_file(count: u32, now: Timestamp) -> String {
    let mut file = String::from("address,language,confirmed_at,wording,source,method\n");
    for number in 0..count {
        let (language, wording) = if number % 5 == 4 { ("en", WORDING_EN) } else { ("fr", WORDING_FR) };
        let address = match number {
            7 => REFUSES.to_owned(),
            11 => GREYLISTS.to_owned(),
            _ if number % 3 == 0 => format!("membre.{number:05}@example.org"),
            _ => format!("membre.{number:05}@example.fr"),
        };
        let days_ago = SignedDuration::from_hours(24 * i64::from(1 + number % 300));
        let confirmed_at = now.saturating_sub(days_ago).unwrap_or(now);
        row(&mut file, &address, language, &confirmed_at.to_string(), wording);
    }
    row(&mut file, "achetee@example.com", "fr", "", WORDING_FR);
    row(&mut file, "cochee@example.com", "fr", &now.to_string(), "");
    row(&mut file, "pas-une-adresse", "fr", &now.to_string(), WORDING_FR);
    file
}

fn row(file: &mut String, address: &str, language: &str, confirmed_at: &str, wording: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(file, "{address},{language},{confirmed_at},\"{wording}\",form:footer,double_optin");
}
