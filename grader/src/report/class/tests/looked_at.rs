//! The pages as people use them: with keys, with a screen reader, on a phone, in the dark.

use super::browser::Browser;
use super::sample;
use serde_json::Value;
use std::path::PathBuf;

fn pages() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut results = sample::class(folder.path());
    results.learners.extend((0..30).map(|nth| sample::another(&results.learners[nth % 6], nth)).collect::<Vec<_>>());
    let out = super::written_of(&results, folder.path());
    (folder, out)
}

/// A browser; none, and a loud word, where there is none.
pub fn browser() -> Option<Browser> {
    let browser = Browser::start();
    if browser.is_none() {
        assert!(std::env::var_os("CI").is_none(), "chromium is missing: .ci/run installs it");
        eprintln!("\nNOT TESTED: chromium is not installed (apt-get install chromium), so no page was looked at.\n");
    }
    browser
}

const SIZES: [(u32, u32, &str); 4] =
    [(1280, 900, "light"), (360, 740, "light"), (1280, 900, "dark"), (360, 740, "dark")];

/// Of each element with text of its own: does it stand out from what is behind it, by 4.5 to 1 (WCAG 2.2, 1.4.3)?
const PALE: &str = r#"(() => {
  const parts = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const linear = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parts(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const pale = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || element.closest("script,.unseen,.skip") || !element.checkVisibility()) continue;
    const [x, y] = [light(parts(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    if (ratio < 4.5) pale.push(`${element.className || element.tagName} ${ratio.toFixed(2)} ${element.textContent.slice(0, 30)}`);
  }
  return [...new Set(pale)];
})()"#;

/// What is wider than the window, outside of what scrolls by itself.
pub const OVERFLOWS: &str = r#"(() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll("*")].filter((element) =>
    !element.closest(".scroller, .unseen, .skip") && element.getBoundingClientRect().right > width + 1);
  const page = document.documentElement.scrollWidth > width ? ["the page"] : [];
  return page.concat(wide.map((element) => element.tagName + "." + element.className));
})()"#;

#[test]
fn the_report_fits_and_is_readable_at_every_width_in_light_and_dark() {
    let Some(mut browser) = browser() else { return };
    let (_folder, out) = pages();
    for page in ["report", "feedback/ben"] {
        let name = page.replace('/', "-");
        for (width, height, scheme) in SIZES {
            browser.window(width, height, scheme);
            browser.open(&out.join(format!("{page}.html")));
            browser.picture(&format!("{name}-{width}-{scheme}"));
            browser.value("document.querySelectorAll('details').forEach((details) => { details.open = true })");
            let none = Value::Array(Vec::new());
            assert_eq!(browser.value(OVERFLOWS), none, "{page} at {width}");
            assert_eq!(browser.value(PALE), none, "{page} in {scheme} at {width}");
            assert_eq!(browser.complaints(), Vec::<String>::new(), "{page} at {width}");
            for anchor in ["table", "exercises", "mistakes", "ungraded", "l-ben", "l-cyd"] {
                if page == "report" {
                    let scroll = "scrollIntoView({ behavior: 'instant' })";
                    browser.value(&format!("void document.getElementById('{anchor}').{scroll}"));
                    browser.picture(&format!("{name}-{width}-{scheme}-{anchor}"));
                }
            }
        }
    }
}

const ORDER: &str = "[...document.querySelectorAll('#table tbody tr')].filter((row) => !row.hidden)\
                     .map((row) => row.querySelector('.id').textContent).slice(0, 3).join(' ')";

