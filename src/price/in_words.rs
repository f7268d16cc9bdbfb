//! Prices as people read them, in the seven languages of letters.

use super::money::{Currency, Money};
use super::tag::{PriorBasis, PriorTag};
use crate::counted::in_thousands;
use crate::text::Language;

/// A price as readers of `language` write it: `1 299,90 €`, `€1,299.90`. Whole amounts stand without cents.
pub(super) fn money(money: Money, language: Language) -> String {
    let (point, thousands) = match language {
        Language::En => ('.', ','),
        Language::Fr => (',', '\u{202f}'),
        _ => (',', '.'),
    };
    let amount = money.amount();
    let (whole, cents) = amount.split_once('.').unwrap_or((&amount, ""));
    let mut text = in_thousands(whole, thousands);
    if cents.bytes().any(|digit| digit != b'0') {
        text.push(point);
        text.push_str(cents);
    }
    let sign = sign(money.currency);
    match (language, sign) {
        (Language::En, Some(sign)) => format!("{sign}{text}"),
        (Language::En, None) => format!("{}\u{a0}{text}", money.currency),
        (Language::Nl, sign) => format!("{}\u{a0}{text}", sign.unwrap_or(money.currency.code())),
        (_, sign) => format!("{text}\u{a0}{}", sign.unwrap_or(money.currency.code())),
    }
}

/// The sign of a currency, where everybody knows it.
fn sign(currency: Currency) -> Option<&'static str> {
    match currency.code() {
        "EUR" => Some("€"),
        "GBP" => Some("£"),
        _ => None,
    }
}

/// A reduction as readers of `language` write it.
pub(super) fn percent(percent: u8, language: Language) -> String {
    let space = match language {
        Language::Fr | Language::De | Language::Es => "\u{a0}",
        Language::En | Language::Nl | Language::It | Language::Pt => "",
    };
    format!("−{percent}{space}%")
}

/// The price that another one is compared with, and which it is.
pub(super) fn compared(prior: PriorTag, language: Language) -> String {
    let space = if language == Language::Fr { "\u{a0}" } else { "" };
    format!("{}{space}: {}", basis(prior.basis, language), money(prior.price, language))
}

/// Which price another one is compared with.
fn basis(basis: PriorBasis, language: Language) -> String {
    match (basis, language) {
        (PriorBasis::LowestOf(days), Language::Fr) => format!("Prix le plus bas des {days} derniers jours"),
        (PriorBasis::LowestOf(days), Language::En) => format!("Lowest price of the last {days} days"),
        (PriorBasis::LowestOf(days), Language::Nl) => format!("Laagste prijs van de laatste {days} dagen"),
        (PriorBasis::LowestOf(days), Language::De) => format!("Niedrigster Preis der letzten {days} Tage"),
        (PriorBasis::LowestOf(days), Language::It) => format!("Prezzo più basso degli ultimi {days} giorni"),
        (PriorBasis::LowestOf(days), Language::Es) => format!("Precio más bajo de los últimos {days} días"),
        (PriorBasis::LowestOf(days), Language::Pt) => format!("Preço mais baixo dos últimos {days} dias"),
        (PriorBasis::Directly, language) => directly(language).to_owned(),
    }
}

fn directly(language: Language) -> &'static str {
    match language {
        Language::Fr => "Prix pratiqué juste avant la réduction",
        Language::En => "Price charged just before the reduction",
        Language::Nl => "Prijs vlak voor de verlaging",
        Language::De => "Preis unmittelbar vor der Ermäßigung",
        Language::It => "Prezzo praticato subito prima della riduzione",
        Language::Es => "Precio aplicado justo antes de la reducción",
        Language::Pt => "Preço praticado imediatamente antes da redução",
    }
}

