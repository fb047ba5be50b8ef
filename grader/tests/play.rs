//! `kafkacourse play`: real clients on a Kafka of its own, by keys on a terminal and by lines elsewhere.
#![cfg(target_os = "linux")] // it looks into /proc

mod common;

use common::{Course, LIMIT, course, eventually, processes};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Instant;

/// The command line of a client, whoever plays.
const CLIENT: &str = "/proc/self/exe --client-of-the-playground";

/// `play --plain`, line by line.
struct Lines {
    child: Child,
    lines: mpsc::Receiver<String>,
    told: Vec<String>,
}

impl Lines {
    fn play(course: &Course) -> Lines {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kafkacourse"));
        command.args(["play", "--plain", "--broker", "embedded"]).current_dir(course.path(""));
        command.env("TMPDIR", course.temporary()).env("COLUMNS", "100").env("NO_COLOR", "1");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        let (tell, lines) = mpsc::channel();
        let output = BufReader::new(child.stdout.take().expect("lines"));
        std::thread::spawn(move || output.lines().map_while(Result::ok).all(|line| tell.send(line).is_ok()));
        Lines { child, lines, told: Vec::new() }
    }

    fn type_line(&mut self, line: &str) {
        writeln!(self.child.stdin.as_ref().expect("a pipe"), "{line}").expect("it listens");
    }

    /// Waits until a line tells this.
    #[track_caller]
    fn tells(&mut self, text: &str) {
        let began = Instant::now();
        loop {
            let left = LIMIT.saturating_sub(began.elapsed());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("nothing tells {text:?} after\n{}", self.told.join("\n"));
            };
            self.told.push(line);
            if self.told.last().is_some_and(|line| line.contains(text)) {
                return;
            }
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn each_key_is_told_with_what_kafka_did() {
    let course = course();
    let mut play = Lines::play(&course);
    play.tells("[ZULU] batch of 1");
    play.type_line("k zulu");
    play.tells("[ZULU] was killed without goodbye");
    play.tells("took over");
    play.type_line("l");
    play.tells("[producer] did not get an answer");
    play.tells("[producer] sent them again");
    play.type_line("p");
    play.tells("met a record that is no JSON");
    play.type_line("s alpha");
    play.tells("[ALPHA] starts, and joins its group");
    play.tells("[ALPHA] was handed");
    play.type_line("s alpha");
    play.tells("[ALPHA] said goodbye (LeaveGroup)");
    play.type_line("b");
    play.tells("batches of 5");
    play.type_line("g");
    play.tells("Each consumer has a group of its own");
    play.tells("[BRAVO] was given partitions 0, 1, 2 and 3");
    play.type_line("zz");
    play.tells("“zz” is no key");
    play.type_line("q");
    play.tells("Nothing of it is left.");
    assert!(play.child.wait().expect("it ends").success());
    eventually("nobody is left", || processes(CLIENT).is_empty());
}

#[test]
fn a_terminal_shows_it_live_and_is_given_back() {
    let course = course();
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_kafkacourse"));
    command.args(["play", "--broker", "embedded"]);
    command.cwd(course.path(""));
    command.env("TERM", "xterm-256color");
    command.env("TMPDIR", course.temporary());
    let mut child = pair.slave.spawn_command(command).expect("it starts");
    let mut keys = pair.master.take_writer().expect("keys");
    let mut shown = pair.master.try_clone_reader().expect("a screen");
    let size = |size| std::num::NonZero::new(size).expect("a size");
    let screen = Arc::new(Mutex::new(vt100::Parser::new(size(24), size(80), 0)));
    let parser = screen.clone();
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(read @ 1..) = shown.read(&mut bytes) {
            parser.lock().expect("the screen").process(&bytes[..read]);
        }
    });
    let contents = || screen.lock().expect("the screen").screen().contents();
    let shows = |text: &str| {
        let began = Instant::now();
        while !contents().contains(text) {
            assert!(began.elapsed() < LIMIT, "{text:?} does not appear on\n{}", contents());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    };
    shows("kafkacourse play");
    shows("ZULU was ");
    keys.write_all(b"?").expect("a key");
    shows("kill the chosen consumer");
    keys.write_all(b"?").expect("a key");
    keys.write_all(b"s").expect("a key");
    shows("ZULU said goodbye");
    keys.write_all(b"g").expect("a key");
    shows("a group for each ");
    keys.write_all(b"\x03").expect("a key");
    eventually("play ends", || child.try_wait().expect("it can be asked").is_some());
    eventually("the terminal is as it was", || {
        let screen = screen.lock().expect("the screen");
        !screen.screen().alternate_screen() && !screen.screen().hide_cursor()
    });
    shows("Nothing of it is left.");
    eventually("nobody is left", || processes(CLIENT).is_empty());
}
