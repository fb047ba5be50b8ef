//! What builds or runs submissions, with its version: an outcome depends on it.

use crate::submission::Language;
use std::process::{Command, Stdio};

/// Compiler or interpreter with its version, in one line; empty where there is none.
pub fn version(language: Language) -> String {
    let (program, argument) = match language {
        Language::Rust => ("rustc", "--version"),
        Language::Python => ("python3", "--version"),
        Language::Node => ("node", "--version"),
        Language::Go => ("go", "version"),
        Language::Java => ("java", "--version"),
    };
    let output = Command::new(program).arg(argument).stdin(Stdio::null()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().map(|line| format!("{program} {line}")).unwrap_or_default()
}
