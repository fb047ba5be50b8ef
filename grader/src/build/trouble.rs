//! What keeps cargo from building that is not in the program: the disk, the network, the installation.
//!
//! Cargo has no codes for these, only words. Where a word is not known, the trouble is still never the learner's.

use std::fmt;

/// Trouble of the machine, or of what is installed on it. Displayed, it says what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    NoSpace,
    /// Cargo may not read or write somewhere.
    Denied,
    /// A compiler or linker was killed.
    Killed,
    CompilerCrashed,
    /// A compiler has come to no end, though it has hardly had a processor.
    Busy,
    NoLinker,
    NoToolchain,
    /// Not the compiler that a packed course was built with.
    OtherCompiler {
        wanted: String,
        found: String,
    },
    Network,
    LockFile,
    /// The manifest of another package of the course.
    Manifest(String),
    /// A library that is not the course's, by name.
    Library(String),
    Unknown,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Trouble::NoSpace => "there is no space left on the disk where cargo builds. Free some, then try again.",
            Trouble::Denied => {
                "cargo may not read or write something that it needs. Does it belong to another user, or is the disk \
                 read-only? Make it yours (chown -R), then try again."
            }
            Trouble::Killed => {
                "the compiler was killed, most likely because the memory is full. Close other programs, or let cargo \
                 do one thing at a time (export CARGO_BUILD_JOBS=1), then try again."
            }
            Trouble::CompilerCrashed => {
                "the compiler itself crashed. Remove what it has built so far (cargo clean), then try again."
            }
            Trouble::Busy => "the machine was too busy for the compiler. Let it do less at a time, then try again.",
            Trouble::NoLinker => {
                "no linker was found. Install a C compiler (Debian: apt install build-essential; macOS: xcode-select \
                 --install), then try again."
            }
            Trouble::NoToolchain => {
                "Rust is not completely installed. See what is there (rustup show), install the rest (rustup update), \
                 then try again."
            }
            Trouble::OtherCompiler { wanted, found } => {
                return write!(
                    f,
                    "this course was packed with {wanted}. Here is {found}. Install exactly the former, and let PATH (or \
                     RUSTC) lead to it."
                );
            }
            Trouble::Network => {
                "cargo cannot download what the course needs. Is this machine connected? Then try again; what was \
                 downloaded once is kept."
            }
            Trouble::LockFile => {
                "Cargo.lock is damaged, or does not fit the course. Put it as it was (git checkout Cargo.lock), then \
                 try again."
            }
            Trouble::Manifest(path) => {
                return write!(f, "cargo cannot read {path}. Put it as it was (git diff shows what was changed).");
            }
            Trouble::Library(name) => {
                return write!(f, "the library {name} cannot be built here. What is missing: kafkacourse doctor");
            }
            Trouble::Unknown => "cargo failed, and not because of the program.",
        };
        f.write_str(text)
    }
}

/// The trouble that an error without a place in the sources stands for, if the machine is in trouble. A linker's command
/// line is part of such an error, so only words count that no path holds.
pub(super) fn is_the_machines(said: &str) -> Option<Trouble> {
    let any = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if any(&["(os error 28)", "No space left on device", "(os error 122)", "Disk quota exceeded"]) {
        Some(Trouble::NoSpace)
    } else if any(&["SIGKILL", "terminated with signal 9", "(os error 12)", "memory allocation of"]) {
        Some(Trouble::Killed)
    } else if said.contains("linker `") && said.contains("` not found") {
        Some(Trouble::NoLinker)
    } else if any(&["(os error 13)", "Permission denied", "(os error 30)", "Read-only file system"]) {
        Some(Trouble::Denied)
    } else {
        None
    }
}

