//! Ids for learners whom no roster names.

use super::learner::LearnerId;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// An id for each of `names`, in their order: the name itself where it can be one. Where it cannot, or where another
/// differs from it in large and small letters only, a few letters of its hash come after it, so that the same name gets
/// the same id in every run. None of `taken` is given again.
pub fn ids(names: &[&str], taken: &[LearnerId]) -> Vec<LearnerId> {
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    let all = taken.iter().map(LearnerId::as_str).chain(names.iter().copied());
    all.for_each(|name| *alike.entry(plain(name).to_lowercase()).or_default() += 1);
    let mut taken: BTreeSet<String> = taken.iter().map(|id| id.as_str().to_lowercase()).collect();
    let ids = names.iter().map(|name| {
        let plain = plain(name);
        let unique = alike.get(&plain.to_lowercase()) == Some(&1);
        let mut id = LearnerId::new(name).filter(|_| unique).unwrap_or_else(|| hashed(&plain, name, 0));
        let mut repeated = 0;
        while !taken.insert(id.as_str().to_lowercase()) {
            repeated += 1;
            id = hashed(&plain, name, repeated);
        }
        id
    });
    ids.collect()
}

/// What is left of a name when an id is to be made of it.
fn plain(name: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' };
    let plain: String = name.chars().map(allowed).collect();
    let plain: String = plain.trim_start_matches(['.', '-']).chars().take(LearnerId::LONGEST - HASH - 1).collect();
    if plain.is_empty() { "learner".to_owned() } else { plain }
}

/// Letters of a hash.
const HASH: usize = 8;

fn hashed(plain: &str, name: &str, repeated: u32) -> LearnerId {
    let hash = Sha256::new().chain_update(name).chain_update(repeated.to_le_bytes()).finalize();
    let hash: String = hash.iter().take(HASH / 2).map(|byte| format!("{byte:02x}")).collect();
    LearnerId::new(&format!("{plain}-{hash}")).unwrap_or_else(|| unreachable!("of allowed letters, and short"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_its_id_where_it_can_be_one() {
        let names = ["ada", "Grace", "Zoë Q", "grace", "", "..", &"x".repeat(300), "zo/é"];
        let ids = ids(&names, &[]);
        let texts: Vec<&str> = ids.iter().map(LearnerId::as_str).collect();
        assert_eq!(texts[0], "ada");
        assert!(texts[1].starts_with("Grace-") && texts[3].starts_with("grace-"), "{texts:?}");
        assert!(texts[2].starts_with("Zo--Q-") && texts[4].starts_with("learner-"), "{texts:?}");
        let mut unique: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
        assert_eq!(super::ids(&["Zoë Q"], &[])[0], ids[2], "the same, whoever is beside it");
        let taken = [LearnerId::new("ada").unwrap()];
        assert!(super::ids(&["Ada"], &taken)[0].as_str().starts_with("Ada-"));
    }
}
