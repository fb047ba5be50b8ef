//! A text that grows line by line, for a terminal.

use super::paper::Paper;

pub(super) struct Text<'p> {
    pub paper: &'p Paper,
    pub text: String,
}

impl Text<'_> {
    pub fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// What is told next, behind its mark, with an empty line above.
    pub fn heading(&mut self, mark: &str, text: &str) {
        self.line("");
        self.line(&self.paper.beside(&format!("  {mark} "), text));
    }

    /// `label  text`, the text wrapped beside the label.
    pub fn labelled(&mut self, label: &str, text: &str) {
        let label = self.paper.dim(&format!("    {label:<9}"));
        self.line(&self.paper.beside(&label, text));
    }
}
