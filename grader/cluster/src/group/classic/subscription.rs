//! What consumers tell the leader of their group: `ConsumerProtocolSubscription`. All versions of it begin as version 0
//! does, so that is enough to read the topics.

/// The topics that a member subscribes to; none if these bytes are not a subscription.
pub(super) fn topics(metadata: &[u8]) -> Option<Vec<String>> {
    let (version, rest) = metadata.split_first_chunk()?;
    let (count, mut rest) = rest.split_first_chunk()?;
    let count = i32::from_be_bytes(*count);
    if i16::from_be_bytes(*version) < 0 || count < 0 {
        return None;
    }
    let mut topics = Vec::new();
    for _ in 0..count {
        let (length, after) = rest.split_first_chunk()?;
        let length = usize::try_from(i16::from_be_bytes(*length)).ok()?;
        let (name, after) = after.split_at_checked(length)?;
        topics.push(String::from_utf8(name.to_vec()).ok()?);
        rest = after;
    }
    // What follows is the user data, which is there in all versions, be it null.
    let (length, rest) = rest.split_first_chunk()?;
    let length = i32::from_be_bytes(*length).max(0);
    (usize::try_from(length).ok()? <= rest.len()).then_some(topics)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_read_and_garbage_is_not() {
        let whole = b"\0\x01\0\0\0\x02\0\x01a\0\x02bc\xff\xff\xff\xff\0\0\0\0";
        assert_eq!(topics(whole), Some(vec!["a".to_owned(), "bc".to_owned()]));
        let v0 = &whole[..17];
        assert!(topics(v0).is_some());
        for length in 0..v0.len() {
            assert_eq!(topics(&v0[..length]), None, "{length}");
        }
        assert_eq!(topics(b"\0\0\x7f\xff\xff\xff\0\x01a"), None, "a count that nothing follows");
        assert_eq!(topics(b"\xff\xff\0\0\0\0\xff\xff\xff\xff"), None, "a negative version");
    }
}
