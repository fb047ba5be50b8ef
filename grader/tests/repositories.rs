//! Bare git repositories that learners hand in, and what a hostile one must not do.

#[path = "submissions/hand_in.rs"]
mod hand_in;

use hand_in::{Class, MAIN};
use std::path::Path;
use std::process::Command;

#[track_caller]
fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    git.envs([("GIT_COMMITTER_DATE", "2026-09-30T06:21:13Z"), ("GIT_AUTHOR_DATE", "2026-09-29T06:21:13Z")]);
    for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"] {
        git.env(name, "ada@x.org");
    }
    let told = git.output().expect("git");
    assert!(told.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&told.stderr));
}

/// A bare repository with one commit on `main`, in which a program and a link lie.
fn repository(class: &Class, name: &str, format: &str) {
    let work = class.outside(&format!("{name}.work"));
    std::fs::create_dir_all(work.join("src")).expect("a folder");
    std::fs::write(work.join("src/main.rs"), MAIN).expect("a file");
    std::fs::write(work.join(".gitattributes"), "*.rs filter=evil\n").expect("a file");
    std::os::unix::fs::symlink("/etc/passwd", work.join("src/link.rs")).expect("a link");
    git(&work, &["init", "-q", "-b", "main", &format!("--object-format={format}")]);
    git(&work, &["add", "."]);
    git(&work, &["commit", "-q", "-m", "work"]);
    let bare = class.path(&format!("{name}.git"));
    git(&work, &["clone", "-q", "--bare", "--no-hardlinks", ".", bare.to_str().expect("UTF-8")]);
}

#[test]
fn the_commit_of_head_counts() {
    let class = Class::new();
    for (name, format) in [("ada", "sha1"), ("bob", "sha256")] {
        repository(&class, name, format);
        let submission = class.open(name);
        let sources = submission.exercises["ex1"].as_ref().unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(sources.files.iter().collect::<Vec<_>>(), [(&"src/main.rs".to_owned(), &MAIN.as_bytes().to_vec())]);
        assert_eq!(submission.handed_in, "2026-09-30T06:21:13Z".parse().ok());
        assert!(submission.notes.iter().any(|note| note.what.starts_with("a link")), "{:?}", submission.notes);
    }
}

#[test]
fn a_head_without_its_branch_takes_the_only_one() {
    let class = Class::new();
    for name in ["loose", "packed", "none"] {
        repository(&class, name, "sha1");
        std::fs::write(class.path(&format!("{name}.git/HEAD")), "ref: refs/heads/master\n").expect("HEAD");
    }
    git(&class.path("loose.git"), &["branch", "-q", "-M", "main", "work"]);
    std::fs::write(class.path("loose.git/HEAD"), "ref: refs/heads/master\n").expect("HEAD");
    git(&class.path("packed.git"), &["pack-refs", "--all"]);
    std::fs::remove_dir_all(class.path("none.git/refs/heads")).expect("removed");
    std::fs::remove_file(class.path("none.git/packed-refs")).ok();
    std::fs::create_dir(class.path("none.git/refs/heads")).expect("a folder");
    assert!(class.sources("loose", "ex1").is_ok() && class.sources("packed", "ex1").is_ok());
    assert_eq!(class.sources("none", "ex1").unwrap_err().to_string(), "there is no commit in it");
}

#[test]
fn nothing_in_a_repository_acts() {
    let class = Class::new();
    repository(&class, "ada", "sha1");
    let bare = class.path("ada.git");
    let trap = class.outside("trap.sh");
    let sprung = class.outside("sprung");
    std::fs::write(&trap, format!("#!/bin/sh\ntouch {}\n", sprung.display())).expect("a script");
    let mode = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    std::fs::set_permissions(&trap, mode).expect("executable");
    let trap = trap.display();
    // From there git would fetch what is missing, with a program of the repository's choice.
    let work = class.outside("ada.work");
    let work = work.display();
    let settings = format!(
        "[core]\nrepositoryformatversion = 1\nbare = true\nfsmonitor = {trap}\nsshCommand = {trap}\npager = {trap}\n\
         alternateRefsCommand = {trap}\nhooksPath = /tmp\n[extensions]\npartialClone = origin\n\
         [remote \"origin\"]\nurl = {work}\nuploadpack = {trap}\npromisor = true\n\
         [filter \"evil\"]\nsmudge = {trap}\nclean = {trap}\n[include]\npath = /dev/zero\n"
    );
    std::fs::write(bare.join("config"), settings).expect("settings");
    for hook in ["post-checkout", "reference-transaction", "pre-auto-gc"] {
        std::fs::create_dir_all(bare.join("hooks")).expect("a folder");
        std::fs::copy(class.outside("trap.sh"), bare.join("hooks").join(hook)).expect("a hook");
    }
    assert!(class.sources("ada", "ex1").is_ok());
    // An object that is not there is not fetched either.
    let mut folders = vec![bare.join("objects")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            match entry.is_dir() {
                true => folders.push(entry),
                false => std::fs::remove_file(entry).expect("removed"),
            }
        }
    }
    assert_eq!(class.sources("ada", "ex1").unwrap_err().to_string(), "a damaged repository");
    assert!(!sprung.exists(), "something of the repository was run");
}

#[test]
fn objects_of_others_are_not_read() {
    let class = Class::new();
    repository(&class, "ada", "sha1");
    let objects = class.path("ada.git/objects");
    for name in ["alternates", "links"] {
        let bare = class.path(&format!("{name}.git"));
        std::fs::create_dir_all(bare.join("refs/heads")).expect("a folder");
        std::fs::create_dir_all(bare.join("objects/info")).expect("a folder");
        for file in ["HEAD", "packed-refs"] {
            std::fs::copy(class.path("ada.git").join(file), bare.join(file)).expect("a copy");
        }
    }
    std::fs::write(class.path("alternates.git/objects/info/alternates"), objects.to_str().expect("UTF-8"))
        .expect("a file");
    std::os::unix::fs::symlink(&objects, class.path("links.git/objects/aa")).expect("a link");
    let why = |learner: &str| class.sources(learner, "ex1").unwrap_err().to_string();
    assert_eq!(why("alternates"), "the repository's objects lie elsewhere (objects/info/alternates)");
    assert_eq!(why("links"), "the repository's objects lie elsewhere (objects/aa)");
}