#[test]
fn the_table_is_sorted_and_filtered_by_keys_alone() {
    let Some(mut browser) = browser() else { return };
    let (_folder, out) = pages();
    browser.window(1280, 900, "light");
    browser.open(&out.join("report.html"));
    assert_eq!(browser.value(ORDER), "ada ben cyd");
    // Everything before the table, then its first two heads.
    let mut path = Vec::new();
    while path.last().is_none_or(|last: &String| !last.starts_with("Points")) {
        assert!(path.len() < 30, "no such button on the way of Tab: {path:?}");
        browser.press("Tab");
        let at = "(document.activeElement.textContent || document.activeElement.id).trim().slice(0, 20)";
        path.push(browser.value(at).as_str().unwrap_or_default().to_owned());
    }
    assert_eq!(
        path[..7],
        ["To the results", "Results", "Exercises", "Mistakes", "Not graded", "Learners", "find"].map(str::to_owned)
    );
    assert_eq!(browser.value("document.activeElement.tagName"), "BUTTON");
    browser.press("Enter");
    let sorted = "document.querySelector('#table [aria-sort]')?.getAttribute('aria-sort')";
    assert_eq!(browser.value(sorted), "descending");
    assert!(browser.value(ORDER).as_str().is_some_and(|order| order.starts_with("ada x")), "{}", browser.value(ORDER));
    browser.press(" ");
    assert_eq!(browser.value(sorted), "ascending");
    assert!(browser.value(ORDER).as_str().is_some_and(|order| order.starts_with("dora")), "{}", browser.value(ORDER));
    assert_eq!(browser.value("document.activeElement.textContent.trim()"), "Points", "the focus stays where it was");
    // Filtered by text, then by how an exercise stands.
    browser.value("{ const find = document.getElementById('find'); find.value = 'acks_1'; find.dispatchEvent(new Event('input')); }");
    assert_eq!(browser.value("shown.textContent"), "12 of 36");
    browser.value("document.getElementById('find').value = ''; standing.value = 'grader_fault'; standing.dispatchEvent(new Event('change'))");
    assert_eq!(browser.value("shown.textContent"), "6 of 36");
    // A link into something folded away unfolds it, and the focus goes there.
    browser.value("location.hash = '#l-ben-ex1'");
    let unfolded = "new Promise((done) => requestAnimationFrame(() => setTimeout(() => \
                    done(document.getElementById('l-ben-ex1').open && document.activeElement.tagName), 0)))";
    assert_eq!(browser.value(unfolded), "SUMMARY");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_screen_reader_finds_its_way() {
    let Some(mut browser) = browser() else { return };
    let (_folder, out) = pages();
    browser.window(1280, 900, "light");
    browser.open(&out.join("report.html"));
    browser.value("document.querySelectorAll('details').forEach((details) => { details.open = true })");
    let tree = browser.call("Accessibility.getFullAXTree", serde_json::json!({}));
    let nodes: Vec<(&str, &str)> = tree["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .filter(|node| node["ignored"] != true)
        .map(|node| (node["role"]["value"].as_str().unwrap_or(""), node["name"]["value"].as_str().unwrap_or("")))
        .collect();
    for role in ["banner", "main", "contentinfo", "navigation", "search", "table"] {
        assert!(nodes.iter().any(|(there, _)| *there == role), "no {role} among {nodes:?}");
    }
    let nameless: Vec<_> = nodes
        .iter()
        .filter(|(role, name)| {
            let wants = [
                "button",
                "link",
                "searchbox",
                "combobox",
                "navigation",
                "region",
                "heading",
                "columnheader",
                "rowheader",
            ];
            wants.contains(role) && name.trim().is_empty()
        })
        .collect();
    assert!(nameless.is_empty(), "without a name: {nameless:?}");
    let levels =
        browser.value("[...document.querySelectorAll('h1,h2,h3,h4')].map((heading) => Number(heading.tagName[1]))");
    let levels: Vec<u64> = levels.as_array().expect("levels").iter().filter_map(Value::as_u64).collect();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "a level is left out in {levels:?}");
    assert_eq!(browser.value("document.documentElement.lang"), "en");
    assert_eq!(
        browser.value("new Set([...document.querySelectorAll('[id]')].map((e) => e.id)).size"),
        browser.value("document.querySelectorAll('[id]').length")
    );
}

#[test]
fn without_its_script_the_report_is_read_whole() {
    let Some(mut browser) = browser() else { return };
    let (_folder, out) = pages();
    browser.call("Emulation.setScriptExecutionDisabled", serde_json::json!({ "value": true }));
    browser.open(&out.join("report.html"));
    assert_eq!(browser.value("document.querySelectorAll('button').length"), 0, "a button that does nothing");
    assert_eq!(browser.value("document.getElementById('filter').checkVisibility()"), false);
    assert_eq!(browser.value("document.querySelectorAll('#table tbody tr').length"), 36);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
