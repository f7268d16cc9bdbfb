//! Money: whole minor units and a currency. No amount is ever a floating-point number.
//!
//! Reads what retailers write, with a decimal comma or point. Converts between no currencies.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::phrase::{Fact, Phrase, Spoken};
use crate::{phrase, spoken_errors};

/// A currency, by its ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// The code, such as `EUR`.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many digits an amount has after its decimal separator (ISO 4217).
    pub fn digits(self) -> u32 {
        match &self.0 {
            b"CLP" | b"ISK" | b"JPY" | b"KRW" | b"PYG" | b"UGX" | b"VND" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }

    /// The currency that prices are written in where a file names none, by ISO 3166 country code.
    pub fn used_in(country: &str) -> Self {
        match country {
            "CH" | "LI" => Self(*b"CHF"),
            "CZ" => Self(*b"CZK"),
            "DK" => Self(*b"DKK"),
            "GB" | "UK" => Self(*b"GBP"),
            "HU" => Self(*b"HUF"),
            "IS" => Self(*b"ISK"),
            "NC" | "PF" => Self(*b"XPF"),
            "NO" => Self(*b"NOK"),
            "PL" => Self(*b"PLN"),
            "RO" => Self(*b"RON"),
            "SE" => Self(*b"SEK"),
            _ => Self::EUR,
        }
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let code: Option<[u8; 3]> = text.as_bytes().try_into().ok();
        code.map(|code| code.map(|letter| letter.to_ascii_uppercase()))
            .filter(|code| code.iter().all(u8::is_ascii_uppercase))
            .map(Self)
            .ok_or(MoneyError::Currency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Why a text is no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyError {
    /// There is nothing in it.
    Empty,
    /// It is not digits with at most one decimal separator.
    NotAnAmount,
    /// More digits after the separator than the currency has: perhaps a separator of thousands.
    Digits(Currency),
    /// Nothing costs nothing: exports write 0 for "no price".
    Zero,
    /// It is below zero.
    Negative,
    /// It has more digits than any price.
    TooLarge,
    /// The currency is no ISO 4217 code.
    Currency,
}

spoken_errors!(MoneyError);

impl Spoken for MoneyError {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Empty => phrase!("money-missing"),
            Self::NotAnAmount => phrase!("money-no-amount"),
            Self::Digits(currency) => {
                phrase!("money-digits", currency = Fact::text(currency), digits = currency.digits())
            }
            Self::Zero => phrase!("money-zero"),
            Self::Negative => phrase!("money-negative"),
            Self::TooLarge => phrase!("money-too-large"),
            Self::Currency => phrase!("money-currency"),
        }
    }
}

/// A positive amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    /// Minor units: cents for the euro.
    pub minor: i64,
    /// In which currency.
    pub currency: Currency,
}

impl Money {
    /// The largest amount read, in minor units: exact even as a JSON number.
    pub const MAX_MINOR: i64 = 900_000_000_000_000;

