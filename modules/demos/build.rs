//! Makes a module of each page of the theory, so that rustdoc compiles the Rust in it (`cargo test --doc -p demos`).
//!
//! A page becomes a file of its own in which only the Rust blocks are left, each on the line that it has in the page:
//! so an error of the compiler names the page and the line, and a diagram is not taken for Rust.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let modules = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("..");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed=..");
    let mut list = String::new();
    let mut names = Vec::new();
    for page in pages(&modules) {
        let name = page.strip_prefix(&modules).expect("below modules").to_string_lossy().into_owned();
        let module = name.trim_end_matches(".md").replace(|c: char| !c.is_ascii_alphanumeric(), "_").to_lowercase();
        let text = fs::read_to_string(&page).expect("a page is UTF-8 text");
        let file = out.join(name.replace(".md", ".rs"));
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder can be made");
        let doc = rust_only(&text);
        let doc = if doc.contains("//! ") { doc } else { "//! This page has no Rust.\n".into() };
        fs::write(&file, doc).expect("a file can be written");
        writeln!(list, "#[path = {file:?}]\npub mod page_{module};").expect("text");
        names.push(name);
    }
    writeln!(list, "/// The pages, below `modules/`.\npub const PAGES: &[&str] = &{names:#?};").expect("text");
    fs::write(out.join("pages.rs"), list).expect("a file can be written");
}

/// `modules/*/*.md`, in order.
fn pages(modules: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let folders = entries(modules).filter(|path| path.is_dir());
    let mut pages: Vec<PathBuf> = folders
        .flat_map(|folder| entries(&folder).collect::<Vec<_>>())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    pages
}

/// The page as a doc comment, line by line, with nothing but its fenced Rust.
fn rust_only(page: &str) -> String {
    // The fence that we are in, and whether it is Rust.
    let mut open: Option<(String, bool)> = None;
    let mut doc = String::new();
    for line in page.lines() {
        let bare = line.trim();
        let fence: String = bare.chars().take_while(|c| *c == '`').collect();
        let shown = match &open {
            Some((fence, rust)) => {
                let shown = *rust;
                if bare.len() >= fence.len() && bare.chars().all(|c| c == '`') {
                    open = None;
                }
                shown
            }
            None if fence.len() >= 3 => {
                let rust = bare[fence.len()..].split(',').next().is_some_and(|word| word.trim() == "rust");
                open = Some((fence, rust));
                rust
            }
            None => false,
        };
        writeln!(doc, "//!{}{}", if shown { " " } else { "" }, if shown { line } else { "" }).expect("text");
    }
    doc
}
