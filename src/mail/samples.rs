//! The letters that every template set must be able to render, and that `carillon mail preview` shows.
//!
//! One sample says everything, the other says as little as the types allow.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use super::context::{Confirmation, NextPeriod, Recipient, Renewal, Sale, SaleLetter, SalePages, Texts};
use super::fields::FieldError;
use super::message::Party;
use super::schedule::french_sales;
use super::sender::Sender;
use crate::brand::{Brand, Picture};
use crate::config::ShopSettings;
use crate::member::Language;
use crate::price::{ShownCard, ShownGroup, ShownOffers};
use crate::text::{DisplayName, Line, ListId, Slug, WebAddress};

/// A winter sale of an example shop, once with all that a letter can be told and once with the least.
pub fn sale_letters(language: Language) -> Result<Vec<SaleLetter>, FieldError> {
    let sale = sale(language)?;
    let cards = Some(cards(&sale)?);
    let rich = SaleLetter { language, shop: shop()?, sale: Sale { cards, ..sale }, texts: texts(language) };
    let bare = SaleLetter {
        sale: Sale {
            open_to_all: false,
            in_store: true,
            offers: Vec::new(),
            cards: None,
            next_period: None,
            ..rich.sale.clone()
        },
        shop: ShopSettings { contact: Line::parse("+33 1 99 00 12 34")?, ..rich.shop.clone() },
        texts: Texts::default(),
        ..rich.clone()
    };
    // What most mailings are: every fact, and the template's own words.
    let usual = SaleLetter { texts: Texts::default(), sale: Sale { cards: None, ..rich.sale.clone() }, ..rich.clone() };
    Ok(vec![usual, rich, bare])
}

/// Two members, so that whatever differs between their letters can be seen.
pub fn recipients() -> Result<[Recipient; 2], FieldError> {
    let recipient = |token: &str, preferences_url, day| -> Result<Recipient, FieldError> {
        Ok(Recipient {
            unsubscribe_url: WebAddress::parse(&format!("https://news.example.fr/u/{token}"))?,
            preferences_url,
            confirmed_on: Date::new(2026, 10, day).unwrap_or(Date::ZERO),
        })
    };
    let preferences = WebAddress::parse("https://news.example.fr/p/v1.k1.6GhTq2vXn8RzWmB4sD7yJ.kQ9d3cVfA1xLpEo0uZ5w")?;
    Ok([
        recipient("v1.k1.6GhTq2vXn8RzWmB4sD7yJ.pL0aYt3nRq8eWx5bUc2v", None, 12)?,
        recipient("v1.k1.3NbVc9mKl1PoIuY7tReW2.hG4fD8sAq6zXw1eRt5yU", Some(preferences), 13)?,
    ])
}

/// When the person of a preview confirmed.
pub fn confirmed_at() -> Timestamp {
    paris(2026, 10, 12, 18, 4).timestamp()
}

/// Where the example shop's pages are.
pub fn public_url() -> Result<WebAddress, FieldError> {
    Ok(WebAddress::parse("https://news.example.fr")?)
}

/// A request to confirm.
pub fn confirmation(language: Language) -> Result<Confirmation, FieldError> {
    Ok(Confirmation {
        language,
        shop: shop()?,
        confirm_url: WebAddress::parse("https://news.example.fr/confirm/Zr3vK8qTn5WyB1mXsD6hJg")?,
        requested: paris(2026, 10, 12, 18, 4),
        expires: paris(2026, 10, 15, 18, 4),
    })
}

/// A consent that runs out.
pub fn renewal(language: Language) -> Result<Renewal, FieldError> {
    Ok(Renewal {
        language,
        shop: shop()?,
        renew_url: WebAddress::parse("https://news.example.fr/renew/r1.k1.6GhTq2vXn8RzWmB4sD7yJ.Zr3vK8qTn5WyB1mXsD6h")?,
        ends: paris(2028, 10, 12, 18, 4),
        lifetime_months: 24,
    })
}

/// The example shop as a sender.
pub fn sender() -> Result<Sender, FieldError> {
    let shop = shop()?;
    let form = |_| FieldError::Form { what: "sample address", expected: "an address" };
    Ok(Sender {
        from: Party { name: Some(shop.name.clone()), address: "avant-premieres@example.fr".parse().map_err(form)? },
        reply_to: None,
        list: ListId::parse("Avant-premières", "avant-premieres.example.fr")?,
        dkim: None,
        pages: public_url()?,
        shop,
    })
}

/// The example shop.
pub fn shop() -> Result<ShopSettings, FieldError> {
    Ok(ShopSettings {
        name: DisplayName::parse("Chaussures Exemple")?,
        legal_name: Line::parse("Exemple SAS")?,
        postal_address: Line::parse("12\u{a0}rue de l’Échoppe, 75011 Paris")?,
        contact: Line::parse("bonjour@example.fr")?,
        url: WebAddress::parse("https://www.example.fr/")?,
        privacy_url: WebAddress::parse("https://www.example.fr/confidentialite")?,
        language: None,
        brand: Brand::default(),
    })
}

