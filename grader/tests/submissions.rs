//! What learners hand in, in every shape that it comes in, and what becomes of it.

#[path = "submissions/archives.rs"]
mod archives;
#[path = "submissions/hand_in.rs"]
mod hand_in;

use archives::{Entry, What, entry, file, gzip, tar, zip, zstd};
use grader::submission::{Language, Options};
use hand_in::{Class, MAIN};
use std::time::{Duration, Instant};

#[test]
fn every_layout_is_understood() {
    let class = Class::new();
    class.file("checkout/exercises/ex01-producer-basics/src/main.rs", MAIN);
    class.file("checkout/exercises/ex01-producer-basics/src/util/mod.rs", "pub fn help() {}");
    class.file("checkout/solutions/ex01-producer-basics/src/main.rs", "solution");
    class.file("checkout/grader/src/main.rs", "grader");
    class.file("checkout/README.md", "read me");
    class.file("folders/ex01-producer-basics/src/main.rs", MAIN);
    class.file("id/EX1/src/main.rs", MAIN);
    class.file("crate/src/main.rs", MAIN);
    class.file("bare/main.rs", MAIN);
    class.file("bare/help.rs", "help");
    class.file("wrapped/a/b/src/main.rs", MAIN);
    class.file("wrapped/a/report.pdf", "a report");
    class.file("renamed/main-1.rs", MAIN);
    let files = |learner: &str| class.sources(learner, "ex1").expect("sources").files.into_keys().collect::<Vec<_>>();
    assert_eq!(files("checkout"), ["src/main.rs", "src/util/mod.rs"]);
    for learner in ["folders", "id", "crate", "wrapped", "renamed"] {
        assert_eq!(files(learner), ["src/main.rs"], "{learner}");
    }
    assert_eq!(files("bare"), ["src/help.rs", "src/main.rs"]);
    assert_eq!(class.sources("wrapped", "ex1").expect("sources").files["src/main.rs"], MAIN.as_bytes());
}

#[test]
fn an_exercise_of_which_nothing_was_handed_in_is_not_there() {
    let class = Class::grading(&["ex1", "ex2"]);
    class.file("ada/ex02-manual-commits/src/main.rs", MAIN);
    let ada = class.open("ada");
    assert_eq!(ada.exercises.keys().collect::<Vec<_>>(), ["ex2"]);
    assert!(ada.exercises["ex2"].is_ok());
}

#[test]
fn what_is_not_clear_is_said_and_not_guessed() {
    let class = Class::grading(&["ex1", "ex2"]);
    class.file("bare/main.rs", MAIN);
    class.file("twice/a/ex1/main.rs", MAIN);
    class.file("twice/b/ex01/main.rs", MAIN);
    class.file("other/ex03-group-scaling/src/main.rs", MAIN);
    class.file("report/report.pdf", "a report");
    class.file("stub/ex1/src/helper.rs", "no main");
    class.file("torn/ex1/a/main.rs", MAIN);
    class.file("torn/ex1/b/main.rs", MAIN);
    std::fs::create_dir_all(class.path("empty")).expect("a folder");
    let why = |learner: &str| class.sources(learner, "ex1").expect_err("invalid").to_string();
    assert_eq!(
        why("bare"),
        "nothing tells to which exercise this program belongs: hand in the folders of the exercises"
    );
    assert_eq!(
        why("twice"),
        "two folders could be ex1, and nothing tells which one counts (twice/a/ex1, twice/b/ex01)"
            .replace("twice/", "")
    );
    assert_eq!(why("other"), "this is ex3, which is not what is graded here (ex03-group-scaling)");
    assert_eq!(why("report"), "no exercise is found in it; expected is exercises/ex01-producer-basics/src/main.rs");
    assert_eq!(why("stub"), "there is no src/main.rs (ex1)");
    assert_eq!(why("empty"), "there is nothing in it");
    assert!(why("torn").starts_with("no exercise is found in it"), "{}", why("torn"));
}

