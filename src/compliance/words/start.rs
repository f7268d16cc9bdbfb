//! A sale's first day and hour in words, for a remedy that can be copied.

use super::LawfulSale;

/// « mercredi 6 janvier 2027 à 8 h », or the day in `language`.
pub(super) fn in_words(season: &LawfulSale, language: &str) -> String {
    let date = season.first_day;
    let (day, year) = (date.day(), date.year());
    let months = match language {
        "fr" => "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "nl" => "januari februari maart april mei juni juli augustus september oktober november december",
        "de" => "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "it" => "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        _ => return format!("{day}/{:02}/{year}", date.month()),
    };
    let month = nth(months, date.month());
    match language {
        "fr" => {
            let weekday =
                nth("lundi mardi mercredi jeudi vendredi samedi dimanche", date.weekday().to_monday_one_offset());
            let day = if day == 1 { "1er".to_owned() } else { day.to_string() };
            let hour = if season.hour == 0 { String::new() } else { format!(" à {}\u{A0}h", season.hour) };
            format!("{weekday} {day} {month} {year}{hour}")
        }
        "de" => format!("{day}. {month} {year}"),
        _ => format!("{day} {month} {year}"),
    }
}

/// The name at place `number`, counted from one.
fn nth(names: &str, number: i8) -> &str {
    let index = usize::try_from(number).unwrap_or_default().saturating_sub(1);
    names.split(' ').nth(index).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;

    use super::*;

    #[track_caller]
    fn check(language: &str, expected: &str) {
        let now = Timestamp::UNIX_EPOCH;
        let season = LawfulSale { first_day: date(2027, 1, 6), hour: 8, starts_at: now, ends_at: now, doubt: None };
        assert_eq!(in_words(&season, language), expected);
    }

    #[test]
    fn the_day_is_written_as_its_readers_write_it() {
        check("fr", "mercredi 6 janvier 2027 à 8\u{A0}h");
        check("nl", "6 januari 2027");
        check("de", "6. Januar 2027");
        check("it", "6 gennaio 2027");
        check("", "6/01/2027");
    }
}
