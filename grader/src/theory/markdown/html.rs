//! The little HTML which course pages use.

/// What a stretch of HTML says, once everything we have no use for is gone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    DetailsOpen,
    DetailsClose,
    SummaryOpen,
    SummaryClose,
    /// What stands between them, as Markdown.
    Text(String),
}

/// Take `html` apart at its folds; other tags become the Markdown they resemble, or vanish.
pub(super) fn pieces(html: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '`']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let (kept, after) = match next(from) {
            Next::Verbatim(length) => from.split_at(length),
            Next::Skip(length) => ("", from.get(length..).unwrap_or_default()),
            Next::Tag(tag, length) => {
                let fold = match tag.as_str() {
                    "details" => Some(Piece::DetailsOpen),
                    "/details" => Some(Piece::DetailsClose),
                    "summary" => Some(Piece::SummaryOpen),
                    "/summary" => Some(Piece::SummaryClose),
                    _ => None,
                };
                match fold {
                    Some(fold) => {
                        flush(&mut text, &mut pieces);
                        pieces.push(fold);
                    }
                    None => text.push_str(as_markdown(&tag)),
                }
                ("", from.get(length..).unwrap_or_default())
            }
        };
        text.push_str(kept);
        rest = after;
    }
    text.push_str(rest);
    flush(&mut text, &mut pieces);
    pieces
}

fn flush(text: &mut String, pieces: &mut Vec<Piece>) {
    let whole = std::mem::take(text);
    if !whole.trim().is_empty() {
        // The indentation of HTML source means nothing, and would make code blocks of paragraphs.
        pieces.push(Piece::Text(textwrap::dedent(whole.trim_matches('\n'))));
    }
}

/// What stands at the start of the text, and its length in bytes.
enum Next {
    Verbatim(usize),
    Skip(usize),
    /// The name in lower case, after a `/` if the tag closes.
    Tag(String, usize),
}

/// Look at `text`, which starts with `<` or a backtick.
fn next(text: &str) -> Next {
    if text.starts_with('`') {
        // A code span or fence may show tags (`<broker>`): they are no tags then.
        let ticks = text.len() - text.trim_start_matches('`').len();
        let (fence, after) = text.split_at(ticks);
        return Next::Verbatim(after.find(fence).map_or(ticks, |end| ticks + end + ticks));
    }
    if text.starts_with("<!--") {
        return Next::Skip(text.find("-->").map_or(text.len(), |end| end + "-->".len()));
    }
    let inside = text.strip_prefix('<').unwrap_or(text);
    let slash = if inside.starts_with('/') { "/" } else { "" };
    let name: String = inside.chars().skip(slash.len()).take_while(char::is_ascii_alphanumeric).collect();
    let delimiter = inside.get(slash.len() + name.len()..).and_then(|after| after.chars().next());
    let is_tag = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && delimiter.is_some_and(|next| next == '>' || next == '/' || next.is_ascii_whitespace());
    match text.find('>') {
        Some(end) if is_tag => {
            let name = name.to_ascii_lowercase();
            let closing = format!("</{name}>");
            match name.as_str() {
                // Their content is for a browser, not for a reader.
                "script" | "style" if slash.is_empty() => {
                    Next::Skip(text.find(&closing).map_or(text.len(), |at| at + closing.len()))
                }
                _ => Next::Tag(format!("{slash}{name}"), end + 1),
            }
        }
        _ => Next::Verbatim(1),
    }
}

/// The Markdown which says what `tag` says; nothing for most.
pub(super) fn as_markdown(tag: &str) -> &'static str {
    match tag.trim_start_matches('/') {
        "code" | "kbd" => "`",
        "b" | "strong" => "**",
        "i" | "em" => "*",
        "br" => "\\\n",
        "li" if !tag.starts_with('/') => "\n- ",
        "p" | "div" | "ul" | "ol" => "\n\n",
        _ => "",
    }
}
