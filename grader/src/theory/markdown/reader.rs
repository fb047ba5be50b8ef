//! From the parser's events to blocks.

use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::frames::{Builder, Kind};
use super::html::{self, Piece};
use super::tree::{Block, Inline, Page, Table, Text, words};
use crate::foreign::is_hidden;

pub(super) fn read(markdown: &str, answers: bool) -> Page {
    let page = Builder::new(answers);
    let mut reader = Reader { page, code: None, html: None, open_links: Vec::new(), inside_html: false };
    reader.feed(markdown);
    reader.page.done()
}

struct Reader {
    page: Builder,
    /// The language of the code block we are in, and its text.
    code: Option<(String, String)>,
    html: Option<String>,
    /// Targets of the links we are in.
    open_links: Vec<(String, LinkType)>,
    /// Reading the text of an HTML block, in which we look for no further HTML block.
    inside_html: bool,
}

impl Reader {
    fn feed(&mut self, markdown: &str) {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_GFM;
        for event in Parser::new_ext(markdown, options) {
            match event {
                Event::Start(tag) => self.start(tag),
                Event::End(tag) => self.end(tag),
                Event::Text(text) => match (&mut self.code, &mut self.html) {
                    (Some((_, code)), _) => code.push_str(&text),
                    (None, Some(html)) => html.push_str(&text),
                    (None, None) => self.page.say(&clean(&text)),
                },
                Event::Code(code) => self.page.put_inline(Inline::Code(clean(&code))),
                Event::Html(text) => match &mut self.html {
                    Some(html) => html.push_str(&text),
                    None => self.html(&text),
                },
                Event::InlineHtml(tag) => self.inline_html(&tag),
                Event::FootnoteReference(label) => self.page.say(&format!("[^{}]", clean(&label))),
                Event::SoftBreak => self.page.say(" "),
                Event::HardBreak => self.page.say("\n"),
                Event::Rule => {
                    self.page.flush();
                    self.page.put(Block::Rule);
                }
                Event::TaskListMarker(done) => {
                    if let Some(Kind::Item { task }) = self.page.innermost() {
                        *task = Some(done);
                    }
                }
                Event::InlineMath(text) | Event::DisplayMath(text) => self.page.say(&clean(&text)),
            }
        }
    }