#[test]
fn only_sources_count_and_the_rest_is_noted() {
    let class = Class::new();
    for file in [
        "build.rs",
        ".cargo/config.toml",
        "rust-toolchain.toml",
        "Cargo.toml",
        "Cargo.lock",
        "target/debug/x.rs",
        ".hidden.rs",
        "src/data.json",
        "src/bin/other.rs",
        "tests/test.rs",
    ] {
        class.file(&format!("ada/{file}"), "text");
    }
    class.file("ada/src/main.rs", MAIN);
    class.link("/etc/passwd", "ada/src/secret.rs");
    class.fifo("ada/src/pipe.rs");
    let ada = class.open("ada");
    let files: Vec<&String> = ada.exercises["ex1"].as_ref().expect("sources").files.keys().collect();
    assert_eq!(files, ["src/main.rs"]);
    let notes: Vec<String> =
        ada.notes.iter().map(|note| format!("{}: {}", note.place.as_deref().unwrap_or_default(), note.what)).collect();
    let mut expected = vec![
        "build.rs: a build script is never run",
        ".cargo: settings of cargo are ignored",
        "rust-toolchain.toml: a choice of toolchain is ignored: the course's own counts",
        "src/secret.rs: a link is not followed",
        "src/pipe.rs: a device, a FIFO or a socket is no source",
        ".hidden.rs: a hidden file is ignored",
        "target: what tools have made is ignored",
        "src/data.json: a file of this kind is no source in this language",
    ];
    expected.retain(|line| !notes.contains(&(*line).to_owned()));
    assert!(expected.is_empty(), "{expected:#?} is not in {notes:#?}");
    assert_eq!(notes.len(), 10, "{notes:#?}");
}

#[test]
fn a_program_that_is_a_link_is_refused_by_name() {
    let class = Class::new();
    class.link("/etc/passwd", "ada/src/main.rs");
    class.file("elsewhere/main.rs", MAIN);
    class.link("../elsewhere", "bob/src");
    assert_eq!(class.sources("ada", "ex1").unwrap_err().to_string(), "a link, which is not followed (src/main.rs)");
    assert!(class.sources("bob", "ex1").is_err());
}

#[test]
fn sources_are_bounded() {
    let class = Class::new();
    class.file("long/src/main.rs", "x".repeat(300 << 10));
    class.file("many/src/main.rs", MAIN);
    for at in 0..100 {
        class.file(&format!("many/src/m{at}.rs"), "");
    }
    class.file("much/src/main.rs", MAIN);
    for at in 0..9 {
        class.file(&format!("much/src/m{at}.rs"), "x".repeat(250 << 10));
    }
    let why = |learner: &str| class.sources(learner, "ex1").expect_err("invalid").to_string();
    assert_eq!(why("long"), "a file of 300 KiB; 256 KiB are taken (src/main.rs)");
    assert_eq!(why("many"), "more than 100 source files");
    assert_eq!(why("much"), "sources of more than 2 MiB");
}

#[test]
fn bytes_are_taken_as_they_are() {
    let class = Class::new();
    class.file("ada/src/main.rs", "\u{feff}fn main() {}\r\n");
    assert_eq!(
        class.sources("ada", "ex1").expect("sources").files["src/main.rs"],
        "\u{feff}fn main() {}\r\n".as_bytes()
    );
}

#[test]
fn a_program_in_another_language_is_taken() {
    let class = Class::new().with(Options { language: Language::Python, ..Options::default() });
    class.file("ada/main.py", "print()");
    class.file("ada/help/__init__.py", "");
    class.file("ada/requirements.txt", "");
    let ada = class.sources("ada", "ex1").expect("sources");
    assert_eq!((ada.language, ada.entry.as_str()), (Language::Python, "main.py"));
    assert_eq!(ada.files.into_keys().collect::<Vec<_>>(), ["help/__init__.py", "main.py"]);
}

type Pack = fn(&[Entry]) -> Vec<u8>;

/// Each kind of archive, by the ending of its name.
const KINDS: [(&str, Pack); 4] =
    [("zip", zip), ("tar", tar), ("tar.gz", |entries| gzip(&tar(entries))), ("tar.zst", |entries| zstd(&tar(entries)))];

