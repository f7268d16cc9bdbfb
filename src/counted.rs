//! A number and what it counts, with the noun's right form: `1 delivery`, `2 deliveries`.

/// `count` of `one`, whose plural is made with an s: `0 mailings`, `1 mailing`.
pub fn counted(count: impl Into<u64>, one: &str) -> String {
    counted_as(count, one, &format!("{one}s"))
}

/// The same for a noun whose plural is `many`: `1 delivery`, `2 deliveries`.
pub fn counted_as(count: impl Into<u64>, one: &str, many: &str) -> String {
    let count = count.into();
    format!("{count} {}", if count == 1 { one } else { many })
}

/// `count` people: `1 person`, `1,240 people`.
pub fn people(count: u64) -> String {
    format!("{} {}", in_thousands(&count.to_string(), ','), if count == 1 { "person" } else { "people" })
}

/// The digits of a whole number, with `between` its thousands: `1,240`. A minus sign before them stays where it is.
pub fn in_thousands(written: &str, between: char) -> String {
    let digits = written.trim_start_matches('-');
    let mut text = written.get(..written.len() - digits.len()).unwrap_or_default().to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(between);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!([0, 1, 999, 1240].map(people), ["0 people", "1 person", "999 people", "1,240 people"]);
        assert_eq!(
            ["1000000", "-1000", "-100"].map(|digits| in_thousands(digits, ' ')),
            ["1 000 000", "-1 000", "-100"]
        );
    }

    #[test]
    fn one_is_alone() {
        assert_eq!([0_u64, 1, 2].map(|n| counted(n, "mailing")), ["0 mailings", "1 mailing", "2 mailings"]);
        assert_eq!(counted_as(1_u64, "delivery", "deliveries"), "1 delivery");
        assert_eq!(counted_as(7_u64, "delivery", "deliveries"), "7 deliveries");
    }
}
