//! The mail that carries lines of the file of anchors to whoever keeps them elsewhere, in French and English. There is no
//! personal data in it: how long the ledger is, a digest, an instant, a signature.

use jiff::civil::Date;

use super::template::Rendered;
use crate::phrase;
use crate::phrase::in_words;
use crate::template::escape;
use crate::text::{DisplayName, InterfaceLanguage, Subject, TextError};

/// What such a mail says.
#[derive(Clone, Debug)]
pub struct AnchorsLetter<'a> {
    /// Whose ledger it is.
    pub shop: &'a DisplayName,
    /// The day (UTC) of the last anchor.
    pub day: Date,
    /// The last line of the ledger then.
    pub line: i64,
    /// The lines of the file.
    pub lines: &'a str,
}

impl AnchorsLetter<'_> {
    /// The mail.
    ///
    /// # Errors
    /// None in practice: its subject is ours.
    pub fn render(&self) -> Result<Rendered, TextError> {
        let both = [InterfaceLanguage::Fr, InterfaceLanguage::En];
        let subject = phrase!("anchors-letter-subject", day = self.day);
        let subject = both.map(|language| in_words(&subject, language)).join(" / ");
        let said = phrase!("anchors-letter", day = self.day, shop = self.shop.as_str(), line = self.line.to_string());
        let [french, english] = both.map(|language| in_words(&said, language));
        let lines = self.lines;
        Ok(Rendered {
            subject: Subject::parse(&subject)?,
            text: format!("{french}\n\n{lines}\n\n{english}\n"),
            html: format!(
                "<!doctype html><html lang=\"fr\" dir=\"ltr\"><head><meta charset=\"utf-8\"><title>{}</title></head><body>\
                 <p>{}</p><pre style=\"white-space:pre-wrap;overflow-wrap:anywhere\">{}</pre><p lang=\"en\">{}</p></body></html>\n",
                escape(&subject),
                escape(&french),
                escape(lines),
                escape(&english),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_in_both_languages_what_the_lines_are_for() {
        let shop = DisplayName::parse("Maison & Fils").unwrap();
        let day = jiff::civil::date(2027, 1, 2);
        let letter = AnchorsLetter { shop: &shop, day, line: 40_712, lines: "one\ntwo" }.render().unwrap();
        let subject =
            "Registre des consentements\u{a0}: ancrages au 2 janvier 2027 / consent ledger: anchors up to 2027-01-02";
        assert_eq!(letter.subject.as_str(), subject);
        assert!(
            letter
                .text
                .contains("\n\none\ntwo\n\nOn 2027-01-02 the consent ledger of Maison & Fils ended with line 40712.")
        );
        assert!(letter.text.starts_with("Au 2 janvier 2027, le registre"), "{}", letter.text);
        assert!(
            letter.html.contains(">one\ntwo</pre>") && letter.html.contains("Maison &amp; Fils"),
            "{}",
            letter.html
        );
    }
}