/// Hands `entries` in as an archive of each kind, with a right one beside it, and says why nothing of it counts.
#[track_caller]
fn refused(entries: &[Entry], why: &str) {
    let class = Class::new();
    for (ending, pack) in KINDS {
        class.file(&format!("{}.{ending}", ending.replace('.', "-")), pack(entries));
    }
    class.file("right.zip", zip(&[file("src/main.rs", MAIN)]));
    for (ending, _) in KINDS {
        let told = class.sources(&ending.replace('.', "-"), "ex1").expect_err("refused").to_string();
        assert_eq!(told, why, "{ending}");
    }
    assert!(class.sources("right", "ex1").is_ok(), "the class goes on");
}

#[test]
fn every_kind_of_archive_is_read() {
    let class = Class::new();
    let long = format!("src/{}.rs", "m".repeat(120));
    let entries = [
        entry(What::Folder, "ada/", ""),
        file("ada/Cargo.toml", "text"),
        file("ada/src/main.rs", MAIN),
        file(format!("ada/{long}"), "long"),
        file("__MACOSX/ada/src/._main.rs", "\0"),
    ];
    for (ending, pack) in KINDS {
        class.file(&format!("{ending}.{ending}"), pack(&entries));
    }
    for (ending, _) in KINDS {
        let files = class.sources(ending, "ex1").unwrap_or_else(|why| panic!("{ending}: {why}")).files;
        assert_eq!(files.keys().map(String::as_str).collect::<Vec<_>>(), ["src/main.rs", &long], "{ending}");
        assert_eq!((files["src/main.rs"].as_slice(), files[&long].as_slice()), (MAIN.as_bytes(), &b"long"[..]));
    }
}

#[test]
fn archives_in_a_folder_are_looked_into() {
    let class = Class::grading(&["ex1", "ex2"]);
    class.file("ada/ex1.zip", zip(&[file("work/src/main.rs", MAIN)]));
    class.file("ada/ex2.tar.gz", gzip(&tar(&[file("ex02-manual-commits/src/main.rs", MAIN)])));
    class.file("ada/report.pdf", "a report");
    class.file("bob/broken.zip", "PK\x03\x04");
    class.file("bob/ex1/main.rs", MAIN);
    assert!(class.sources("ada", "ex1").is_ok() && class.sources("ada", "ex2").is_ok());
    assert!(class.sources("bob", "ex1").is_ok(), "what is readable counts");
    let why = class.sources("bob", "ex2").expect_err("it may be in the broken one");
    assert!(why.to_string().starts_with("a damaged archive"), "{why}");
}

#[test]
fn zips_of_windows_have_folders_too() {
    let class = Class::new();
    class.file("ada.zip", zip(&[file(r"ex1\src\main.rs", MAIN), file(r"ex1\src\util.rs", "")]));
    assert_eq!(class.sources("ada", "ex1").expect("sources").files.len(), 2);
}

#[test]
fn a_path_that_leads_out_is_refused_by_name() {
    for path in ["../x.rs", "src/../../x.rs", "/etc/x.rs", "C:/x.rs"] {
        let entries = [file("src/main.rs", MAIN), file(path, "")];
        refused(&entries, &format!("a path that leads out of it ({path})"));
    }
}

#[test]
fn links_of_archives_lead_nowhere() {
    refused(&[entry(What::Link, "src/main.rs", "/etc/passwd")], "a link, which is not followed (src/main.rs)");
    let through = [entry(What::Link, "src", "/etc"), file("src/main.rs", MAIN)];
    refused(&through, "a file below something that is no folder (src/main.rs)");
    let class = Class::new();
    let odd = [
        file("src/main.rs", MAIN),
        entry(What::HardLink, "src/hard.rs", "src/main.rs"),
        entry(What::Link, "src/soft.rs", "/etc/passwd"),
        entry(What::Fifo, "src/fifo.rs", ""),
        entry(What::Device, "src/zero.rs", ""),
    ];
    class.file("ada.tar", tar(&odd));
    let ada = class.open("ada");
    assert_eq!(ada.exercises["ex1"].as_ref().expect("sources").files.len(), 1);
    let notes: Vec<&str> = ada.notes.iter().map(|note| note.what.as_str()).collect();
    assert_eq!(notes, ["a link is not followed, 2 times", "a device, a FIFO or a socket is no source, 2 times"]);
}

