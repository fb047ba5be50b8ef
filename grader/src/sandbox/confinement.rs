//! What a program that is not trusted may have, as data.

use crate::evidence::Limit;
use crate::limits;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What a program finds in its cell, and how much of the machine it may take. It has no network but a loopback of its
/// own, whatever is said here, and no environment but what it is started with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Files and folders that it may read and execute, at the paths that they have outside. What does not exist is left
    /// out.
    pub readable: Vec<PathBuf>,
    /// Folders that it may write into, at the paths that they have outside.
    pub writable: Vec<PathBuf>,
    pub bounds: Bounds,
}

/// How much it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// Bytes of memory of all its processes together; its temporary files count where the machine has cgroups.
    pub memory: u64,
    /// Bytes of its temporary files, which lie in memory.
    pub temporary: u64,
    /// Processes and threads that it has at once.
    pub processes: u64,
    /// Files that one process has open at once.
    pub open_files: u64,
    /// Bytes of one file that it writes.
    pub file_bytes: u64,
    /// Seconds of a processor's time that one process takes.
    pub cpu_seconds: u64,
    /// Seconds on the clock from its start to its end.
    pub seconds: u64,
}

/// What is needed to run what was linked to the system's libraries.
const LIBRARIES: [&str; 5] = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"];

/// What is needed to run a shell, and the interpreters and tools that the system has installed.
const SYSTEM: [&str; 9] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/ssl/openssl.cnf",
    "/etc/ssl/certs",
];

/// What the settings of each Java begin with in `/etc`, where Debian keeps them; no Java starts without them.
const JAVA: &str = "/etc/java-";

impl Confinement {
    /// That of a compiled program: it finds the system's libraries, and itself.
    pub fn of_program() -> Confinement {
        Confinement {
            readable: LIBRARIES.map(PathBuf::from).into(),
            writable: Vec::new(),
            bounds: Bounds::of_program(),
        }
    }

    /// That of a program which the system's interpreters run.
    pub fn of_script() -> Confinement {
        let settings = std::fs::read_dir("/etc").into_iter().flatten().flatten().map(|entry| entry.path());
        let of_java = settings.filter(|path| path.to_str().is_some_and(|path| path.starts_with(JAVA)));
        let readable = SYSTEM.map(PathBuf::from).into_iter().chain(of_java).collect();
        Confinement { readable, ..Confinement::of_program() }
    }

    /// That of a compiler, which finds the system's linker.
    pub fn of_compiler() -> Confinement {
        Confinement { bounds: Bounds::of_compiler(), ..Confinement::of_script() }
    }

    /// The same, and it may read `path`.
    pub fn reading(mut self, path: impl Into<PathBuf>) -> Confinement {
        self.readable.push(path.into());
        self
    }

    /// The same, and it may write into the folder `path`.
    pub fn writing(mut self, path: impl Into<PathBuf>) -> Confinement {
        self.writable.push(path.into());
        self
    }

    /// Is `path` in one of the folders that it finds?
    pub fn shows(&self, path: &Path) -> bool {
        self.readable.iter().chain(&self.writable).any(|shown| path.starts_with(shown))
    }
}

impl Bounds {
    /// Those of a learner's program.
    pub fn of_program() -> Bounds {
        Bounds {
            memory: limits::MEMORY_BYTES,
            temporary: limits::TEMPORARY_BYTES,
            processes: limits::PROCESSES,
            open_files: limits::OPEN_FILES,
            file_bytes: limits::FOLDER_BYTES,
            cpu_seconds: limits::CPU_SECONDS,
            seconds: limits::RUN_SECONDS,
        }
    }

    /// Those of a compiler that is given a learner's sources.
    pub fn of_compiler() -> Bounds {
        Bounds {
            memory: limits::COMPILER_MEMORY_BYTES,
            file_bytes: limits::COMPILED_BYTES,
            cpu_seconds: limits::COMPILER_SECONDS,
            seconds: 2 * limits::COMPILER_SECONDS,
            ..Bounds::of_program()
        }
    }
}

/// Which of its bounds a program has run into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exceeded {
    Memory,
    Processes,
    CpuTime,
    FileSize,
    Time,
}

impl Exceeded {
    pub const ALL: [Exceeded; 5] =
        [Exceeded::Memory, Exceeded::Processes, Exceeded::CpuTime, Exceeded::FileSize, Exceeded::Time];

    /// As evidence has it.
    pub fn limit(self, bounds: &Bounds) -> Limit {
        match self {
            Exceeded::Memory => Limit::Memory(bounds.memory),
            Exceeded::Processes => Limit::Processes(bounds.processes),
            Exceeded::CpuTime => Limit::CpuSeconds(bounds.cpu_seconds),
            Exceeded::FileSize => Limit::FileBytes(bounds.file_bytes),
            Exceeded::Time => Limit::Seconds(bounds.seconds),
        }
    }
}
