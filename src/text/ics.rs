//! What iCalendar (RFC 5545) writes: properties, escaped and folded.

use jiff::Timestamp;

/// The media type of a calendar.
pub const ICS_MEDIA_TYPE: &str = "text/calendar; charset=utf-8";

/// A line is at most so many octets without its line break (RFC 5545 3.1).
const LINE_OCTETS: usize = 75;

/// A calendar that is being written, one property after the other.
#[derive(Debug, Default)]
pub struct IcsWriter {
    text: String,
}

impl IcsWriter {
    /// A property whose value is of the type TEXT, escaped (RFC 5545 3.3.11).
    pub fn text(&mut self, name: &str, value: &str) {
        let mut escaped = String::with_capacity(value.len());
        for letter in value.chars() {
            match letter {
                '\\' => escaped.push_str("\\\\"),
                ';' => escaped.push_str("\\;"),
                ',' => escaped.push_str("\\,"),
                '\n' => escaped.push_str("\\n"),
                other if other.is_control() => {}
                other => escaped.push(other),
            }
        }
        self.line(name, &escaped);
    }

    /// A property that is a DATE-TIME in UTC (RFC 5545 3.3.5, form 2).
    pub fn instant(&mut self, name: &str, at: Timestamp) {
        self.line(name, &at.strftime("%Y%m%dT%H%M%SZ").to_string());
    }

    /// A property as it is, folded so that no line exceeds 75 octets and no character is cut (RFC 5545 3.1).
    pub fn line(&mut self, name: &str, value: &str) {
        let mut octets = 0;
        for letter in name.chars().chain([':']).chain(value.chars()) {
            if octets + letter.len_utf8() > LINE_OCTETS {
                self.text.push_str("\r\n ");
                octets = 1;
            }
            self.text.push(letter);
            octets += letter.len_utf8();
        }
        self.text.push_str("\r\n");
    }

    /// What was written.
    pub fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(write: impl FnOnce(&mut IcsWriter), expected: &str) {
        let mut writer = IcsWriter::default();
        write(&mut writer);
        assert_eq!(writer.into_text(), expected);
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        let (first, rest) = ("é".repeat(33), "é".repeat(37));
        let expected = format!("SUMMARY:{first}\r\n {rest}\r\n {}\r\n", "é".repeat(30));
        check(|writer| writer.text("SUMMARY", &"é".repeat(100)), &expected);
    }

    #[test]
    fn signs_that_mean_something_are_escaped() {
        check(|writer| writer.text("X", "Bottes, bottines; \\o/\r\nY"), "X:Bottes\\, bottines\\; \\\\o/\\nY\r\n");
    }

    #[test]
    fn instants_are_in_utc() {
        check(|writer| writer.instant("DTSTART", Timestamp::UNIX_EPOCH), "DTSTART:19700101T000000Z\r\n");
    }
}
