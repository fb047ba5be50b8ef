//! `grader secret`: the secret that all parts of a class share.

use crate::class::seeds::Secret;
use crate::report::out::outln;
use std::path::Path;

pub fn secret(file: &Path) -> anyhow::Result<u8> {
    Secret::make(file)?;
    outln!("{}: whoever has it knows every seed. Give it to each part: --secret {0}", file.display());
    Ok(0)
}
