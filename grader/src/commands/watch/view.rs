//! What the screen of `watch` shows, line by line: a function of what has happened, and of nothing else.

use super::news::{Ended, News, judged};
use crate::checks::count;
use crate::report::paper::{Paper, wrap_to};
use textwrap::core::display_width;

/// Lines that are no part of the page: the title above it, the state and the keys below.
const FRAME: usize = 4;

const KEYS: &str = "h hint  t trace  r run again  n next  l list  q quit  ? help";
const KEYS_OF_PAGE: &str = "Esc back to the report  ↑ ↓ Space b scroll  q quit";

/// What `?` shows.
const HELP: &str = "\
Save a source of your program, and it is checked at once. A save while a check
goes on ends that check and begins another one. The scenario that failed last
time runs first.

  h   the next hint (it counts as one, as with kafkacourse hint)
  t   the timeline of the scenario that failed, or of all of them
  r   check again, without a save
  n   the next exercise, once this one has passed; until then: where you are
  l   all modules and exercises
  q   quit; so does Ctrl-C

  ↑ ↓ j k      one line          Space b  PgDn PgUp   one screen
  Home End g G  beginning, end    Esc                  back to the report

The keys work while a check goes on. Ctrl-L draws the screen anew.
What is watched: the sources in the exercise's folder and in exercises/kit; with
--cmd those in the folder where the command runs, and below. Hidden files do not
count, nor do target, node_modules and the like, nor what programs write.";

/// A text that may be longer than the screen, and how far down it is shown from.
#[derive(Debug, Default)]
struct Page {
    title: String,
    text: String,
    top: usize,
}

/// The check that goes on.
#[derive(Debug, Default)]
struct Going {
    why: String,
    now: String,
    seconds: u64,
    left: Option<usize>,
    /// The scenario that failed last, once it has been judged.
    again: Option<String>,
    failed: Vec<String>,
}

pub(super) struct View {
    paper: Paper,
    rows: usize,
    exercise: String,
    place: String,
    report: Page,
    page: Option<Page>,
    going: Option<Going>,
    last: Option<Ended>,
}

/// What the reader moves by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scroll {
    Line(isize),
    Screen(isize),
    Top,
    End,
}

impl View {
    /// An empty screen of so many rows, on this paper.
    pub fn new(paper: Paper, rows: usize) -> View {
        let report = Page { text: "The first check begins.".into(), ..Page::default() };
        View { paper, rows, exercise: String::new(), place: String::new(), report, page: None, going: None, last: None }
    }

    pub fn paper(&self) -> Paper {
        self.paper
    }

    pub fn resize(&mut self, paper: Paper, rows: usize) {
        (self.paper, self.rows) = (paper, rows);
    }

    pub fn hear(&mut self, news: &News) {
        match news {
            News::Watching { exercise, place } => {
                *self = View::new(self.paper, self.rows);
                (self.exercise, self.place) = (exercise.clone(), place.clone());
            }
            News::Checking { why, .. } => {
                self.going = Some(Going { why: why.clone(), now: "building".into(), ..Going::default() });
            }
            News::Now(what) => {
                if let Some(going) = &mut self.going {
                    going.now.clone_from(what);
                }
            }
            News::Running { scenarios } => {
                if let Some(going) = &mut self.going {
                    going.left = Some(*scenarios);
                }
            }
            News::Judged { scene, again, left } => {
                let Some(going) = &mut self.going else { return };
                going.left = Some(*left);
                match again {
                    true => going.again = Some(judged(scene, true)),
                    false if !scene.passed() => going.failed.push(judged(scene, false)),
                    false => {}
                }
            }
            News::Ended(ended) => {
                self.going = None;
                self.report = Page { text: ended.report.clone(), ..Page::default() };
                self.last = Some(ended.clone());
            }
        }
    }

    /// A second of the check has passed.
    pub fn tick(&mut self) {
        if let Some(going) = &mut self.going {
            going.seconds += 1;
        }
    }

    /// Shows this instead of the report, until the reader goes back.
    pub fn open(&mut self, title: &str, text: String) {
        self.page = Some(Page { title: title.to_owned(), text, top: 0 });
    }

    pub fn help(&mut self) {
        self.open("help", HELP.to_owned());
    }

    pub fn back(&mut self) {
        self.page = None;
    }

    /// What the last check came to, in a line.
    pub fn headline(&self) -> Option<&str> {
        self.last.as_ref().map(|last| last.headline.as_str())
    }

