//! A value together with where a person wrote it.

use std::ops::{Deref, Range};

use crate::finding::Place;

/// A value of a file, with its place for findings. It reads like the value itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<T> {
    /// The value.
    pub value: T,
    /// Where it is written, with the words when they are short.
    pub place: Place,
    /// The bytes of the document that hold it, quotes included.
    pub span: Range<usize>,
}

impl<T> Written<T> {
    /// The same place with another value, such as the parsed form of a text.
    pub(super) fn with<U>(self, value: U) -> Written<U> {
        Written { value, place: self.place, span: self.span }
    }
}

impl<T> Deref for Written<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
