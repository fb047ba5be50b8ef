//! What an outcome depends on, as one short text: the same key, the same unit, and nothing to do again.

use sha2::{Digest, Sha256};

/// Everything that the outcome of a unit depends on.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    /// [`crate::submission::Sources::fingerprint`]
    pub sources: &'a str,
    pub exercise: &'a str,
    /// The exercise's specification, byte for byte.
    pub checks: &'a [u8],
    /// Compiler or interpreter, with its version.
    pub toolchain: &'a str,
    pub seed: u64,
    /// The bounds of the program, and whether anything holds them.
    pub limits: &'a str,
    /// The kind of broker.
    pub broker: &'a str,
}

impl Key<'_> {
    /// In hexadecimal.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let parts: [&[u8]; 8] = [
            env!("CARGO_PKG_VERSION").as_bytes(),
            self.sources.as_bytes(),
            self.exercise.as_bytes(),
            self.checks,
            self.toolchain.as_bytes(),
            &self.seed.to_le_bytes(),
            self.limits.as_bytes(),
            self.broker.as_bytes(),
        ];
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn everything_counts() {
        let key = Key {
            sources: "s",
            exercise: "ex1",
            checks: b"c",
            toolchain: "t",
            seed: 1,
            limits: "l",
            broker: "embedded",
        };
        let others = [
            Key { sources: "S", ..key },
            Key { exercise: "ex2", ..key },
            Key { checks: b"C", ..key },
            Key { toolchain: "T", ..key },
            Key { seed: 2, ..key },
            Key { limits: "L", ..key },
            Key { broker: "docker", ..key },
            Key { exercise: "ex1c", checks: b"", ..key },
        ];
        let mut digests: Vec<String> = others.iter().map(Key::digest).collect();
        assert_eq!(key.digest(), key.clone().digest());
        digests.push(key.digest());
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), others.len() + 1);
    }
}
