//! Seeds that nobody can know beforehand, and that everybody can check afterwards.
//!
//! A seed is HMAC-SHA-256 of the unit under the class's secret, so a learner's input is the same whenever it is graded
//! again, and tells nothing about anybody else's.

use super::{ClassError, io};
use crate::files;
use crate::submission::LearnerId;
use hmac::{Hmac, KeyInit, Mac};
use rustix::fs::{Mode, OFlags};
use sha2::Sha256;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const BYTES: usize = 32;

/// A class's secret.
#[derive(Clone)]
pub struct Secret([u8; BYTES]);

impl Secret {
    /// The secret in the file at `path`; where there is none, a new one is made. Only its owner can read it.
    ///
    /// # Errors
    /// It can be neither read nor written, or is no secret of ours.
    pub fn at(path: &Path) -> Result<Secret, ClassError> {
        let fresh: [u8; BYTES] = rand::random();
        let flags = (OFlags::NOFOLLOW | OFlags::CLOEXEC).bits().cast_signed();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(Mode::RUSR.bits()).custom_flags(flags);
        match options.open(path) {
            Ok(mut file) => {
                let text: String = fresh.iter().map(|byte| format!("{byte:02x}")).collect();
                file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io(path))?;
                Ok(Secret(fresh))
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Secret::read(path),
            Err(error) => Err(io(path)(error)),
        }
    }

    fn read(path: &Path) -> Result<Secret, ClassError> {
        let text = files::read_text(path, 1 << 10).map_err(io(path))?;
        let not_ours = || ClassError::NotOurs { path: path.to_owned(), what: "no secret of 64 digits".into() };
        let digits = text.trim().as_bytes();
        let mut bytes = [0; BYTES];
        if digits.len() != 2 * BYTES {
            return Err(not_ours());
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| not_ours())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| not_ours())?;
        }
        Ok(Secret(bytes))
    }

    /// The seed of a learner's `sitting`th run (from 1) of an exercise. It has 32 bits, to be typed behind `--seed`.
    pub fn seed(&self, exercise: &str, learner: &LearnerId, sitting: u32) -> u64 {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).unwrap_or_else(|_| unreachable!("any length is a key"));
        for part in [exercise.as_bytes(), learner.as_str().as_bytes()] {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac.update(&sitting.to_le_bytes());
        let [a, b, c, d, ..] = <[u8; 32]>::from(mac.finalize().into_bytes());
        u64::from(u32::from_le_bytes([a, b, c, d]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_stable_and_differ() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let secret = Secret::at(&path).unwrap();
        let again = Secret::at(&path).unwrap();
        let ada = LearnerId::new("ada").unwrap();
        let seed = |secret: &Secret, exercise: &str, sitting| secret.seed(exercise, &ada, sitting);
        assert_eq!(seed(&secret, "ex1", 1), seed(&again, "ex1", 1));
        assert_ne!(seed(&secret, "ex1", 1), seed(&secret, "ex1", 2));
        assert_ne!(seed(&secret, "ex1", 1), seed(&secret, "ex2", 1));
        let other = Secret::at(&folder.path().join("other")).unwrap();
        assert_ne!(seed(&secret, "ex1", 1), seed(&other, "ex1", 1));
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "not one").unwrap();
        assert!(matches!(Secret::at(&path), Err(ClassError::NotOurs { .. })));
    }
}
