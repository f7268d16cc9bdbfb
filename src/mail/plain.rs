//! A letter of nothing but plain text, for whoever runs the shop.

use super::template::Rendered;
use crate::template::escape;
use crate::text::{Subject, TextError, longest};

/// A letter that says `text`, in English. A subject that is too long is cut.
///
/// # Errors
/// `subject` cannot stand in a header.
pub fn plain_letter(subject: &str, text: String) -> Result<Rendered, TextError> {
    let subject: String = subject.chars().take(longest::SUBJECT).collect();
    let html = format!(
        "<!doctype html><html lang=\"en\" dir=\"ltr\"><head><meta charset=\"utf-8\"><title>{}</title></head><body>\
         <pre style=\"white-space:pre-wrap;overflow-wrap:anywhere\">{}</pre></body></html>\n",
        escape(&subject),
        escape(&text),
    );
    Ok(Rendered { subject: Subject::parse(&subject)?, text, html })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_the_same_in_both_parts() {
        let letter = plain_letter(&format!("Élise & fils: {}", "é".repeat(200)), "a < b\n".to_owned()).unwrap();
        assert_eq!(letter.subject.as_str().chars().count(), 150);
        assert_eq!(letter.text, "a < b\n");
        assert!(
            letter.html.contains(">a &lt; b\n</pre>") && letter.html.contains("Élise &amp; fils"),
            "{}",
            letter.html
        );
    }
}