/// The trouble that cargo's own words tell of; none where they are about the manifest of `package`, which is the
/// learner's. `manifest` is the end of that file's path.
pub(super) fn of_cargos_words(said: &str, package: &str, manifest: &str) -> Option<Trouble> {
    let any = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if let Some(trouble) = is_the_machines(said) {
        return Some(trouble);
    }
    if any(&["(signal: "]) {
        return Some(Trouble::CompilerCrashed);
    }
    if any(&["rustup could not", "no default toolchain", "is not installed", "not a valid toolchain", "error: rustup"])
    {
        return Some(Trouble::NoToolchain);
    }
    if any(&[
        "failed to download",
        "download of ",
        "failed to fetch",
        "resolve host",
        "network failure",
        "unable to update registry",
        "Unable to update registry",
        "connect to server",
        "--offline",
        "network access",
    ]) {
        return Some(Trouble::Network);
    }
    if any(&["parse lock file", "lock file version", "the lock file"]) {
        return Some(Trouble::LockFile);
    }
    if said.contains(manifest) || said.contains(&format!("required by package `{package} ")) {
        return None;
    }
    let quoted = |before: &str| Some(said.split_once(before)?.1.split('`').next()?.to_owned());
    if let Some(path) =
        quoted("failed to parse manifest at `").or_else(|| quoted("failed to load manifest for workspace member `"))
    {
        return Some(Trouble::Manifest(path));
    }
    match quoted("failed to run custom build command for `") {
        Some(library) => Some(Trouble::Library(library.split(' ').next().unwrap_or_default().to_owned())),
        None => Some(Trouble::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(said: &str) -> Option<Trouble> {
        of_cargos_words(said, "ex01-basics", "exercises/ex01-basics/Cargo.toml")
    }

    #[test]
    fn what_cargo_says_is_understood() {
        for (said, expected) in [
            (
                "error: failed to write `/c/target/debug/x`\n\nCaused by:\n  No space left on device (os error 28)",
                Trouble::NoSpace,
            ),
            (
                "error: failed to open: /c/target/debug/.cargo-lock\n\nCaused by:\n  Permission denied (os error 13)",
                Trouble::Denied,
            ),
            (
                "error: could not compile `ex01` (bin \"ex01\")\n\nCaused by:\n  process didn't exit successfully: `/root/.rustup/toolchains/x/bin/rustc` (signal: 9, SIGKILL: kill)",
                Trouble::Killed,
            ),
            (
                "Caused by:\n  process didn't exit successfully: `rustc` (signal: 11, SIGSEGV: invalid memory reference)",
                Trouble::CompilerCrashed,
            ),
            (
                "error: rustup could not choose a version of cargo to run, because one wasn't specified explicitly, and no default is configured.",
                Trouble::NoToolchain,
            ),
            ("error: toolchain '1.95-x86_64-unknown-linux-gnu' is not installed", Trouble::NoToolchain),
            (
                "error: failed to get `serde` as a dependency of package `kit v0.1.0 (/c/exercises/kit)`\n\nCaused by:\n  [6] Could not resolve hostname (Could not resolve host: index.crates.io)",
                Trouble::Network,
            ),
            ("error: failed to parse lock file at: /c/Cargo.lock", Trouble::LockFile),
            (
                "error: failed to load manifest for workspace member `/c/exercises/ex02-x`\n\nCaused by:\n  failed to parse manifest at `/c/exercises/ex02-x/Cargo.toml`",
                Trouble::Manifest("/c/exercises/ex02-x/Cargo.toml".into()),
            ),
            (
                "error: failed to run custom build command for `rdkafka-sys v4.10.0+2.12.1`",
                Trouble::Library("rdkafka-sys".into()),
            ),
            ("error: something that nobody has seen before", Trouble::Unknown),
            ("", Trouble::Unknown),
        ] {
            assert_eq!(trouble(said), Some(expected), "{said}");
        }
    }

    #[test]
    fn the_learners_own_manifest_is_the_learners() {
        for said in [
            "error: failed to parse manifest at `/c/exercises/ex01-basics/Cargo.toml`\n\nCaused by:\n  no",
            "error: no matching package named `serdee` found\nlocation searched: crates.io index\nrequired by package `ex01-basics v0.1.0 (/c/exercises/ex01-basics)`",
        ] {
            assert_eq!(trouble(said), None, "{said}");
        }
    }
}
