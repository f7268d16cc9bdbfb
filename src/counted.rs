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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_alone() {
        assert_eq!([0_u64, 1, 2].map(|n| counted(n, "mailing")), ["0 mailings", "1 mailing", "2 mailings"]);
        assert_eq!(counted_as(1_u64, "delivery", "deliveries"), "1 delivery");
        assert_eq!(counted_as(7_u64, "delivery", "deliveries"), "7 deliveries");
    }
}