/// A winter sale.
pub fn sale(language: Language) -> Result<Sale, FieldError> {
    let (title, offers) = match language {
        Language::Fr => ("Les journées magiques", ["Bottines et bottes", "Souliers d’enfants", "Chaussons"]),
        Language::En => ("The magic days", ["Ankle boots and boots", "Children’s shoes", "Slippers"]),
        Language::Nl => ("De magische dagen", ["Enkellaarsjes en laarzen", "Kinderschoenen", "Pantoffels"]),
        Language::De => ("Die Zaubertage", ["Stiefeletten und Stiefel", "Kinderschuhe", "Hausschuhe"]),
        Language::It => ("Le giornate magiche", ["Stivaletti e stivali", "Scarpe per bambini", "Pantofole"]),
        Language::Es => ("Los días mágicos", ["Botines y botas", "Zapatos infantiles", "Zapatillas de casa"]),
        Language::Pt => ("Os dias mágicos", ["Botins e botas", "Sapatos de criança", "Pantufas"]),
    };
    let next = french_sales("winter", language).map(str::to_owned);
    Ok(Sale {
        title: Line::parse(title)?,
        url: WebAddress::parse("https://www.example.fr/journees-magiques")?,
        pages: SalePages::of(&Slug::sample(), language, &public_url()?)?,
        opens: paris(2027, 1, 2, 8, 0),
        closes: paris(2027, 1, 6, 8, 0),
        open_to_all: true,
        in_store: false,
        picture: None,
        button: None,
        offers: offers.into_iter().map(Line::parse).collect::<Result<_, _>>()?,
        cards: None,
        next_period: next.map(|name| NextPeriod { name, starts: paris(2027, 1, 6, 8, 0) }),
    })
}

/// Articles of the sale, each with more to tell than the one before.
fn cards(sale: &Sale) -> Result<ShownOffers<Picture>, FieldError> {
    let card = |name: &str, url: Option<&str>, price: Option<&str>, prior: Option<&str>| -> Result<_, FieldError> {
        Ok(ShownCard {
            name: Line::parse(name)?,
            url: url.map(WebAddress::parse).transpose()?,
            picture: None,
            price: price.map(str::to_owned),
            prior: prior.map(str::to_owned),
            percent: prior.map(|_| "−12\u{a0}%".to_owned()),
            compared: prior.map(|prior| format!("30: {prior}")),
            amount: price.map(str::to_owned),
            currency: price.map(|_| "EUR".to_owned()),
        })
    };
    let page = Some("https://www.example.fr/camille");
    let cards = vec![
        card("Camille", None, None, None)?,
        card("Dominique", page, Some("70\u{a0}€"), None)?,
        card("Claude", page, Some("70\u{a0}€"), Some("80\u{a0}€"))?,
    ];
    let groups =
        sale.offers.iter().take(2).map(|name| ShownGroup { name: name.clone(), cards: cards.clone() }).collect();
    Ok(ShownOffers { groups, more: Some("+ 34".to_owned()), note: Some("30".to_owned()), priced: true })
}

fn texts(language: Language) -> Texts {
    let (subject, headline, intro) = match language {
        Language::Fr => (
            "Quatre jours de magie avant l’hiver",
            "Quatre jours de magie",
            "Les bottines sont cirées, les lacets neufs.\n\nNous vous attendons au fond du magasin, là où l’on est bien.",
        ),
        Language::En => (
            "Four days of magic before winter",
            "Four days of magic",
            "The boots are polished and the laces are new.\n\nWe are waiting at the back of the shop, where it is warm.",
        ),
        Language::Nl => (
            "Vier magische dagen voor de winter",
            "Vier magische dagen",
            "De laarzen zijn gepoetst, de veters nieuw.\n\nWe wachten achter in de winkel op u, waar het warm is.",
        ),
        Language::De => (
            "Vier Zaubertage vor dem Winter",
            "Vier Zaubertage",
            "Die Stiefel sind geputzt, die Schnürsenkel neu.\n\nWir warten hinten im Laden auf Sie, wo es warm ist.",
        ),
        Language::It => (
            "Quattro giornate magiche prima dell’inverno",
            "Quattro giornate magiche",
            "Gli stivali sono lucidati, i lacci nuovi.\n\nLa aspettiamo in fondo al negozio, dove fa caldo.",
        ),
        Language::Es => (
            "Cuatro días mágicos antes del invierno",
            "Cuatro días mágicos",
            "Las botas están lustradas; los cordones, nuevos.\n\nLe esperamos al fondo de la tienda, donde no hace frío.",
        ),
        Language::Pt => (
            "Quatro dias mágicos antes do inverno",
            "Quatro dias mágicos",
            "As botas estão engraxadas, os atacadores são novos.\n\nEsperamos por si ao fundo da loja, onde está quente.",
        ),
    };
    Texts { subject: Some(subject.to_owned()), headline: Some(headline.to_owned()), intro: Some(intro.to_owned()) }
}

/// An instant of the samples. Their dates exist, and Paris is in the bundled zone database.
fn paris(year: i16, month: i8, day: i8, hour: i8, minute: i8) -> ZonedDateTime {
    let zone = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    DateTime::new(year, month, day, hour, minute, 0, 0)
        .and_then(|at| at.to_zoned_datetime(zone.clone()))
        .unwrap_or_else(|_| Timestamp::UNIX_EPOCH.to_zoned_datetime(zone))
}