#[test]
fn names_that_clash_are_refused_by_name() {
    let clash = "two files of this name, or of names that differ in large and small letters only (src/Util.rs)";
    refused(&[file("src/main.rs", MAIN), file("src/util.rs", "a"), file("src/Util.rs", "b")], clash);
    let class = Class::new();
    let twice = [file("src/main.rs", MAIN), file("src/main.rs", "fn other() {}")];
    class.file("zip.zip", zip(&twice));
    class.file("tar.tar", tar(&twice));
    assert_eq!(class.sources("zip", "ex1").unwrap_err().to_string(), "two files of one name");
    let why = class.sources("tar", "ex1").unwrap_err().to_string();
    assert!(why.starts_with("two files of"), "{why}");
}

#[test]
fn odd_names_are_noted_and_left_out() {
    let class = Class::new();
    let long = "d/".repeat(300);
    let odd: [&[u8]; 4] = [b"src/a\nb.rs", b"src/\xff.rs", "src/\u{202e}sr.rs".as_bytes(), long.as_bytes()];
    let mut entries = vec![file("src/main.rs", MAIN)];
    entries.extend(odd.map(|name| file([name, b"x"].concat(), "")));
    for (ending, pack) in KINDS {
        class.file(&format!("{ending}.{ending}"), pack(&entries));
    }
    class.file("nul.zip", zip(&[file("src/main.rs", MAIN), file(b"src/x\0.rs", "")]));
    for (ending, _) in KINDS {
        let submission = class.open(ending);
        assert_eq!(submission.exercises["ex1"].as_ref().expect("sources").files.len(), 1, "{ending}");
        assert_eq!(submission.notes.len(), 1, "{ending}: {:?}", submission.notes);
        let note = &submission.notes[0];
        assert!(note.what.contains("not UTF-8") && note.what.ends_with("4 times"), "{ending}: {note:?}");
        assert_eq!(note.place.as_deref(), Some("src/a·b.rsx"));
    }
    assert_eq!(class.sources("nul", "ex1").expect("sources").files.len(), 1);
}

#[test]
fn archives_that_are_none_are_refused() {
    let whole = [file("src/main.rs", MAIN.repeat(1_000)), file("src/more.rs", MAIN)];
    for (ending, pack) in KINDS {
        let class = Class::new();
        let bytes = pack(&whole);
        let name = |what: &str| format!("{what}.{ending}");
        class.file(&name("cut"), &bytes[..bytes.len() / 3]);
        class.file(&name("zero"), "");
        class.file(&name("text"), "this is no archive");
        class.file(&name("rar"), "Rar!\x1a\x07");
        class.file(&name("none"), pack(&[]));
        for what in ["cut", "zero", "text", "rar", "none"] {
            let why = class.sources(what, "ex1").expect_err("refused").to_string();
            let words = match what {
                "zero" => "an empty file",
                "none" => "there is nothing in it",
                "cut" => "a damaged archive",
                _ if ending == "tar" => "a damaged archive",
                _ => "no archive that is read",
            };
            assert!(why.starts_with(words), "{what}.{ending}: {why}");
        }
    }
}

#[test]
fn archives_that_are_packed_otherwise_are_called_so() {
    let class = Class::new();
    class.file("ada.zip", zip(&[entry(What::Encrypted, "src/main.rs", MAIN)]));
    assert_eq!(class.sources("ada", "ex1").unwrap_err().to_string(), "it is encrypted (src/main.rs)");
    // The number of bzip2 in both headers.
    let mut other = zip(&[file("src/main.rs", MAIN)]);
    let places: Vec<usize> =
        other.windows(4).enumerate().filter(|(_, at)| at.starts_with(b"PK")).map(|(at, _)| at).collect();
    (other[places[0] + 8], other[places[1] + 10]) = (12, 12);
    class.file("bob.zip", other);
    let why = class.sources("bob", "ex1").unwrap_err().to_string();
    assert!(why.starts_with("it is compressed in a way that is not read"), "{why}");
}

