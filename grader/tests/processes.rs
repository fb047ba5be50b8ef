//! Programs end when they are to, with whatever they have started; and so does everything that kafkacourse has started,
//! however it ends itself.
#![cfg(target_os = "linux")] // it looks into /proc

mod common;

use common::{Course, course, eventually, has, processes};
use rustix::process::Signal;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Everything is over so long after a signal.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Ids of the processes that have these bytes in their environment or their command line, the dead left out.
fn bearing(bytes: &[u8]) -> Vec<u32> {
    let bears =
        |path: PathBuf| std::fs::read(path).is_ok_and(|held| held.windows(bytes.len()).any(|window| window == bytes));
    let ids = common::entries(Path::new("/proc")).into_iter().filter_map(|process| {
        let id = process.file_name()?.to_str()?.parse::<u32>().ok()?;
        (bears(process.join("environ")) || bears(process.join("cmdline"))).then_some(id)
    });
    ids.filter(|id| *id != std::process::id()).collect()
}

/// Every way of leaving a program: its group, its session, its environment, its parents.
const DAEMONS: [(&str, &str); 4] = [
    ("a group of its own", "setsid SLEEP &"),
    ("two forks and no environment", "setsid -f env -i setsid -f SLEEP"),
    ("deaf, and with the program's pipes", "(trap '' TERM HUP INT; env -i setsid -f SLEEP)"),
    ("without any pipe", "env -i setsid -f SLEEP </dev/null >/dev/null 2>&1"),
];

#[test]
fn daemons_end_with_their_program() {
    if !has("setsid") {
        return;
    }
    for (number, (way, command)) in DAEMONS.iter().enumerate() {
        let course = course();
        let sleep = format!("/bin/sleep 2000.{number}625");
        // The program goes on until its daemon is there.
        let line = format!("{}; until pgrep -f '^{sleep}$'; do :; done", command.replace("SLEEP", &sleep));
        let line = line.replace("&;", "&");
        let began = Instant::now();
        let told = course.check("ex1", &line, &["--scenario", "steady", "-v"]);
        told.assert(1, &["it ended with status 0"]);
        assert_eq!(processes(&sleep), Vec::<String>::new(), "{way}");
        assert!(began.elapsed() < Duration::from_secs(10), "{way}: {:?}", began.elapsed());
    }
}

#[test]
fn daemons_end_when_kafkacourse_is_killed() {
    if !has("setsid") {
        return;
    }
    let course = course();
    let sleep = "/bin/sleep 2000.75";
    let line = format!("env -i setsid -f {sleep}; exec {sleep}");
    let going = course.checking("ex1", &line, &[]).start();
    eventually("every scenario has its program and its daemon", || processes(sleep).len() == 10);
    let began = Instant::now();
    going.signal(Signal::KILL);
    assert_eq!(going.end().code, 128 + 9);
    eventually("they end", || processes(sleep).is_empty() && course.left_over().is_empty());
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
}

/// Who kills its supervisor does not get away with it, and nobody else is blamed.
#[test]
fn a_program_that_kills_its_supervisor() {
    let course = course();
    let sleep = "/bin/sleep 2000.875";
    let line = format!("setsid {sleep} & {sleep} & kill -9 $PPID; wait");
    let told = course.check("ex1", &line, &["--scenario", "steady"]);
    told.assert(7, &["not your doing", "watches over the program"]);
    assert_eq!(processes(sleep), Vec::<String>::new());
}

#[test]
fn a_temporary_folder_with_any_name() {
    let names: [&[u8]; 5] = [b"a b", b"quo'te\"s", b"two\nlines", b"\xff\xfe", "\u{202e}$HOME `id` \\".as_bytes()];
    let course = course();
    for name in names {
        let name = std::ffi::OsStr::from_bytes(name);
        let folder = course.outside().join(name);
        std::fs::create_dir(&folder).expect("a folder");
        // What the name would be cut to.
        let precious = folder.join("kafkacourse-precious");
        std::fs::create_dir(&precious).expect("a folder");
        let line = "test -d \"$KAFKACOURSE_FOLDER\" && echo good; sleep 2000.5";
        let going = course.checking("ex1", line, &["--scenario", "steady"]).env("TMPDIR", &folder).start();
        eventually("the program runs", || processes("sleep 2000.5").len() == 1);
        going.signal(Signal::KILL);
        going.end();
        eventually("its folder goes", || common::entries(&folder) == [precious.clone()]);
        eventually("the program ends", || processes("sleep 2000.5").is_empty());
    }
}