/// The line that says what all prices are that are crossed out.
pub(super) fn note(basis: PriorBasis, language: Language) -> String {
    match (basis, language) {
        (PriorBasis::LowestOf(days), Language::Fr) => {
            format!("Prix barré\u{a0}: prix le plus bas des {days} derniers jours avant la réduction.")
        }
        (PriorBasis::LowestOf(days), Language::En) => {
            format!("Crossed out: the lowest price of the last {days} days before the reduction.")
        }
        (PriorBasis::LowestOf(days), Language::Nl) => {
            format!("Doorgestreept: de laagste prijs van de laatste {days} dagen vóór de verlaging.")
        }
        (PriorBasis::LowestOf(days), Language::De) => {
            format!("Durchgestrichen: der niedrigste Preis der letzten {days} Tage vor der Ermäßigung.")
        }
        (PriorBasis::LowestOf(days), Language::It) => {
            format!("Prezzo barrato: il più basso degli ultimi {days} giorni prima della riduzione.")
        }
        (PriorBasis::LowestOf(days), Language::Es) => {
            format!("Precio tachado: el más bajo de los últimos {days} días antes de la reducción.")
        }
        (PriorBasis::LowestOf(days), Language::Pt) => {
            format!("Preço riscado: o mais baixo dos últimos {days} dias antes da redução.")
        }
        (PriorBasis::Directly, Language::Fr) => "Prix barré\u{a0}: prix pratiqué juste avant la réduction.".to_owned(),
        (PriorBasis::Directly, Language::En) => "Crossed out: the price charged just before the reduction.".to_owned(),
        (PriorBasis::Directly, Language::Nl) => "Doorgestreept: de prijs vlak voor de verlaging.".to_owned(),
        (PriorBasis::Directly, Language::De) => "Durchgestrichen: der Preis unmittelbar vor der Ermäßigung.".to_owned(),
        (PriorBasis::Directly, Language::It) => {
            "Prezzo barrato: quello praticato subito prima della riduzione.".to_owned()
        }
        (PriorBasis::Directly, Language::Es) => "Precio tachado: el aplicado justo antes de la reducción.".to_owned(),
        (PriorBasis::Directly, Language::Pt) => "Preço riscado: o praticado imediatamente antes da redução.".to_owned(),
    }
}

/// That there are so many more articles than are shown.
pub(super) fn more(count: u64, language: Language) -> String {
    let several = count > 1;
    match language {
        Language::Fr if several => format!("et {count} autres articles"),
        Language::Fr => "et un autre article".to_owned(),
        Language::En => format!("and {count} more"),
        Language::Nl => format!("en nog {count}"),
        Language::De if several => format!("und {count} weitere Artikel"),
        Language::De => "und ein weiterer Artikel".to_owned(),
        Language::It if several => format!("e altri {count} articoli"),
        Language::It => "e un altro articolo".to_owned(),
        Language::Es if several => format!("y {count} artículos más"),
        Language::Es => "y un artículo más".to_owned(),
        Language::Pt if several => format!("e mais {count} artigos"),
        Language::Pt => "e mais um artigo".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_written_as_each_language_writes_them() {
        let said = |minor, currency: &str, language| money(Money::new(minor, currency.parse().unwrap()), language);
        for (minor, currency, language, expected) in [
            (7990, "EUR", Language::Fr, "79,90\u{a0}€"),
            (129_900, "EUR", Language::Fr, "1\u{202f}299\u{a0}€"),
            (129_990, "EUR", Language::En, "€1,299.90"),
            (7990, "CHF", Language::En, "CHF\u{a0}79.90"),
            (7990, "EUR", Language::Nl, "€\u{a0}79,90"),
            (12_345_600, "EUR", Language::De, "123.456\u{a0}€"),
            (7990, "CHF", Language::De, "79,90\u{a0}CHF"),
            (8900, "JPY", Language::It, "8.900\u{a0}JPY"),
        ] {
            assert_eq!(said(minor, currency, language), expected);
        }
    }

    #[test]
    fn the_line_of_the_law_names_the_days() {
        for language in Language::ALL {
            for said in [basis(PriorBasis::LowestOf(30), language), note(PriorBasis::LowestOf(30), language)] {
                assert!(said.contains("30"), "{language}: {said}");
            }
        }
    }
}
