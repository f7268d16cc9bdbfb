//! What the placeholders of a text stand for in the sale that it is about.

use jiff::ZonedDateTime;

use super::{Language, Moment, MomentForm, Placeholder, Wording, dates};

/// A sale, as far as a text can be filled in from it.
#[derive(Clone, Copy, Debug)]
pub struct Filling<'a> {
    /// The language of the text.
    pub language: Language,
    /// When the sale opens, in its zone.
    pub opens: &'a ZonedDateTime,
    /// When it closes.
    pub closes: &'a ZonedDateTime,
    /// The name of the shop.
    pub shop: &'a str,
    /// The name of the sale.
    pub title: &'a str,
}

impl Filling<'_> {
    /// `wording` with everything filled in.
    pub fn of(&self, wording: &Wording) -> String {
        wording.filled(|placeholder| self.value(placeholder))
    }

    fn value(&self, placeholder: Placeholder) -> String {
        let (moment, form) = match placeholder {
            Placeholder::Opens(form) => (Moment::at(self.opens, self.language), form),
            Placeholder::Closes(form) => (Moment::until(self.closes, self.language), form),
            Placeholder::Duration => return dates::duration(self.opens, self.closes, self.language),
            Placeholder::Shop => return self.shop.to_owned(),
            Placeholder::Title => return self.title.to_owned(),
        };
        match form {
            MomentForm::Short => moment.short,
            MomentForm::Full => moment.full,
            MomentForm::Date => moment.date,
            MomentForm::Time => moment.time,
        }
    }
}
