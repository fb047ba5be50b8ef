//! A table that a learning platform has exported, of which single cells are changed and everything else stays as it is,
//! byte for byte: the mark at its beginning, the delimiter, quotes, line ends, the order of columns.

use std::collections::BTreeMap;
use std::ops::Range;

/// The most bytes that an export may have. A gradebook of ten thousand learners has a tenth of it.
pub const LARGEST: u64 = 64 << 20;

/// Why something is no table that can be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoTable {
    #[error("it is not UTF-8 text. Save it as “CSV UTF-8”, then try again.")]
    Encoding,
    #[error("the quotation mark on line {0} is never closed")]
    Unclosed(usize),
    #[error("it holds no rows")]
    Empty,
}

/// A table, and what is to become of some of its cells.
pub(super) struct Sheet<'b> {
    text: &'b str,
    delimiter: u8,
    pub rows: Vec<Row>,
    /// By where a cell begins: where it ends, and its new text as it is to stand in the file.
    changes: BTreeMap<usize, (usize, String)>,
}

pub(super) struct Row {
    /// Counted from 1, as an editor does.
    pub line: usize,
    cells: Vec<Cell>,
}

struct Cell {
    /// With its quotation marks, where it has some.
    span: Range<usize>,
    text: String,
}

impl Row {
    /// The text of a cell; empty where the row is too short.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |cell| &cell.text)
    }

    pub fn cells(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(|cell| cell.text.as_str())
    }

    pub fn has(&self, column: usize) -> bool {
        column < self.cells.len()
    }

    pub fn is_blank(&self) -> bool {
        self.cells().all(|text| text.trim().is_empty())
    }
}