    pub fn scroll(&mut self, by: Scroll) {
        let (lines, room) = (self.body().len(), self.room());
        let end = lines.saturating_sub(room);
        let page = self.page.as_mut().unwrap_or(&mut self.report);
        let by_lines = |lines: isize| page.top.saturating_add_signed(lines);
        page.top = match by {
            Scroll::Line(lines) => by_lines(lines),
            Scroll::Screen(screens) => by_lines(screens.saturating_mul(room.saturating_sub(1).max(1) as isize)),
            Scroll::Top => 0,
            Scroll::End => end,
        }
        .min(end);
    }

    /// Lines of the page that the screen has room for.
    fn room(&self) -> usize {
        self.rows.saturating_sub(FRAME)
    }

    fn page(&self) -> &Page {
        self.page.as_ref().unwrap_or(&self.report)
    }

    /// The whole page, in lines that fit.
    fn body(&self) -> Vec<String> {
        let lines = self.page().text.trim_matches('\n').lines();
        lines.flat_map(|line| wrap_to(&line.replace('\t', "    "), self.paper.width)).collect()
    }

    /// The lines of the screen, as many as it has.
    pub fn lines(&self) -> Vec<String> {
        let (body, room) = (self.body(), self.room());
        let top = self.page().top.min(body.len().saturating_sub(room));
        let below = body.len().saturating_sub(top + room);
        let title = match &self.page {
            Some(page) => format!("{} · {}", self.paper.bold(&self.exercise), page.title),
            None => format!("{} · {}", self.paper.bold(&self.exercise), self.paper.dim(&self.place)),
        };
        let mut lines = vec![self.fit(&title), String::new()];
        lines.extend(body.into_iter().skip(top).take(room));
        lines.resize(room + 2, String::new());
        lines.push(self.fit(&self.state()));
        lines.push(self.keys(below));
        lines.truncate(self.rows);
        lines
    }

    /// What goes on, or what it came to.
    fn state(&self) -> String {
        let paper = &self.paper;
        if let Some(going) = &self.going {
            let mut parts = Vec::new();
            match going.left {
                None => parts.push(format!("{}: {}", going.now, going.why)),
                Some(left) => parts.push(format!("checking: {} to go", count(left, "scenario"))),
            }
            parts.extend(going.again.iter().chain(&going.failed).cloned());
            if going.seconds > 1 {
                parts.push(format!("{} s", going.seconds));
            }
            return paper.cyan(&parts.join(" · "));
        }
        match &self.last {
            Some(Ended { passed: true, headline, next, .. }) => {
                let offer = next.as_ref().map(|next| format!(" · n goes on with {next}")).unwrap_or_default();
                paper.green(&format!("✓ {headline}{offer}"))
            }
            Some(ended) => paper.yellow(&format!("✗ {}", ended.headline)),
            None => String::new(),
        }
    }

    fn keys(&self, below: usize) -> String {
        let keys = if self.page.is_some() { KEYS_OF_PAGE } else { KEYS };
        let more = if below > 0 { format!("↓ {below} more") } else { String::new() };
        let gap = self.paper.width.saturating_sub(display_width(keys) + display_width(&more)).max(2);
        self.fit(&self.paper.dim(&format!("{keys}{}{more}", " ".repeat(gap))))
    }

