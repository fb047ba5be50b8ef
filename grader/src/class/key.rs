//! What a run depends on, as one short text: the same key, the same run. Whether its outcome still counts depends on the
//! checks as well, see [`super::spec::Spec::checks`].

use sha2::{Digest, Sha256};

/// Everything that the run of a unit depends on.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    /// [`crate::submission::Sources::fingerprint`]
    pub sources: &'a str,
    pub exercise: &'a str,
    /// [`super::spec::Spec::scenarios`]. What judges the run has no part in it.
    pub scenarios: &'a str,
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
        let seed = self.seed.to_string();
        let parts = [self.sources, self.exercise, self.scenarios, self.toolchain, &seed, self.limits, self.broker];
        digest(parts)
    }
}

/// A fingerprint of these parts, in hexadecimal.
pub(super) fn digest<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn everything_counts() {
        let key = Key {
            sources: "s",
            exercise: "ex1",
            scenarios: "c",
            toolchain: "t",
            seed: 1,
            limits: "l",
            broker: "embedded",
        };
        let others = [
            Key { sources: "S", ..key },
            Key { exercise: "ex2", ..key },
            Key { scenarios: "C", ..key },
            Key { toolchain: "T", ..key },
            Key { seed: 2, ..key },
            Key { limits: "L", ..key },
            Key { broker: "docker", ..key },
            Key { exercise: "ex1c", scenarios: "", ..key },
        ];
        let mut digests: Vec<String> = others.iter().map(Key::digest).collect();
        assert_eq!(key.digest(), key.clone().digest());
        digests.push(key.digest());
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), others.len() + 1);
    }
}