#[test]
fn a_file_that_is_longer_than_it_says_is_not_read_on() {
    let class = Class::new();
    let long = "x".repeat(1 << 20);
    class.file("ada.zip", zip(&[entry(What::Claiming(10), "src/main.rs", &long)]));
    class.file("bob.tar", tar(&[entry(What::Claiming(u32::MAX), "src/main.rs", MAIN)]));
    let why = class.sources("ada", "ex1").unwrap_err().to_string();
    assert!(why.starts_with("a damaged archive") || why.contains("larger than 256 KiB"), "{why}");
    assert!(class.sources("bob", "ex1").is_err());
}

#[test]
fn bombs_do_not_go_off() {
    let class = Class::new();
    let zeros = vec![0; 64 << 20];
    let big = [file("src/main.rs", MAIN), file("zeros", &zeros)];
    class.file("zip.zip", zip(&big));
    class.file("gz.tar.gz", gzip(&tar(&big)));
    class.file("zst.tar.zst", zstd(&tar(&big)));
    class.file("source.zip", zip(&[file("src/main.rs", &zeros)]));
    class.file("nested.tar.gz", gzip(&tar(&[file("src/main.rs", MAIN), file("inner.tar.gz", gzip(&zeros))])));
    let began = Instant::now();
    assert!(class.sources("zip", "ex1").is_ok(), "only what counts is unpacked");
    let nested = class.open("nested");
    assert!(nested.exercises["ex1"].is_ok());
    let notes: Vec<String> = nested.notes.iter().map(ToString::to_string).collect();
    assert_eq!(notes, ["an archive within an archive is not opened (inner.tar.gz)"]);
    for learner in ["gz", "zst"] {
        let why = class.sources(learner, "ex1").unwrap_err().to_string();
        assert_eq!(why, "it unpacks to more than 200 times its size");
    }
    assert_eq!(
        class.sources("source", "ex1").unwrap_err().to_string(),
        "a file of 64 MiB; 256 KiB are taken (src/main.rs)"
    );
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn a_million_entries_are_too_many() {
    let class = Class::new();
    let many: Vec<Entry> = (0..100_002).map(|at| file(format!("{at}"), "")).collect();
    class.file("tar.tar.gz", gzip(&tar(&many)));
    let why = |learner: &str| class.sources(learner, "ex1").unwrap_err().to_string();
    assert_eq!(why("tar"), "more than 100000 files");
    // A zip archive counts to 65,535 in its plain form; of a longer one, the directory is too long to be held.
    let long: Vec<Entry> = (0..65_000).map(|at| file(format!("{at:0>300}"), "")).collect();
    class.file("zip.zip", zip(&long));
    assert_eq!(why("zip"), "more than 16 MiB of it would have to be read");
}

fn roster(class: &Class, text: impl AsRef<[u8]>) -> Options {
    let path = class.outside("roster.csv");
    std::fs::write(&path, text).expect("a roster");
    Options { roster: Some(path), ..Options::default() }
}

/// Ids of those who have handed in, and of those who have not; and what does not fit.
fn told(class: &Class) -> (Vec<String>, Vec<String>, Vec<String>) {
    let intake = class.find();
    let handed = intake.handed.iter().map(|handed| handed.learner.id.to_string());
    let missing = intake.missing.iter().map(|learner| learner.id.to_string());
    (handed.collect(), missing.collect(), intake.problems.iter().map(ToString::to_string).collect())
}

#[test]
fn an_export_of_canvas_is_mapped_by_its_gradebook() {
    let class = Class::new();
    let gradebook = "Student,ID,SIS User ID,SIS Login ID,Section,ex1 (1)\n    Points Possible,,,,,10\n\
        \"Lovelace, Ada\",47,u1,ada,A,\n\"Hopper, Grace\",48,u2,grace,A,\n\"Absent, Al\",49,u3,al,A,\n";
    let options = roster(&class, gradebook);
    let class = class.with(options);
    class.file("lovelaceada_47_900_main.rs", MAIN);
    class.file("lovelaceada_47_901_help.rs", "help");
    class.file("hoppergrace_LATE_48_902_ex1-1.zip", zip(&[file("ex1/src/main.rs", MAIN)]));
    class.file("strangersam_50_903_main.rs", MAIN);
    let (handed, missing, problems) = told(&class);
    assert_eq!((handed, missing), (vec!["ada".into(), "grace".into(), "strangersam_50".into()], vec!["al".into()]));
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].starts_with("marked as late by Canvas") && problems[0].ends_with(": 1 of the learners"));
    assert_eq!(problems[1], "it is nobody's on the roster (strangersam_50_903_main.rs)");
    assert_eq!(class.find().platform, Some("Canvas"));
    assert_eq!(class.sources("ada", "ex1").expect("sources").files.len(), 2);
    let grace = class.open("grace");
    assert!(grace.exercises["ex1"].is_ok() && grace.notes[0].what.contains("late"), "{grace:?}");
    assert_eq!(grace.learner.elsewhere["canvas"], "48");
}