    fn start(&mut self, tag: Tag) {
        match tag {
            Tag::Paragraph => {
                self.page.flush();
                self.page.loosen();
            }
            Tag::Heading { .. } => self.page.flush(),
            Tag::BlockQuote(kind) => self.page.open(Kind::Quote(kind.map(label))),
            Tag::CodeBlock(kind) => {
                self.page.flush();
                // Diagrams in a language only browsers draw are still the best we have: they read as they stand.
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => info,
                    CodeBlockKind::Indented => "",
                };
                self.code = Some((info.to_string(), String::new()));
            }
            Tag::HtmlBlock => {
                self.page.flush();
                self.html = Some(String::new());
            }
            Tag::List(start) => self.page.open(Kind::List { start, loose: false, items: Vec::new() }),
            Tag::Item => self.page.open(Kind::Item { task: None }),
            Tag::FootnoteDefinition(label) => self.page.open(Kind::Note(clean(&label))),
            Tag::Table(alignments) => {
                self.page.open(Kind::Table { table: Table { alignments, ..Table::default() }, row: Vec::new() });
            }
            Tag::TableHead | Tag::TableRow | Tag::TableCell => {}
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => self.page.open_span(),
            Tag::Link { link_type, dest_url, .. } => {
                self.open_links.push((clean(&dest_url), link_type));
                self.page.open_span();
            }
            Tag::Image { .. } => self.page.say("[image: "),
            // Not among our options; their text reads as any other.
            Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.page.flush(),
            TagEnd::Heading(level) => {
                let text = self.page.take_text();
                if !words(&text).trim().is_empty() {
                    self.page.put(Block::Heading { level: level as usize, text });
                }
            }
            TagEnd::CodeBlock => {
                if let Some((info, code)) = self.code.take() {
                    self.page.put(code_block(&info, &code));
                }
            }
            TagEnd::HtmlBlock => {
                if let Some(html) = self.html.take() {
                    self.html(&html);
                }
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item | TagEnd::FootnoteDefinition | TagEnd::Table => {
                self.page.close()
            }
            TagEnd::TableHead => {
                if let Some((table, row)) = self.page.table() {
                    table.head = std::mem::take(row);
                }
            }
            TagEnd::TableRow => {
                if let Some((table, row)) = self.page.table() {
                    table.rows.push(std::mem::take(row));
                }
            }
            TagEnd::TableCell => {
                let cell = self.page.take_text();
                if let Some((_, row)) = self.page.table() {
                    row.push(cell);
                }
            }
            TagEnd::Emphasis => self.end_span(Inline::Emphasis),
            TagEnd::Strong => self.end_span(Inline::Strong),
            TagEnd::Strikethrough => self.end_span(Inline::Struck),
            TagEnd::Link => self.end_link(),
            TagEnd::Image => self.page.say("]"),
            TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    fn end_span(&mut self, look: fn(Text) -> Inline) {
        if let Some(text) = self.page.close_span() {
            self.page.put_inline(look(text));
        }
    }

    /// A link has a number, unless its text is its target already or it stays on the page.
    fn end_link(&mut self) {
        let (Some(text), Some((target, kind))) = (self.page.close_span(), self.open_links.pop()) else {
            return;
        };
        let bare = matches!(kind, LinkType::Autolink | LinkType::Email) || words(&text).starts_with(&target);
        if bare || target.is_empty() || target.starts_with('#') {
            return self.page.put_inline(Inline::Link { text, number: None });
        }
        let index = self.page.links.iter().position(|known| *known == target).unwrap_or_else(|| {
            self.page.links.push(target);
            self.page.links.len() - 1
        });
        self.page.put_inline(Inline::Link { text, number: Some(index + 1) });
    }

    /// Folds, wherever they stand; other HTML only as far as it has text.
    fn html(&mut self, html: &str) {
        if self.inside_html {
            return;
        }
        for piece in html::pieces(html) {
            match piece {
                Piece::DetailsOpen => {
                    let links = self.page.links.len();
                    self.page.open(Kind::Details { summary: Text::new(), links });
                }
                Piece::SummaryOpen => self.page.open(Kind::Summary),
                Piece::SummaryClose => self.page.close_fold(|kind| matches!(kind, Kind::Summary)),
                Piece::DetailsClose => {
                    self.page.close_fold(|kind| matches!(kind, Kind::Summary));
                    self.page.close_fold(|kind| matches!(kind, Kind::Details { .. }));
                }
                Piece::Text(text) => {
                    self.page.flush();
                    self.inside_html = true;
                    self.feed(&text);
                    self.inside_html = false;
                    self.page.flush();
                }
            }
        }
    }

    /// One tag amid a paragraph.
    fn inline_html(&mut self, tag: &str) {
        let in_table = self.page.table().is_some();
        match html::pieces(tag).as_slice() {
            // `<br>`, as it comes back in Markdown; of other tags nothing need be seen.
            [Piece::Text(text)] if text.ends_with('\\') => self.page.say("\n"),
            [Piece::Text(_)] | [] => {}
            _ if in_table => {}
            _ => self.html(tag),
        }
    }
}

fn label(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => "Note",
        BlockQuoteKind::Tip => "Tip",
        BlockQuoteKind::Important => "Important",
        BlockQuoteKind::Warning => "Warning",
        BlockQuoteKind::Caution => "Caution",
    }
}

/// Escape sequences are ours to write: a control character in a page would move the cursor or spoil the columns.
fn clean(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\t' | '\n') { ' ' } else { c }).filter(|c| !is_hidden(*c)).collect()
}

/// A fenced block, by what stands behind its fence.
fn code_block(info: &str, code: &str) -> Block {
    let mut words = info.split(|c: char| c == ',' || c.is_whitespace());
    let language = words.next().unwrap_or_default();
    match (language, words.next().filter(|name| !name.is_empty())) {
        ("wire", Some(name)) => Block::Recording { name: clean(name), lines: clean_code(code) },
        ("rust", _) => Block::Code { language: "rust".into(), code: clean_code(&as_rustdoc_shows(code)) },
        _ => Block::Code { language: language.to_owned(), code: clean_code(code) },
    }
}

/// Without the lines that only the compiler needs: `#` alone, or with a space behind it. `##` stands for a true `#`.
fn as_rustdoc_shows(code: &str) -> String {
    let shown = code.split_inclusive('\n').filter(|line| line.trim() != "#" && !line.trim_start().starts_with("# "));
    shown
        .map(|line| if line.trim_start().starts_with("##") { line.replacen("##", "#", 1) } else { line.into() })
        .collect()
}

fn clean_code(code: &str) -> String {
    let code = code.replace('\t', "    ");
    code.chars().filter(|&c| c == '\n' || !is_hidden(c)).collect()
}
