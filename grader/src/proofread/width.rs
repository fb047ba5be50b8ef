//! Code and drawings fit into a terminal of 80 columns, where `read` shows them behind a margin of four and never wraps.

use super::Texts;
use textwrap::core::display_width;

/// Columns of a line of code.
const WIDEST: usize = 76;
/// Above a block that has to be wider: `<!-- wide: the reason -->`.
pub(super) const MARK: &str = "<!-- wide:";

pub(super) fn look(texts: &mut Texts<'_>) {
    let mut wrong = Vec::new();
    for page in &texts.pages {
        for block in page.blocks.iter().filter(|block| !block.wide) {
            // The fence stands on the block's first line.
            let widths = block.text.lines().zip(block.line + 1..).map(|(line, at)| (display_width(line), at));
            if let Some((width, line)) = widths.filter(|(width, _)| *width > WIDEST).max_by_key(|(width, _)| *width) {
                let message = format!(
                    "{width} columns; code fits a terminal with {WIDEST}. Where it cannot, say above the block why: \
                     {MARK} the reason -->"
                );
                wrong.push((page.file.clone(), line, message));
            }
        }
    }
    for (file, line, message) in wrong {
        texts.complain(&file, line, message);
    }
}