#[test]
fn a_newline_in_the_name_of_the_temporary_folder_costs_nobody_anything() {
    let course = course();
    let victim = course.outside().join("victim");
    std::fs::create_dir_all(&victim).expect("a folder");
    std::fs::write(victim.join("work"), "of years").expect("a file");
    // Read line by line, this would name the victim.
    let folder = PathBuf::from(format!("{}/x\nfolder {}\n", course.outside().display(), victim.display()));
    std::fs::create_dir_all(&folder).expect("a folder");
    course.checking("ex1", "true", &["--scenario", "steady"]).env("TMPDIR", &folder).run().assert(1, &[]);
    assert!(victim.join("work").exists());
    assert_eq!(common::entries(&folder), Vec::<PathBuf>::new());
}

/// The signals that end a command, and its exit codes. Whoever has these tests run with `nohup` has SIGHUP ignored.
fn ends() -> Vec<(Signal, i32)> {
    let status = std::fs::read_to_string("/proc/self/status").expect("there is a /proc");
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("a mask of signals");
    let ignored = u64::from_str_radix(ignored.trim(), 16).expect("a mask of signals");
    let mut ends = vec![(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)];
    ends.retain(|(signal, _)| ignored & (1 << (signal.as_raw() - 1)) == 0);
    ends
}

/// A check of all of ex1's scenarios, interrupted after so long.
fn interrupted(course: &Course, signal: Signal, code: i32, after: Duration) {
    let mark = course.outside().as_os_str().as_bytes().to_owned();
    let going = course.checking("ex1", "/bin/sleep 2000.25 & exec /bin/sleep 2000.25", &[]).start();
    std::thread::sleep(after); // any moment will do: that is what is tested
    let began = Instant::now();
    going.signal(signal);
    let told = going.end();
    assert!(began.elapsed() < AT_ONCE, "signal {signal:?} after {after:?}: {:?}", began.elapsed());
    // Before it has set itself up, the signal itself ends it, and a shell says the same.
    told.assert(code, &[]);
    eventually("its children end", || bearing(&mark).is_empty());
    assert!(began.elapsed() < AT_ONCE, "signal {signal:?} after {after:?}: {:?}", began.elapsed());
    assert_eq!(course.left_over(), Vec::<PathBuf>::new(), "signal {signal:?} after {after:?}");
    assert!(course.progress().is_empty(), "a stopped check is no attempt");
}

#[test]
fn a_signal_at_any_moment_ends_everything() {
    let course = course();
    // From the first millisecond, through the start of brokers and programs, to programs that run.
    let moments = [0, 1, 2, 4, 7, 12, 20, 35, 60, 100, 180, 320, 700].map(Duration::from_millis);
    for (moment, (signal, code)) in moments.into_iter().zip(ends().into_iter().cycle()) {
        interrupted(&course, signal, code, moment);
    }
}

#[test]
fn a_signal_ends_cargo_with_all_that_it_has_started() {
    let course = course();
    // A cargo that takes its time, with a compiler that does.
    course.write("cargo", "#!/bin/sh\n/bin/sleep 2000.375 & /bin/sleep 2000.375; wait\n");
    let cargo = course.path("cargo");
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).expect("it is there");
    for (signal, code) in ends().into_iter().chain([(Signal::KILL, 128 + 9)]) {
        let check = course.kafkacourse(&["check", "ex1", "--broker", "embedded"]);
        let going = check.env("CARGO", &cargo).start();
        eventually("cargo and its compiler run", || processes("/bin/sleep 2000.375").len() == 2);
        let began = Instant::now();
        going.signal(signal);
        going.end().assert(code, &[]);
        eventually("they end", || processes("/bin/sleep 2000.375").is_empty());
        assert!(began.elapsed() < AT_ONCE, "{signal:?}: {:?}", began.elapsed());
    }
}