impl<'b> Sheet<'b> {
    /// The table in `bytes`. Its delimiter is a comma, a semicolon or a tab: what its first row has most of.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(bytes: &'b [u8]) -> Result<Sheet<'b>, NoTable> {
        let text = std::str::from_utf8(bytes).map_err(|_| NoTable::Encoding)?;
        if text.contains('\0') {
            return Err(NoTable::Encoding); // UTF-16 of plain English is UTF-8 with many zeros
        }
        let head = text.lines().next().unwrap_or_default();
        let often = |delimiter: &u8| head.bytes().filter(|byte| byte == delimiter).count();
        // Of equally many the first one counts.
        let delimiter = [b'\t', b';', b','].into_iter().max_by_key(often).unwrap_or(b',');
        let mut sheet = Sheet { text, delimiter, rows: Vec::new(), changes: BTreeMap::new() };
        let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut line = 1;
        while at < text.len() {
            let (row, next) = sheet.row(at, line)?;
            line += text[at..next].matches('\n').count();
            sheet.rows.push(row);
            at = next;
        }
        if sheet.rows.is_empty() { Err(NoTable::Empty) } else { Ok(sheet) }
    }

    /// The row that begins at byte `at`, and where the next one does.
    fn row(&self, mut at: usize, line: usize) -> Result<(Row, usize), NoTable> {
        let bytes = self.text.as_bytes();
        let mut cells = Vec::new();
        loop {
            let (cell, end) = self.cell(at, line)?;
            cells.push(cell);
            at = end;
            match bytes.get(at) {
                Some(&byte) if byte == self.delimiter => at += 1,
                Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => return Ok((Row { line, cells }, at + 2)),
                Some(_) => return Ok((Row { line, cells }, at + 1)),
                None => return Ok((Row { line, cells }, at)),
            }
        }
    }

    /// The cell that begins at byte `at`, and where it ends. What stands behind a closing quotation mark belongs to it,
    /// as it does for everybody who reads such tables.
    fn cell(&self, at: usize, line: usize) -> Result<(Cell, usize), NoTable> {
        let stops = |byte: u8| byte == self.delimiter || byte == b'\n' || byte == b'\r';
        let bytes = self.text.as_bytes();
        let mut text = String::new();
        let mut from = at;
        if bytes.get(at) == Some(&b'"') {
            from = at + 1;
            loop {
                let quote = self.text[from..].find('"').ok_or(NoTable::Unclosed(line))? + from;
                text.push_str(&self.text[from..quote]);
                from = quote + 1;
                if bytes.get(from) != Some(&b'"') {
                    break;
                }
                text.push('"');
                from += 1;
            }
        }
        let end = bytes[from..].iter().position(|byte| stops(*byte)).map_or(bytes.len(), |length| from + length);
        text.push_str(&self.text[from..end]);
        Ok((Cell { span: at..end, text }, end))
    }

    /// Lets the cell of that row and column be `text`; it must be there. It is quoted where it was, and where it must be.
    pub fn change(&mut self, row: usize, column: usize, text: &str) {
        let span = self.rows[row].cells[column].span.clone();
        let was_quoted = self.text[span.clone()].starts_with('"');
        let special = |c: char| c == self.delimiter as char || matches!(c, '"' | '\n' | '\r');
        let new = match was_quoted || text.contains(special) {
            true => format!("\"{}\"", text.replace('"', "\"\"")),
            false => text.to_owned(),
        };
        self.changes.insert(span.start, (span.end, new));
    }

    /// How many cells were changed.
    pub fn changed(&self) -> usize {
        self.changes.len()
    }

    /// How many of these held something else.
    pub fn overwritten(&self) -> usize {
        let cells = self.rows.iter().flat_map(|row| &row.cells);
        cells.filter(|cell| self.changes.contains_key(&cell.span.start) && !cell.text.trim().is_empty()).count()
    }

    /// The whole file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.text.len() + 64 * self.changes.len());
        let mut from = 0;
        for (start, (end, new)) in &self.changes {
            bytes.extend_from_slice(&self.text.as_bytes()[from..*start]);
            bytes.extend_from_slice(new.as_bytes());
            from = *end;
        }
        bytes.extend_from_slice(&self.text.as_bytes()[from..]);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(sheet: &Sheet<'_>) -> Vec<Vec<String>> {
        sheet.rows.iter().map(|row| row.cells().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn one_cell_is_changed_and_nothing_else() {
        let table = "\u{feff}\"a\";b;c\r\n1;\"x;\"\"y\"\"\nz\";3\r\n\r\n4;5;6";
        let mut sheet = Sheet::parse(table.as_bytes()).expect("a table");
        assert_eq!(sheet.rows[1].cell(1), "x;\"y\"\nz");
        assert_eq!(sheet.rows[3].line, 5);
        assert_eq!(sheet.bytes(), table.as_bytes());
        sheet.change(1, 1, "=1");
        sheet.change(3, 2, "a;b");
        sheet.change(3, 0, "7");
        assert_eq!(
            String::from_utf8(sheet.bytes()).expect("text"),
            "\u{feff}\"a\";b;c\r\n1;\"=1\";3\r\n\r\n7;5;\"a;b\""
        );
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_reason() {
        let no = |bytes: &[u8]| Sheet::parse(bytes).err();
        assert_eq!(no(b""), Some(NoTable::Empty));
        assert_eq!(no(b"a,b\n1,\"2\n"), Some(NoTable::Unclosed(2)));
        assert_eq!(no(b"a,\xff\n"), Some(NoTable::Encoding));
        assert_eq!(no(b"a\0,\0b\0"), Some(NoTable::Encoding));
    }

    proptest! {
        #[test]
        fn it_is_read_as_others_read_it(rows in prop::collection::vec(prop::collection::vec("[a\",; \n\ré=]{0,5}", 3), 1..5)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["x", "y", "z"]).expect("a row");
            rows.iter().for_each(|row| writer.write_record(row).expect("a row"));
            let bytes = writer.into_inner().expect("bytes");
            let sheet = Sheet::parse(&bytes).expect("a table");
            prop_assert_eq!(&texts(&sheet)[1..], &rows[..]);
            prop_assert_eq!(sheet.bytes(), bytes);
        }

        #[test]
        fn no_bytes_are_lost_and_none_panics(bytes in prop::collection::vec(prop::sample::select(b"a,;\"\n\r\t \xc3\xa9".to_vec()), 0..40)) {
            if let Ok(sheet) = Sheet::parse(&bytes) {
                prop_assert_eq!(sheet.bytes(), bytes);
            }
        }
    }
}
