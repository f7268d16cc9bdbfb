//! Workbooks as a spreadsheet saves them, reduced to what a reader needs.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// What stands in a cell.
#[derive(Clone, Copy, Debug)]
pub enum Cell {
    Text(&'static str),
    Number(f64),
    /// Days since 30 December 1899, shown as a date.
    Date(f64),
    /// Such as `#REF!`.
    Error(&'static str),
    /// A formula whose result no program has put down.
    Formula(&'static str),
    Empty,
}

use Cell::{Date, Empty, Error, Formula, Number, Text};

/// A sheet: its name, whether it can be seen, and its rows.
pub type SheetOfCells<'a> = (&'a str, bool, &'a [&'a [Cell]]);

fn column(at: usize) -> char {
    char::from(b'A' + u8::try_from(at).unwrap())
}

fn xml(rows: &[&[Cell]]) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>",
    );
    for (row, cells) in rows.iter().enumerate().filter(|(_, cells)| !cells.is_empty()) {
        write!(text, "<row r=\"{}\">", row + 1).unwrap();
        for (at, cell) in cells.iter().enumerate() {
            let place = format!("{}{}", column(at), row + 1);
            match cell {
                Text(words) => {
                    let words = words.replace('&', "&amp;").replace('<', "&lt;");
                    write!(text, "<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{words}</t></is></c>")
                        .unwrap();
                }
                Number(number) => write!(text, "<c r=\"{place}\"><v>{number}</v></c>").unwrap(),
                Date(serial) => write!(text, "<c r=\"{place}\" s=\"1\"><v>{serial}</v></c>").unwrap(),
                Error(shown) => write!(text, "<c r=\"{place}\" t=\"e\"><v>{shown}</v></c>").unwrap(),
                Formula(formula) => write!(text, "<c r=\"{place}\"><f>{formula}</f></c>").unwrap(),
                Empty => {}
            }
        }
        text.push_str("</row>");
    }
    text + "</sheetData></worksheet>"
}

/// The bytes of a workbook.
pub fn workbook(sheets: &[SheetOfCells<'_>]) -> Vec<u8> {
    let mut packed = ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str, text: String| {
        packed.start_file(name, SimpleFileOptions::default()).unwrap();
        packed.write_all(text.as_bytes()).unwrap();
    };
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let (mut listed, mut related) = (String::new(), String::new());
    for (at, (name, visible, _)) in sheets.iter().enumerate() {
        let (id, state) = (at + 1, if *visible { "" } else { " state=\"hidden\"" });
        write!(listed, "<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"rId{id}\"{state}/>").unwrap();
        let target = format!("worksheets/sheet{id}.xml");
        write!(related, "<Relationship Id=\"rId{id}\" Type=\"{relations}/worksheet\" Target=\"{target}\"/>").unwrap();
    }
    part(
        "[Content_Types].xml",
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>".to_owned(),
    );
    let packages = "http://schemas.openxmlformats.org/package/2006/relationships";
    part(
        "_rels/.rels",
        format!(
            "<Relationships xmlns=\"{packages}\"><Relationship Id=\"rId1\" Type=\"{relations}/officeDocument\" \
             Target=\"xl/workbook.xml\"/></Relationships>"
        ),
    );
    part(
        "xl/workbook.xml",
        format!("<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets>{listed}</sheets></workbook>"),
    );
    part("xl/_rels/workbook.xml.rels", format!("<Relationships xmlns=\"{packages}\">{related}</Relationships>"));
    part(
        "xl/styles.xml",
        format!(
            "<styleSheet xmlns=\"{main}\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"22\"/></cellXfs></styleSheet>"
        ),
    );
    for (at, (.., rows)) in sheets.iter().enumerate() {
        part(&format!("xl/worksheets/sheet{}.xml", at + 1), xml(rows));
    }
    packed.finish().unwrap().into_inner()
}