#[test]
fn an_export_of_moodle_is_mapped_by_its_worksheet() {
    let class = Class::new();
    let worksheet = "Identifier,\"Full name\",\"Email address\",Grade\n\
        \"Participant 47\",\"Ada Lovelace\",ada@x.org,\n\"Participant 48\",\"Grace Hopper\",grace@x.org,\n";
    let options = roster(&class, worksheet);
    let class = class.with(options);
    class.file("Ada Lovelace_47_assignsubmission_file_/work.zip", zip(&[file("a/b/src/main.rs", MAIN)]));
    class.file("Ada Lovelace_47_assignsubmission_onlinetext_/onlinetext.html", "<p>hello");
    class.file("Grace Hopper_48_assignsubmission_file_/src/main.rs", MAIN);
    let (handed, missing, problems) = told(&class);
    assert_eq!((handed, missing, problems), (vec!["ada".into(), "grace".into()], vec![], vec![]));
    assert!(class.sources("ada", "ex1").is_ok() && class.sources("grace", "ex1").is_ok());
    assert_eq!(class.open("ada").learner.elsewhere["moodle"], "47");
}

#[test]
fn an_export_of_gradescope_tells_who_and_when() {
    let class = Class::new();
    let metadata = "---\nsubmission_1:\n  :submitters:\n  - :name: Ada Lovelace\n    :sid: '100'\n    :email: ada@x.org\n  \
        - :name: Grace Hopper\n    :sid: '101'\n    :email: grace@x.org\n  :created_at: 2026-09-29 06:21:13.000000000 Z\n\
        submission_2:\n  :submitters:\n  - :name: Ada Lovelace\n    :sid: '100'\n    :email: ada@x.org\n  \
        :created_at: 2026-09-30 06:21:13.000000000 Z\n";
    class.file("submission_metadata.yml", metadata);
    class.file("submission_1/src/main.rs", MAIN);
    class.file("submission_2/src/main.rs", "fn main() { println!() }");
    class.file("submission_3/src/main.rs", MAIN);
    let (handed, _, problems) = told(&class);
    assert_eq!(handed, ["100", "101", "submission_3"]);
    assert_eq!(problems, ["the metadata does not tell whose this is (submission_3)"]);
    let ada = class.open("100");
    assert_eq!(ada.handed_in, "2026-09-30T06:21:13Z".parse().ok());
    assert!(ada.notes.iter().any(|note| note.to_string() == "an earlier submission is left aside (submission_1)"));
    assert_ne!(ada.exercises["ex1"].as_ref().unwrap().files, class.sources("101", "ex1").unwrap().files);
}

#[test]
fn two_submissions_of_one_learner_are_nobodys_fault_until_somebody_decides() {
    let class = Class::new();
    class.file("ada/src/main.rs", MAIN);
    class.file("ada.zip", zip(&[file("src/main.rs", MAIN)]));
    class.file("bob/src/main.rs", MAIN);
    let intake = class.find();
    assert_eq!(intake.handed.len(), 2);
    let why = intake.handed[0].open().expect_err("undecided").to_string();
    assert!(why.contains("more than one submission") && why.contains("ada.zip"), "{why}");
    assert!(intake.handed[1].open().is_ok());
}

