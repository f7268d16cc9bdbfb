//! Tables as people hand them in: CSV by whatever program, in whatever encoding, with whatever it puts around the rows, and the sheets of
//! workbooks.
//!
//! One reader for members, prices and offers ([`Sheet`]): rows come one at a time, each with its line, so a file of any
//! size fits. A sheet knows columns, not what is in them. Lists of people are read by the kinder [`lines()`]: there no
//! line may be lost, while a table whose rows become proof refuses what could be misread.

mod columns;
mod encoding;
mod framed;
mod lines;
mod raw;
mod sheet;
mod split;

pub use columns::{Column, HeaderFault, REPORT_COLUMNS};
pub use encoding::{Encoding, EncodingError, Survey, decode};
pub use framed::{FramedError, FramedSheet, plain_lines};
pub use lines::lines;
pub use sheet::{CellError, Sheet, SheetCells, SheetError, SheetRow};