/// Stopped for a second and a half and then resumed, a check plays the scenario once more.
#[test]
fn a_suspended_check_repeats_what_it_must() {
    let course = course();
    let line = "echo up >> runs; exec /bin/sleep 2000.125";
    let runs = || course.root.join("runs");
    let begun = || std::fs::read_to_string(runs()).unwrap_or_default().lines().count();
    let going = course.checking("ex1", line, &["--scenario", "steady"]).start();
    eventually("the program runs", || begun() == 1);
    going.signal(Signal::STOP);
    std::thread::sleep(Duration::from_millis(1_500));
    going.signal(Signal::CONT);
    eventually("it runs again", || begun() == 2);
    assert_eq!(processes("/bin/sleep 2000.125").len(), 1, "the first has ended");
    going.signal(Signal::TERM);
    going.end().assert(143, &[]);
}

/// The exit code of a check that a shell begins after `script`, and what it says on standard error.
fn checked_after(course: &Course, script: &str) -> (Option<i32>, String) {
    let script = format!("{script}; exec \"$@\"");
    let check = ["check", "ex1", "--broker", "embedded", "--cmd", "true"];
    let mut command = std::process::Command::new("timeout");
    command.args(["60", "sh", "-c", &script, "sh", env!("CARGO_BIN_EXE_kafkacourse")]).args(check);
    command.current_dir(&course.root).env("NO_COLOR", "1").env("TMPDIR", course.temporary());
    let told = command.output().expect("a shell");
    (told.status.code(), String::from_utf8_lossy(&told.stderr).into_owned())
}

#[test]
fn too_few_descriptors_are_told_at_the_start() {
    let course = course();
    for (limit, words, remedy) in [
        ("ulimit -n 60", "not your doing: only 60 files may be open at once here", "`ulimit -n 1024`"),
        ("ulimit -n 8", "not your doing: kafkacourse cannot begin: Too many open files", "`ulimit -n`"),
    ] {
        let (code, said) = checked_after(&course, limit);
        assert_eq!(code, Some(7), "{said}");
        assert!(said.starts_with(words) && said.contains(remedy), "{said}");
    }
    assert!(course.progress().is_empty());
    // What can be raised is raised.
    assert_eq!(checked_after(&course, "ulimit -S -n 60"), (Some(1), String::new()));
}

/// The end of every child is heard of, also where whoever has started the check does not want to hear of his own.
#[test]
fn an_ignored_sigchld() {
    assert_eq!(checked_after(&course(), "trap '' CHLD"), (Some(1), String::new()));
}

/// The grader may be killed between its word to start the program and the answer.
#[test]
fn a_program_ends_with_the_grader_from_its_first_moment() {
    let sleep = "2000.9375";
    let (mut grader, socket) = UnixStream::pair().expect("a socket");
    let supervisor = std::process::Command::new(env!("CARGO_BIN_EXE_kafkacourse"))
        .args(["__supervise", "everything", "mark", "/bin/sleep", sleep])
        .stdin(OwnedFd::from(socket))
        .spawn();
    grader.read_exact(&mut [0; 5]).expect("it is ready");
    grader.write_all(b"s").expect("it listens");
    drop(grader);
    assert!(supervisor.expect("it starts").wait().expect("it ends").success());
    assert_eq!(processes(&format!("/bin/sleep {sleep}")), Vec::<String>::new());
}

#[test]
fn parts_of_kafkacourse_are_no_commands() {
    for part in ["__supervise", "__reaper"] {
        course().run(&[part]).assert(2, &["that it starts itself, and no command"]);
        course().run(&[part, "everything", "mark", "/bin/true"]).assert(2, &["that it starts itself, and no command"]);
    }
}

/// Output and files beyond all bounds end the scenario soon, and the verdict says which bound it was.
#[test]
fn a_program_that_takes_up_too_much() {
    let course = course();
    for (line, said) in [
        ("yes", "it printed more than 256 MiB"),
        ("cat /dev/zero >&2", "it printed more than 256 MiB"),
        ("yes >$KAFKACOURSE_FOLDER/endless", "it put more than 256 MiB into its folder"),
    ] {
        let began = Instant::now();
        let told = course.check("ex1", line, &["--scenario", "steady"]);
        told.assert(1, &[said]);
        assert!(began.elapsed() < Duration::from_secs(30), "{line}: {:?}", began.elapsed());
        assert_eq!(course.left_over(), Vec::<PathBuf>::new());
    }
}
