//! `kafkacourse watch`: on a terminal, with keys and saves; line by line without one; and nothing stays behind.
#![cfg(target_os = "linux")] // it looks into /proc

mod common;

use common::{Course, LIMIT, course, eventually, processes};
use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Instant;

/// A terminal of 80 columns and 24 rows in which `watch` runs. Dropping it kills that.
struct Terminal {
    screen: Arc<Mutex<vt100::Parser>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    _terminal: Box<dyn MasterPty + Send>,
}

impl Terminal {
    fn watch(course: &Course, exercise: &str, line: &str) -> Terminal {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_kafkacourse"));
        command.args(["watch", exercise, "--broker", "embedded", "--cmd", line]);
        command.cwd(course.path("program"));
        command.env("TERM", "xterm-256color");
        command.env("NO_COLOR", "1");
        command.env("TMPDIR", course.temporary());
        for name in ["KAFKACOURSE_DIR", "KAFKACOURSE_BROKER", "KAFKACOURSE_SELF", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        let child = pair.slave.spawn_command(command).expect("it starts");
        let keys = pair.master.take_writer().expect("keys");
        let mut shown = pair.master.try_clone_reader().expect("a screen");
        let screen = Arc::new(Mutex::new(parser()));
        let parser = screen.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = shown.read(&mut bytes) {
                parser.lock().expect("the screen").process(&bytes[..read]);
            }
        });
        Terminal { screen, keys, child, _terminal: pair.master }
    }

    fn contents(&self) -> String {
        self.screen.lock().expect("the screen").screen().contents()
    }

    /// Waits until the screen shows this.
    #[track_caller]
    fn shows(&self, text: &str) {
        let began = Instant::now();
        while !self.contents().contains(text) {
            assert!(began.elapsed() < LIMIT, "{text:?} does not appear on\n{}", self.contents());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a key");
        self.keys.flush().expect("a key");
    }

    fn signal(&self, signal: Signal) {
        let id = self.child.process_id().and_then(|id| Pid::from_raw(id as i32)).expect("an id");
        kill_process(id, signal).expect("it is there");
    }

    /// Waits for its end, and returns the exit code.
    fn end(&mut self) -> u32 {
        let mut code = None;
        eventually("watch ends", || {
            code = self.child.try_wait().expect("it can be asked").map(|status| status.exit_code());
            code.is_some()
        });
        code.expect("it has ended")
    }

    /// Is the terminal as it was before: its own screen left, the cursor there?
    fn is_restored(&self) -> bool {
        let screen = self.screen.lock().expect("the screen");
        !screen.screen().alternate_screen() && !screen.screen().hide_cursor()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn parser() -> vt100::Parser {
    let size = |size| std::num::NonZero::new(size).expect("a size");
    vt100::Parser::new(size(24), size(80), 0)
}

/// A course with a program that is what its source says, a shell's.
fn with_program(source: &str) -> Course {
    let course = course();
    save(&course, source);
    course
}

/// As an editor does: whole, under another name first.
fn save(course: &Course, source: &str) {
    course.write("program/main.sh.new", source);
    std::fs::rename(course.path("program/main.sh.new"), course.path("program/main.sh")).expect("a save");
}

const RUN: &str = "sh main.sh";

#[test]
fn a_save_starts_a_check_and_the_keys_work() {
    let course = with_program("echo one; exit 3");
    let mut terminal = Terminal::watch(&course, "ex1", RUN);
    terminal.shows("ex1 · Producer basics");
    terminal.shows("not yet");
    terminal.press("h");
    terminal.shows("hint 1 of");
    terminal.press("\x1b");
    terminal.shows("h hint  t trace");
    terminal.press("t");
    terminal.shows("ended with status 3");
    terminal.press("\x1b");
    terminal.press("l");
    terminal.shows("A small course");
    terminal.press("?");
    terminal.shows("Save a source of your program");
    terminal.press("\x1b");
    // The report stays while the next check runs: its program waits until it may end.
    let go = course.path("go");
    save(&course, "until test -e ../go; do sleep 0.02; done; exit 5");
    terminal.shows("to go");
    terminal.shows("status 3");
    std::fs::write(&go, "").expect("a file");
    terminal.shows("status 5");
    terminal.press("r");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    eventually("the terminal is as it was", || terminal.is_restored());
    assert!(terminal.contents().contains("ex1:"), "{}", terminal.contents());
    assert_eq!(course.left_over(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn the_latest_save_wins_and_the_one_before_ends() {
    let course = with_program("exec /bin/sleep 3000.125");
    let terminal = Terminal::watch(&course, "ex1", RUN);
    eventually("all scenarios run", || processes("/bin/sleep 3000.125").len() == 5);
    for number in 2..6 {
        save(&course, &format!("exec /bin/sleep 3000.{number}25"));
        eventually("the new ones run", || processes(&format!("/bin/sleep 3000.{number}25")).len() == 5);
        eventually("the old ones end", || {
            (1..number).all(|old| processes(&format!("/bin/sleep 3000.{old}25")).is_empty())
        });
    }
    // Saves that come one after the other at once: the last of them is checked.
    (6..9).for_each(|number| save(&course, &format!("exec /bin/sleep 3000.{number}25")));
    eventually("the last one runs", || processes("/bin/sleep 3000.825").len() == 5);
    eventually("and no other", || (1..8).all(|old| processes(&format!("/bin/sleep 3000.{old}25")).is_empty()));
    let runs = common::entries(&course.path(".kafkacourse/evidence/ex1"));
    assert_eq!(runs.len(), 1, "cancelled checks leave no evidence: {runs:?}");
    terminal.signal(Signal::KILL);
    eventually("nothing outlives it", || processes("/bin/sleep 3000.825").is_empty() && course.left_over().is_empty());
}

#[test]
fn a_signal_ends_everything_and_gives_the_terminal_back() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let course = with_program("exec /bin/sleep 3001.125");
        let mut terminal = Terminal::watch(&course, "ex1", RUN);
        eventually("all scenarios run", || processes("/bin/sleep 3001.125").len() == 5);
        terminal.signal(signal);
        assert_eq!(terminal.end(), code);
        eventually("the terminal is as it was", || terminal.is_restored());
        eventually("nothing is left", || processes("/bin/sleep 3001.125").is_empty() && course.left_over().is_empty());
    }
    let course = with_program("exec /bin/sleep 3001.25");
    let mut terminal = Terminal::watch(&course, "ex1", RUN);
    eventually("all scenarios run", || processes("/bin/sleep 3001.25").len() == 5);
    terminal.press("\x03"); // Ctrl-C, where a terminal passes it on
    assert_eq!(terminal.end(), 130);
    eventually("nothing is left", || processes("/bin/sleep 3001.25").is_empty());
}

/// Without a terminal each event is a line.
#[test]
fn lines_without_a_terminal() {
    let course = with_program("exit 3");
    let mut child = Command::new(env!("CARGO_BIN_EXE_kafkacourse"))
        .args(["watch", "ex1", "--broker", "embedded", "--cmd", RUN])
        .current_dir(course.path("program"))
        .env("TMPDIR", course.temporary())
        .env_remove("KAFKACOURSE_DIR")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let (tell, lines) = mpsc::channel();
    let said = BufReader::new(child.stdout.take().expect("a pipe"));
    std::thread::spawn(move || said.lines().map_while(Result::ok).for_each(|line| drop(tell.send(line))));
    let next = || lines.recv_timeout(LIMIT).expect("a line");
    assert!(next().starts_with("watching ex1 · Producer basics: program"));
    let check = |why: &str| {
        assert_eq!(next(), why);
        let scenarios: Vec<String> = (0..5).map(|_| next()).collect();
        assert!(scenarios.iter().all(|line| line.starts_with("✗ ")), "{scenarios:#?}");
        assert_eq!(next(), "not yet: 5 of 5 scenarios failed");
    };
    check("checking: the first one");
    save(&course, "exit 4");
    check("checking: main.sh was saved");
    kill_process(Pid::from_child(&child), Signal::TERM).expect("it is there");
    assert_eq!(child.wait().expect("it ends").code(), Some(143));
}

/// `run`: every event as it comes, and Ctrl-C asks the program to stop.
#[test]
fn a_run_by_hand_is_told_as_it_goes_and_stops_politely() {
    let course = with_program("trap 'echo bye; exit 0' TERM; echo hello; while :; do sleep 0.05; done");
    let mut child = Command::new(env!("CARGO_BIN_EXE_kafkacourse"))
        .args(["run", "ex1", "--cmd", RUN])
        .current_dir(course.path("program"))
        .env("TMPDIR", course.temporary())
        .env_remove("KAFKACOURSE_DIR")
        .env_remove("KAFKACOURSE_BROKER")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut text = String::new();
    while !text.contains("hello") {
        assert_ne!(said.read_line(&mut text).expect("a line"), 0, "{text}");
    }
    assert!(text.contains("embedded Kafka") && text.contains("nothing disturbs"), "{text}");
    kill_process(Pid::from_child(&child), Signal::INT).expect("it is there");
    said.read_to_string(&mut text).expect("its words");
    for word in ["asked to stop (SIGTERM)", "bye", "ended with status 0", "kafkacourse trace ex1 --scenario by-hand"] {
        assert!(text.contains(word), "{word:?} is not in\n{text}");
    }
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    course.run(&["trace", "ex1", "--scenario", "by-hand"]).assert(0, &["asked to stop"]);
    course.run(&["run", "ex1", "--scenario", "nowhere"]).assert(2, &["has no scenario “nowhere”; it has steady"]);
}