    /// An amount in minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads `79,90`, `79.90`, `79` or `1 299,00`: spaces of any kind between digits are left out, and so is the currency
    /// behind them (`79,90 €`, `79,90 EUR`) when it is the one that the amount is in.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let text = text.trim();
        let sign = if currency == Currency::EUR { "€" } else { currency.code() };
        let text = text.strip_suffix(sign).or_else(|| text.strip_suffix(currency.code())).unwrap_or(text).trim_end();
        if text.is_empty() {
            return Err(MoneyError::Empty);
        }
        if text.starts_with(['-', '−']) {
            return Err(MoneyError::Negative);
        }
        let (mut units, mut decimals, mut digits) = (0_i64, None, 0);
        for letter in text.chars() {
            match (letter.to_digit(10), letter) {
                (Some(digit), _) => {
                    units = units
                        .checked_mul(10)
                        .and_then(|units| units.checked_add(i64::from(digit)))
                        .ok_or(MoneyError::TooLarge)?;
                    digits += 1;
                    decimals = decimals.map(|count: u32| count + 1);
                }
                (None, '.' | ',') if decimals.is_none() => decimals = Some(0),
                (None, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}') if decimals.is_none() && digits > 0 => {}
                _ => return Err(MoneyError::NotAnAmount),
            }
        }
        if digits == 0 || decimals == Some(0) {
            return Err(MoneyError::NotAnAmount);
        }
        let missing =
            currency.digits().checked_sub(decimals.unwrap_or_default()).ok_or(MoneyError::Digits(currency))?;
        let minor = 10_i64.checked_pow(missing).and_then(|scale| units.checked_mul(scale));
        match minor {
            Some(0) => Err(MoneyError::Zero),
            Some(minor) if minor <= Self::MAX_MINOR => Ok(Self { minor, currency }),
            _ => Err(MoneyError::TooLarge),
        }
    }

    /// The amount without its currency: `79.90`.
    pub fn amount(&self) -> String {
        let digits = usize::try_from(self.currency.digits()).unwrap_or_default();
        let text = format!("{:0width$}", self.minor, width = digits + 1);
        match text.split_at_checked(text.len() - digits) {
            Some((whole, cents)) if !cents.is_empty() => format!("{whole}.{cents}"),
            _ => text,
        }
    }

    /// By how many whole percent this amount lies below `prior`, rounded down so that no more is promised than given.
    pub fn percent_below(&self, prior: Self) -> Option<u8> {
        let cut = i128::from(prior.minor) - i128::from(self.minor);
        let percent = (cut * 100).checked_div(i128::from(prior.minor))?;
        u8::try_from(percent).ok()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

impl From<Money> for Fact {
    fn from(money: Money) -> Self {
        Self::Amount(money.amount(), money.currency.code().to_owned())
    }
}

impl Serialize for Money {
    /// A JSON number, such as `79.9`: exact, because no amount exceeds [`Money::MAX_MINOR`].
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.currency.digits() == 0 {
            return serializer.serialize_i64(self.minor);
        }
        serializer.serialize_f64(self.amount().parse().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, currency: &str, expected: Result<i64, MoneyError>) {
        let currency = currency.parse().unwrap();
        assert_eq!(Money::parse(text, currency).map(|money| money.minor), expected, "{text}");
    }

    #[test]
    fn amounts_are_read_as_retailers_write_them() {
        check("79,90", "EUR", Ok(7990));
        check("79.90", "EUR", Ok(7990));
        check(" 79.9 ", "EUR", Ok(7990));
        check("79", "EUR", Ok(7990 - 90));
        check("1\u{202f}299,00", "EUR", Ok(129_900));
        check(".99", "EUR", Ok(99));
        check("8900", "JPY", Ok(8900));
        check("1,250", "TND", Ok(1250));
        check("1\u{a0}299,00\u{a0}€", "EUR", Ok(129_900));
        check("79.90 EUR", "EUR", Ok(7990));
        check("79.90CHF", "CHF", Ok(7990));
    }

    #[test]
    fn what_could_be_misread_is_refused() {
        check("1,299", "EUR", Err(MoneyError::Digits(Currency::EUR)));
        check("1.299,00", "EUR", Err(MoneyError::NotAnAmount));
        check("79.", "EUR", Err(MoneyError::NotAnAmount));
        check("79,90 €", "CHF", Err(MoneyError::NotAnAmount));
        check("€", "EUR", Err(MoneyError::Empty));
        check("79.90", "JPY", Err(MoneyError::Digits("JPY".parse().unwrap())));
        check("-5", "EUR", Err(MoneyError::Negative));
        check("0,00", "EUR", Err(MoneyError::Zero));
        check("", "EUR", Err(MoneyError::Empty));
        check("99999999999999999999", "EUR", Err(MoneyError::TooLarge));
        assert_eq!("EURO".parse::<Currency>(), Err(MoneyError::Currency));
        assert_eq!("€uR".parse::<Currency>(), Err(MoneyError::Currency));
    }

    #[test]
    fn amounts_are_written_in_full_and_numbers_are_exact() {
        let euros = |minor| Money::new(minor, Currency::EUR);
        assert_eq!(euros(7990).to_string(), "79.90 EUR");
        assert_eq!(euros(5).amount(), "0.05");
        assert_eq!(serde_json::to_string(&euros(7990)).unwrap(), "79.9");
        assert_eq!(serde_json::to_string(&euros(Money::MAX_MINOR - 1)).unwrap(), "8999999999999.99");
        assert_eq!(Money::new(8900, "JPY".parse().unwrap()).to_string(), "8900 JPY");
    }

    #[test]
    fn percentages_are_rounded_down() {
        let percent = |price, prior| Money::new(price, Currency::EUR).percent_below(Money::new(prior, Currency::EUR));
        assert_eq!(percent(7000, 8000), Some(12));
        assert_eq!(percent(50_000, 55_000), Some(9));
        assert_eq!(percent(9999, 10_000), Some(0));
        assert_eq!(percent(1, 0), None);
    }

    proptest! {
        #[test]
        fn parse_and_print_are_inverse(minor in 1..=Money::MAX_MINOR, code in "[A-Z]{3}") {
            let money = Money::new(minor, code.parse().unwrap());
            prop_assert_eq!(Money::parse(&money.amount(), money.currency), Ok(money));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}", code in ".{0,4}") {
            let currency = code.parse().unwrap_or(Currency::EUR);
            let _ = Money::parse(&text, currency);
        }
    }
}
