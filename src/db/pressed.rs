//! What came of the button on a page that a letter's link leads to.

/// What became of a press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// What it asks for is in the ledger now.
    Done,
    /// The button had been pressed before.
    Already,
    /// The link leads to nothing.
    Unknown,
    /// The clock is behind what the ledger holds about the person, so that the press would count for nothing. Nothing was
    /// written.
    TooEarly,
}