#[test]
fn a_roster_that_does_not_fit_is_told_by_name() {
    let class = Class::new();
    let options = roster(&class, "id,name\nada,Kim Lee\nbob,Kim Lee\ncarl,Carl\nCarl,Carl Again\n");
    let class = class.with(options);
    class.file("Kim Lee/src/main.rs", MAIN);
    class.file("carl/src/main.rs", MAIN);
    class.file("ada/src/main.rs", MAIN);
    let (handed, missing, problems) = told(&class);
    assert_eq!(handed[0], "ada");
    assert!(handed[1].starts_with("Kim-Lee-") && handed[2] == "carl", "{handed:?}");
    assert_eq!(missing.len(), 3, "{missing:?}");
    let several = "it fits more than one learner of the roster, so it was given to none of them";
    let expected = [
        "lines 4 and 5 of the roster have the same id (Carl)".to_owned(),
        format!("{several} (Kim Lee)"),
        format!("{several} (carl)"),
    ];
    assert_eq!(problems, expected);
}

#[test]
fn ids_are_safe_and_the_same_in_every_run() {
    let class = Class::new();
    for name in ["ada", "Bob Q. Smith", "-rf", "zoë", "Ada", "a\n\u{1b}[2Jb", "=1+1"] {
        class.file(&format!("{name}/src/main.rs"), MAIN);
    }
    let (first, ..) = told(&class);
    let (second, ..) = told(&class);
    assert_eq!((first.len(), &first), (7, &second));
    let safe = |id: &String| id.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) && !id.starts_with('-');
    assert!(first.iter().all(safe), "{first:?}");
}

#[test]
fn a_class_may_come_as_one_archive() {
    let ada = zip(&[file("src/main.rs", MAIN)]);
    let entries = [
        file("submissions/lovelaceada_47_900_ex1.zip", ada),
        file("submissions/hoppergrace_48_901_main.rs", MAIN),
        file("submissions/notes.txt", ""),
        file("../evil_49_902_main.rs", MAIN),
        entry(What::Link, "submissions/linkdata_50_903_main.rs", "/etc/passwd"),
    ];
    for (ending, pack) in KINDS {
        let class = Class::new();
        let archive = class.outside(&format!("all.{ending}"));
        std::fs::write(&archive, pack(&entries)).expect("an archive");
        let class = class.at(archive.clone());
        let intake = class.find();
        let ids: Vec<&str> = intake.handed.iter().map(|handed| handed.learner.id.as_str()).collect();
        assert_eq!((ids, intake.platform), (vec!["hoppergrace_48", "lovelaceada_47"], Some("Canvas")), "{ending}");
        assert!(intake.handed.iter().all(|handed| handed.open().expect("readable").exercises["ex1"].is_ok()));
        assert_eq!(intake.handed[0].origin, archive.join("submissions/hoppergrace_48_901_main.rs"));
        let problems: Vec<String> = intake.problems.iter().map(ToString::to_string).collect();
        let expected = [
            "a path that leads out of the archive is left out (../evil_49_902_main.rs)",
            "a link in the archive is left out (submissions/linkdata_50_903_main.rs)",
            "no file of a Canvas export (notes.txt)",
        ];
        assert_eq!(problems, expected, "{ending}");
    }
}

#[test]
fn what_is_no_class_is_told() {
    let class = Class::new();
    let at = |name: &str, bytes: &[u8]| {
        let path = class.outside(name);
        std::fs::write(&path, bytes).expect("a file");
        path
    };
    let why = |path: std::path::PathBuf| class.find_at(&path).expect_err("no class").to_string();
    assert!(why(at("class.txt", b"")).ends_with("is neither a folder nor an archive of submissions"));
    assert!(why(at("class.zip", b"PK\x03\x04")).contains("a damaged archive"));
    assert!(why(at("class.rar", b"Rar!")).contains("no archive that is read"));
    assert!(why(class.outside("nowhere")).contains("nowhere"));
    let empty = class.outside("empty");
    std::fs::create_dir(&empty).expect("a folder");
    assert!(why(empty).contains("there are no submissions in"));
}