    /// The text on one line: what is too long ends in a mark.
    fn fit(&self, text: &str) -> String {
        let text = text.replace(['\n', '\t'], " ");
        if display_width(&text) <= self.paper.width {
            return text.trim_end().to_owned();
        }
        let first = wrap_to(&text, self.paper.width.saturating_sub(1)).into_iter().next().unwrap_or_default();
        format!("{first}…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::story::{Scene, State};
    use insta::assert_snapshot;

    const PAPER: Paper = Paper { width: 80, colour: false, terminal: true };

    fn view() -> View {
        let mut view = View::new(PAPER, 24);
        let place = "exercises/ex01-producer-basics, exercises/kit".to_owned();
        view.hear(&News::Watching { exercise: "ex1 · Producer basics".into(), place });
        view
    }

    fn saved() -> News {
        News::Checking { why: "src/main.rs was saved".into(), instead: false }
    }

    fn scene(id: &str, state: State) -> Box<Scene> {
        Box::new(Scene {
            id: id.into(),
            title: id.into(),
            state,
            checks: Vec::new(),
            picture: None,
            panic: None,
            gave_up: None,
            did_something: true,
            printed: Vec::new(),
            evidence: "here".into(),
        })
    }

    fn failed() -> News {
        let lines: Vec<String> = (1..=30).map(|line| format!("  line {line} of the report")).collect();
        News::Ended(Ended {
            passed: false,
            headline: "not yet: this looks like acks=0: nobody answers".into(),
            report: lines.join("\n"),
            next: None,
        })
    }

    /// The screen, checked to be one: as many lines as rows, and none too long.
    fn shown(view: &View) -> String {
        let lines = view.lines();
        assert_eq!(lines.len(), view.rows);
        assert!(lines.iter().all(|line| display_width(line) <= view.paper.width), "{lines:#?}");
        lines.join("\n")
    }

    #[test]
    fn the_last_report_stays_while_the_next_check_runs() {
        let mut view = view();
        view.hear(&saved());
        view.hear(&failed());
        view.hear(&saved());
        view.hear(&News::Running { scenarios: 5 });
        view.hear(&News::Judged { scene: scene("lost-answer", State::Problems(1)), again: true, left: 4 });
        (0..3).for_each(|_| view.tick());
        assert_snapshot!(shown(&view), @r"
        ex1 · Producer basics · exercises/ex01-producer-basics, exercises/kit

          line 1 of the report
          line 2 of the report
          line 3 of the report
          line 4 of the report
          line 5 of the report
          line 6 of the report
          line 7 of the report
          line 8 of the report
          line 9 of the report
          line 10 of the report
          line 11 of the report
          line 12 of the report
          line 13 of the report
          line 14 of the report
          line 15 of the report
          line 16 of the report
          line 17 of the report
          line 18 of the report
          line 19 of the report
          line 20 of the report
        checking: 4 scenarios to go · ✗ lost-answer still fails · 3 s
        h hint  t trace  r run again  n next  l list  q quit  ? help           ↓ 10 more
        ");
    }

    #[test]
    fn a_pass_offers_the_next_exercise() {
        let mut view = view();
        view.hear(&saved());
        view.hear(&News::Ended(Ended {
            passed: true,
            headline: "Producer basics passed".into(),
            report: "  ✓ all is well\n\n  Producer basics passed.\n".into(),
            next: Some("ex2".into()),
        }));
        assert_snapshot!(shown(&view), @r"
        ex1 · Producer basics · exercises/ex01-producer-basics, exercises/kit

          ✓ all is well

          Producer basics passed.

















        ✓ Producer basics passed · n goes on with ex2
        h hint  t trace  r run again  n next  l list  q quit  ? help
        ");
    }

    #[test]
    fn before_the_first_report_it_says_what_takes_its_time() {
        let mut view = view();
        view.hear(&saved());
        assert_snapshot!(view.state(), @"building: src/main.rs was saved");
        view.hear(&News::Now("compiling rdkafka v0.39.0".into()));
        assert_snapshot!(view.state(), @"compiling rdkafka v0.39.0: src/main.rs was saved");
    }

    #[test]
    fn a_page_is_scrolled_and_left() {
        let mut view = view();
        view.hear(&failed());
        view.help();
        assert_snapshot!(shown(&view), @r"
        ex1 · Producer basics · help

        Save a source of your program, and it is checked at once. A save while a check
        goes on ends that check and begins another one. The scenario that failed last
        time runs first.

          h   the next hint (it counts as one, as with kafkacourse hint)
          t   the timeline of the scenario that failed, or of all of them
          r   check again, without a save
          n   the next exercise, once this one has passed; until then: where you are
          l   all modules and exercises
          q   quit; so does Ctrl-C

          ↑ ↓ j k      one line          Space b  PgDn PgUp   one screen
          Home End g G  beginning, end    Esc                  back to the report

        The keys work while a check goes on. Ctrl-L draws the screen anew.
        What is watched: the sources in the exercise's folder and in exercises/kit; with
        --cmd those in the folder where the command runs, and below. Hidden files do not
        count, nor do target, node_modules and the like, nor what programs write.


        ✗ not yet: this looks like acks=0: nobody answers
        Esc back to the report  ↑ ↓ Space b scroll  q quit
        ");
        view.scroll(Scroll::End);
        assert!(shown(&view).contains("nor what programs write"));
        view.back();
        view.scroll(Scroll::Screen(1));
        let page = shown(&view);
        assert!(page.contains("line 30") && !page.contains("line 10 ") && !page.contains("more"), "{page}");
        view.scroll(Scroll::Line(-1));
        assert!(shown(&view).contains("↓ 1 more"));
        view.scroll(Scroll::Top);
        assert!(shown(&view).contains("line 1 of"));
    }

    #[test]
    fn a_small_or_narrow_screen_shows_what_it_can() {
        for (width, rows) in [(20, 24), (80, 3), (80, 1), (30, 5), (132, 60)] {
            let mut view = view();
            view.resize(Paper { width, ..PAPER }, rows);
            for news in [saved(), failed()] {
                view.hear(&news);
                shown(&view);
            }
            view.help();
            shown(&view);
        }
    }

    #[test]
    fn colours_take_no_room() {
        let mut view = view();
        view.resize(Paper { colour: true, ..PAPER }, 24);
        view.hear(&saved());
        view.hear(&failed());
        assert!(shown(&view).contains("\x1b["));
    }
}
