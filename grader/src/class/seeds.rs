//! Seeds that nobody can know beforehand, and that everybody can check afterwards.
//!
//! A seed is HMAC-SHA-256 of the unit under the class's secret, so a learner's input is the same whenever it is graded
//! again, and tells nothing about anybody else's.

use super::{ClassError, io};
use crate::files;
use crate::submission::LearnerId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::io::{ErrorKind, Write};
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
        let secret = Secret(rand::random());
        match secret.write(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Secret::read(path),
            other => other.map_err(io(path)).map(|()| secret),
        }
    }

    /// The secret in the file at `given`, which several machines share. A copy of it is kept at `path`.
    ///
    /// # Errors
    /// It cannot be read or is no secret of ours, the copy cannot be written, or there is another secret at `path`.
    pub fn shared(given: &Path, path: &Path) -> Result<Secret, ClassError> {
        // Kubernetes, say, mounts a secret as a link.
        let secret = Secret::read(&given.canonicalize().map_err(io(given))?)?;
        match secret.write(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            other => return other.map_err(io(path)).map(|()| secret),
        }
        match Secret::read(path)?.0 == secret.0 {
            true => Ok(secret),
            false => Err(ClassError::OtherSecret { given: given.to_owned(), path: path.to_owned() }),
        }
    }

    /// Makes a new secret in a file at `path`.
    ///
    /// # Errors
    /// There is a file already, or it cannot be written.
    pub fn make(path: &Path) -> Result<Secret, ClassError> {
        let secret = Secret(rand::random());
        secret.write(path).map_err(io(path)).map(|()| secret)
    }

    /// Writes it, whole or not at all, to a file that is not there yet. Only its owner can read it.
    fn write(&self, path: &Path) -> std::io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(self.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path).map(drop).map_err(|error| error.error)
    }

    /// A short text that tells this secret from others, and nothing else about it.
    pub fn fingerprint(&self) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).unwrap_or_else(|_| unreachable!("any length is a key"));
        mac.update(b"which secret this is");
        let [a, b, c, d, ..] = <[u8; 32]>::from(mac.finalize().into_bytes());
        format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
    }

    fn read(path: &Path) -> Result<Secret, ClassError> {
        let text = files::read_text(path, 1 << 10).map_err(io(path))?;
        let no_secret = || ClassError::NoSecret { path: path.to_owned() };
        let digits = text.trim().as_bytes();
        let mut bytes = [0; BYTES];
        if digits.len() != 2 * BYTES {
            return Err(no_secret());
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| no_secret())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| no_secret())?;
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
        assert!(matches!(Secret::at(&path), Err(ClassError::NoSecret { .. })));
    }

    #[test]
    fn a_shared_secret_is_copied_once_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let shared = Secret::make(&place("shared")).unwrap();
        std::os::unix::fs::symlink("shared", place("link")).unwrap();
        for given in ["shared", "link"] {
            let copy = Secret::shared(&place(given), &place("copy")).unwrap();
            assert_eq!(copy.fingerprint(), shared.fingerprint());
        }
        Secret::make(&place("other")).unwrap();
        assert!(matches!(Secret::shared(&place("other"), &place("copy")), Err(ClassError::OtherSecret { .. })));
        assert!(matches!(Secret::make(&place("shared")), Err(ClassError::Io { .. })), "none is overwritten");
        assert_eq!(Secret::at(&place("copy")).unwrap().fingerprint(), shared.fingerprint());
    }
}
