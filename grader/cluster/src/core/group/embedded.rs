//! What consumers of the classic protocol tell each other in bytes that a coordinator only passes on: the "embedded"
//! protocol (`ConsumerProtocolSubscription`, `ConsumerProtocolAssignment`). All versions begin as version 0 does, and a
//! newer one is read as far as it is known.

use bytes::{BufMut, Bytes, BytesMut};

/// The newest version of both.
const NEWEST: i16 = 3;

/// Partitions by the names of their topics.
pub type ByTopic = Vec<(String, Vec<i32>)>;

/// What a member tells the leader of its group.
#[derive(Debug, PartialEq, Eq)]
pub struct Subscription {
    pub version: i16,
    pub topics: Vec<String>,
    /// What it owns, from version 1 on.
    pub owned: ByTopic,
    /// From version 3 on.
    pub rack: Option<String>,
}

impl Subscription {
    /// None if these bytes are not a subscription.
    pub fn read(bytes: &[u8]) -> Option<Subscription> {
        let mut from = Cursor(bytes);
        let version = from.version()?;
        let topics = from.list(Cursor::text)?;
        from.skip_data()?;
        let owned = if version >= 1 { from.list(Cursor::topic)? } else { Vec::new() };
        if version >= 2 {
            from.i32()?; // the generation that it is of
        }
        let rack = if version >= 3 { from.nullable_text()? } else { None };
        Some(Subscription { version, topics, owned, rack })
    }
}

/// The topics that a member subscribes to; none if these bytes are not a subscription. More is not asked of them.
pub fn topics(subscription: &[u8]) -> Option<Vec<String>> {
    let mut from = Cursor(subscription);
    from.version()?;
    let topics = from.list(Cursor::text)?;
    from.skip_data()?;
    Some(topics)
}

/// What a member was assigned; none if these bytes are not an assignment. No bytes are none.
pub fn read_assignment(bytes: &[u8]) -> Option<ByTopic> {
    if bytes.is_empty() {
        return Some(ByTopic::new());
    }
    let mut from = Cursor(bytes);
    from.version()?;
    let assigned = from.list(Cursor::topic)?;
    from.skip_data()?;
    Some(assigned)
}

/// The same the other way.
pub fn write_assignment(version: i16, assigned: &ByTopic) -> Bytes {
    let mut to = BytesMut::new();
    to.put_i16(version);
    put_count(&mut to, assigned.len());
    for (topic, partitions) in assigned {
        to.put_i16(i16::try_from(topic.len()).unwrap_or(i16::MAX)); // names have 249 characters at most
        to.put_slice(topic.as_bytes());
        put_count(&mut to, partitions.len());
        partitions.iter().for_each(|partition| to.put_i32(*partition));
    }
    to.put_i32(-1); // no user data
    to.freeze()
}

fn put_count(to: &mut BytesMut, count: usize) {
    to.put_i32(i32::try_from(count).unwrap_or(i32::MAX));
}

/// Takes values off bytes that somebody else has written. A list grows only by what is there.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn i16(&mut self) -> Option<i16> {
        self.take(2).map(|bytes| i16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn i32(&mut self) -> Option<i32> {
        self.take(4).map(|bytes| i32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn version(&mut self) -> Option<i16> {
        self.i16().filter(|version| *version >= 0).map(|version| version.min(NEWEST))
    }

    fn text(&mut self) -> Option<String> {
        self.nullable_text()?
    }

    fn nullable_text(&mut self) -> Option<Option<String>> {
        let length = self.i16()?;
        if length < 0 {
            return Some(None);
        }
        let bytes = self.take(usize::try_from(length).ok()?)?;
        Some(Some(String::from_utf8(bytes.to_vec()).ok()?))
    }

    fn list<T>(&mut self, entry: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.i32().filter(|count| *count >= 0)?;
        let mut entries = Vec::new();
        for _ in 0..count {
            entries.push(entry(self)?);
        }
        Some(entries)
    }

    fn topic(&mut self) -> Option<(String, Vec<i32>)> {
        Some((self.text()?, self.list(Cursor::i32)?))
    }

    /// The user data, which may be null, but is always there.
    fn skip_data(&mut self) -> Option<()> {
        let length = self.i32()?.max(0);
        self.take(usize::try_from(length).ok()?).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] =
        b"\0\x03\0\0\0\x02\0\x01a\0\x02bc\xff\xff\xff\xff\0\0\0\x01\0\x01a\0\0\0\x01\0\0\0\x07\0\0\0\x05\0\x01r";

    #[test]
    fn a_subscription_is_read_and_garbage_is_not() {
        let read = Subscription::read(WHOLE).unwrap();
        assert_eq!((read.version, read.topics, read.rack.as_deref()), (3, vec!["a".into(), "bc".into()], Some("r")));
        assert_eq!(read.owned, [("a".to_owned(), vec![7])]);
        for length in 0..WHOLE.len() {
            assert_eq!(Subscription::read(&WHOLE[..length]), None, "{length}");
        }
        let v0 = [b"\0\0", &WHOLE[2..17]].concat();
        assert_eq!(Subscription::read(&v0).unwrap().topics.len(), 2);
        for length in 0..v0.len() {
            assert_eq!(topics(&v0[..length]), None, "{length}");
        }
        assert_eq!(topics(b"\0\0\x7f\xff\xff\xff\0\x01a"), None, "a count that nothing follows");
        assert_eq!(topics(b"\xff\xff\0\0\0\0\xff\xff\xff\xff"), None, "a negative version");
    }

    #[test]
    fn an_assignment_comes_back_as_it_was_written() {
        let assigned = vec![("a".to_owned(), vec![0, 7]), ("bc".to_owned(), vec![])];
        for version in 0..=3 {
            let bytes = write_assignment(version, &assigned);
            assert_eq!(bytes[..2], version.to_be_bytes());
            assert_eq!(read_assignment(&bytes), Some(assigned.clone()));
            assert_eq!(read_assignment(&bytes[..bytes.len() - 1]), None);
        }
        assert_eq!(read_assignment(b""), Some(vec![]));
    }
}
