//! What all CSV files that people hand in have in common: members, prices, offers.

/// The columns that a report of refused rows has in front. They are allowed in any file, so that a report can be mended
/// and imported again.
pub const REPORT_COLUMNS: [&str; 2] = ["line", "reason"];

/// What separates the columns, as the header line shows: a tab, a semicolon or a comma.
pub fn delimiter(first_line: &[u8]) -> u8 {
    let count = |wanted| first_line.split(|byte| *byte == wanted).count();
    // Of equal counts the later one wins: a single column has none of them.
    [b'\t', b';', b','].into_iter().max_by_key(|candidate| count(*candidate)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_shows_what_separates_the_columns() {
        for (header, expected) in [
            ("address,language", b','),
            ("address;language,spoken;source", b';'),
            ("address\tlanguage\tsource", b'\t'),
            ("address", b','),
            ("", b','),
        ] {
            assert_eq!(delimiter(header.as_bytes()), expected, "{header}");
        }
    }
}
