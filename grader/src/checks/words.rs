//! Numbers and lists in the sentences of findings.

/// `1 order`, `3 orders`.
pub(crate) fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// Too few: `only 3 records`, `no records`.
pub(crate) fn only(n: usize, one: &str) -> String {
    if n == 0 { format!("no {one}s") } else { format!("only {}", count(n, one)) }
}

/// A few of many, for a sentence.
pub(crate) fn some<T: std::fmt::Display>(all: &[T]) -> String {
    let few: Vec<String> = all.iter().take(3).map(T::to_string).collect();
    let more = all.len().saturating_sub(few.len());
    if more == 0 { few.join(", ") } else { format!("{} and {more} more", few.join(", ")) }
}
