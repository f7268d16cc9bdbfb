//! The words for what is sold. Laws name trades in English words; a file may say the same in any language of letters.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A trade: its word in the files of the law, and the words for it in other languages, in lower case and without accents.
#[derive(Clone, Copy, Debug)]
pub struct Trade {
    /// The word that files of the law use.
    pub name: &'static str,
    others: &'static [&'static str],
    /// Whether a law of a market treats this trade differently: a waiting period is about these alone.
    pub regulated: bool,
}

const fn regulated(name: &'static str, others: &'static [&'static str]) -> Trade {
    Trade { name, others, regulated: true }
}

const fn free(name: &'static str, others: &'static [&'static str]) -> Trade {
    Trade { name, others, regulated: false }
}

/// Every trade that is known.
const TRADES: [Trade; 15] = [
    regulated(
        "clothing",
        &[
            "vetements",
            "habillement",
            "mode",
            "textile",
            "textiles",
            "kleding",
            "kleidung",
            "bekleidung",
            "abbigliamento",
            "ropa",
            "roupa",
        ],
    ),
    regulated("leather-goods", &["maroquinerie", "lederwaren", "pelletteria", "marroquineria", "artigos-de-couro"]),
    regulated(
        "shoes",
        &["chaussures", "schoenen", "schuhe", "scarpe", "calzature", "zapatos", "calzado", "sapatos", "calcado"],
    ),
    free(
        "food",
        &[
            "alimentation",
            "alimentaire",
            "epicerie",
            "voeding",
            "lebensmittel",
            "alimentari",
            "alimentacion",
            "alimentacao",
        ],
    ),
    free(
        "furniture",
        &[
            "meubles",
            "mobilier",
            "ameublement",
            "meubelen",
            "meubels",
            "mobel",
            "moebel",
            "mobili",
            "muebles",
            "moveis",
        ],
    ),
    free("electronics", &["electronique", "elektronica", "elektronik", "elettronica", "electronica", "eletronica"]),
    free("books", &["livres", "librairie", "boeken", "bucher", "buecher", "libri", "libros", "livros"]),
    free("toys", &["jouets", "speelgoed", "spielzeug", "giocattoli", "juguetes", "brinquedos"]),
    free("cosmetics", &["cosmetiques", "parfumerie", "cosmetica", "kosmetik", "cosmetici", "cosmeticos"]),
    free("garden", &["jardin", "jardinage", "tuin", "garten", "giardino", "giardinaggio", "jardineria", "jardim"]),
    free("household", &["maison", "menage", "huishouden", "haushalt", "casalinghi", "hogar"]),
    free("services", &["diensten", "dienstleistungen", "servizi", "servicios", "servicos"]),
    free("travel", &["voyages", "voyage", "reizen", "reisen", "viaggi", "viajes", "viagens"]),
    free("tools", &["outils", "outillage", "gereedschap", "werkzeug", "utensili", "herramientas", "ferramentas"]),
    free(
        "appliances",
        &[
            "electromenager",
            "huishoudtoestellen",
            "haushaltsgerate",
            "haushaltsgeraete",
            "elettrodomestici",
            "electrodomesticos",
            "eletrodomesticos",
        ],
    ),
];

/// The words that files of the law use, one for each trade that is known.
pub fn trades() -> impl Iterator<Item = &'static str> {
    TRADES.iter().map(|trade| trade.name)
}

/// The trade that `word` stands for, however it is spelt and in whichever language; `None` for a word that is not known.
pub fn trade(word: &str) -> Option<&'static Trade> {
    let plain: String = word.trim().nfd().filter(|letter| !is_combining_mark(*letter)).collect();
    let plain = plain.to_lowercase().replace(['_', ' '], "-");
    TRADES.iter().find(|trade| trade.name == plain || trade.others.contains(&plain.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trade_is_known_in_every_language_however_it_is_spelt() {
        for (word, name) in [
            ("shoes", "shoes"),
            ("Chaussures", "shoes"),
            ("vêtements", "clothing"),
            ("leather_goods", "leather-goods"),
            ("Électroménager", "appliances"),
            ("Möbel", "furniture"),
            ("boeken", "books"),
        ] {
            assert_eq!(trade(word).map(|trade| trade.name), Some(name), "{word}");
        }
        assert!(trade("chapeaux").is_none());
        let words: Vec<&str> =
            TRADES.iter().flat_map(|trade| std::iter::once(trade.name).chain(trade.others.iter().copied())).collect();
        for word in &words {
            assert_eq!(*word, word.to_lowercase());
            let known = TRADES.iter().filter(|trade| trade.name == *word || trade.others.contains(word));
            assert_eq!(known.count(), 1, "{word} stands for one trade");
        }
    }
}