#[test]
fn one_submission_is_a_class_of_one() {
    let class = Class::new();
    class.file("exercises/ex01-producer-basics/src/main.rs", MAIN);
    class.file("README.md", "");
    let intake = class.find();
    assert_eq!(intake.handed.len(), 1);
    assert!(intake.handed[0].open().expect("readable").exercises["ex1"].is_ok());
    assert_eq!(intake.problems[0].what, "all of this was taken as one submission, and not as a class");
}

#[test]
fn a_submission_that_is_gone_is_nobodys_fault() {
    let class = Class::new();
    class.file("ada/src/main.rs", MAIN);
    class.file("bob.zip", zip(&[file("src/main.rs", MAIN)]));
    let intake = class.find();
    std::fs::remove_dir_all(class.path("ada")).expect("removed");
    std::fs::remove_file(class.path("bob.zip")).expect("removed");
    for handed in &intake.handed {
        let why = handed.open().expect_err("gone").to_string();
        assert!(why.contains("No such file"), "{why}");
    }
}

#[test]
fn stray_files_are_no_learners() {
    let class = Class::new();
    class.file("ada/src/main.rs", MAIN);
    class.file("bob.rs", MAIN);
    class.file("grades.csv", "");
    class.link("ada", "link");
    class.fifo("fifo");
    let (handed, _, problems) = told(&class);
    assert_eq!((handed, problems.len()), (vec!["ada".to_owned(), "bob".to_owned()], 3));
    assert!(class.sources("bob", "ex1").is_ok());
}

#[test]
fn a_learner_names_a_command_of_a_few() {
    let class = Class::grading(&["ex1", "ex2"]);
    class.file("ada/submission.toml", "command = \"python3 app.py\"\r\n");
    class.file("ada/ex1/app.py", "print()");
    class.file("ada/ex2/app.py", "print()");
    class.file("ada/ex2/submission.toml", "command = [\"node\", \"./index.mjs\"]");
    class.file("ada/ex2/index.mjs", "");
    class.file("bob/ex1/submission.toml", "command = \"sh -c 'curl evil'\"");
    class.file("bob/ex1/main.py", "");
    class.file("bob/ex2/submission.toml", "command = \"python3 gone.py\"");
    class.file("bob/ex2/main.py", "");
    class.file("carl/ex1/submission.toml", "command = \"go run .\"");
    class.file("carl/ex1/main.go", "package main");
    class.file("carl/ex1/util.go", "package main");
    class.file("carl/ex1/asm.s", "");
    class.file("carl/ex1/go.mod", "module main");
    class.file("carl/ex1/util_test.go", "package main");
    class.file("carl/ex2/submission.toml", "command = \"java Main.java\"");
    class.file("carl/ex2/Main.java", "");
    let taken = |learner: &str, exercise: &str| {
        let sources = class.sources(learner, exercise).expect("sources");
        (sources.language, sources.entry, sources.files.len())
    };
    assert_eq!(taken("ada", "ex1"), (Language::Python, "app.py".into(), 1));
    assert_eq!(taken("ada", "ex2"), (Language::Node, "index.mjs".into(), 1));
    assert_eq!(taken("carl", "ex1"), (Language::Go, "main.go".into(), 3));
    assert_eq!(taken("carl", "ex2"), (Language::Java, "Main.java".into(), 1));
    let why = |exercise: &str| class.sources("bob", exercise).expect_err("refused").to_string();
    assert!(why("ex1").starts_with("“sh -c 'curl evil'” is none of the commands that are allowed"), "{}", why("ex1"));
    assert_eq!(why("ex2"), "there is no gone.py (ex2)");
}

#[test]
fn names_that_are_more_than_names_are_not_taken() {
    let class = Class::new().with(Options { language: Language::Python, ..Options::default() });
    class.file("ada/main.py", "");
    class.file("ada/a'; touch pwned; '.py", "");
    class.file("bob/$(id).py", "");
    assert_eq!(class.sources("ada", "ex1").expect("sources").files.len(), 1);
    assert_eq!(class.sources("bob", "ex1").unwrap_err().to_string(), "there is no main.py");
}
