//! The few changes that the tap makes to frames on their way.
//!
//! A Kafka client connects to the address it was given only once. From then on it goes where the brokers' answers send
//! it, so a tap that left those alone would lose its clients. Frames are not taken apart and written anew: the exact
//! bytes of an address are replaced and all others stay as they came, tagged fields that we never heard of included.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use super::api::*;
use super::decode;
use super::head::{RequestHead, check_version, response_body};
use super::reader::{Malformed, Reader, Result};
use super::writer::Writer;

/// Called with node id, host and port of a broker; returns the address that clients are told instead.
type Advertise<'a> = &'a mut dyn FnMut(i32, &str, u16) -> (String, u16);

/// A response in which every broker's address is the one that `advertise` gives; `None` where nothing is to change.
///
/// Addresses are in Metadata, FindCoordinator and DescribeCluster, and since KIP-951 in Produce and Fetch answers too:
/// a broker that no longer leads a partition adds where the new leader is. Those are only hints, so they are emptied.
/// Forgetting them is a known hole: clients quietly leave the tap after the first change of leadership.
pub fn rewrite_addresses(api: i16, version: i16, frame: &Bytes, advertise: Advertise) -> Result<Option<Bytes>> {
    let edit: fn(i16, &mut Edit<'_>) -> Result<()> = match api {
        METADATA => metadata,
        FIND_COORDINATOR => find_coordinator,
        DESCRIBE_CLUSTER => describe_cluster,
        PRODUCE if version >= 10 => produce,
        FETCH if version >= 16 => fetch,
        _ => return Ok(None),
    };
    let mut edited = || {
        check_version(api, version)?;
        let mut places = Edit {
            r: response_body(api, version, frame)?,
            flexible: flexible(api, version),
            advertise,
            changes: Vec::new(),
        };
        edit(version, &mut places)?;
        Ok(apply(frame, places.changes))
    };
    edited().map_err(|why: Malformed| why.within(format_args!("{} v{version} response", api_name(api))))
}

/// A walk through a response that collects what to put where.
struct Edit<'a> {
    r: Reader<'a>,
    flexible: bool,
    advertise: Advertise<'a>,
    changes: Vec<(Range<usize>, Bytes)>,
}

/// The frame with the changes made, which are in the order of their places.
fn apply(frame: &Bytes, changes: Vec<(Range<usize>, Bytes)>) -> Option<Bytes> {
    if changes.is_empty() {
        return None;
    }
    let mut out = BytesMut::new();
    let mut done = 0;
    for (place, bytes) in changes {
        out.extend_from_slice(frame.get(done..place.start).unwrap_or_default());
        out.extend_from_slice(&bytes);
        done = place.end;
    }
    out.extend_from_slice(frame.get(done..).unwrap_or_default());
    Some(out.freeze())
}

/// Node id, host and port, which stand together in all of these messages. A node below 0 means "none", and its address
/// is empty.
fn endpoint(
    r: &mut Reader,
    flexible: bool,
    advertise: Advertise,
    changes: &mut Vec<(Range<usize>, Bytes)>,
) -> Result<()> {
    let node = r.i32("node_id")?;
    let start = r.at();
    let host = r.string("host")?;
    let port = r.i32("port")?;
    let Ok(port) = u16::try_from(port) else {
        return Ok(());
    };
    if node < 0 || host.is_empty() {
        return Ok(());
    }
    let (new_host, new_port) = advertise(node, &host, port);
    if (new_host.as_str(), new_port) != (host.as_str(), port) {
        let mut out = Writer::fragment(flexible);
        out.string(&new_host);
        out.i32(i32::from(new_port));
        changes.push((start..r.at(), out.finish()));
    }
    Ok(())
}

fn metadata(version: i16, edit: &mut Edit) -> Result<()> {
    let Edit { r, flexible, advertise, changes } = edit;
    if version >= 3 {
        r.i32("throttle_time_ms")?;
    }
    r.array("brokers", |r| {
        endpoint(r, *flexible, advertise, changes)?;
        if version >= 1 {
            r.nullable_string("rack")?;
        }
        r.skip_tags()
    })?;
    Ok(()) // topics follow, which name brokers by id only
}

fn find_coordinator(version: i16, edit: &mut Edit) -> Result<()> {
    let Edit { r, flexible, advertise, changes } = edit;
    if version >= 1 {
        r.i32("throttle_time_ms")?;
    }
    if version < 4 {
        r.i16("error_code")?;
        if version >= 1 {
            r.nullable_string("error_message")?;
        }
        return endpoint(r, *flexible, advertise, changes);
    }
    r.array("coordinators", |r| {
        r.string("key")?;
        endpoint(r, *flexible, advertise, changes)?;
        r.i16("error_code")?;
        r.nullable_string("error_message")?;
        r.skip_tags()
    })?;
    Ok(())
}

fn describe_cluster(version: i16, edit: &mut Edit) -> Result<()> {
    let Edit { r, flexible, advertise, changes } = edit;
    r.i32("throttle_time_ms")?;
    r.i16("error_code")?;
    r.nullable_string("error_message")?;
    if version >= 1 && r.i8("endpoint_type")? != 1 {
        return Ok(()); // controllers, which clients of topics never connect to
    }
    r.string("cluster_id")?;
    r.i32("controller_id")?;
    r.array("brokers", |r| {
        endpoint(r, *flexible, advertise, changes)?;
        r.nullable_string("rack")?;
        if version >= 2 {
            r.bool("is_fenced")?;
        }
        r.skip_tags()
    })?;
    Ok(())
}

/// `NodeEndpoints` is tag 0 at the end of both answers. An empty array takes its place: size 1, count + 1 = 1.
fn no_endpoints(r: &mut Reader, changes: &mut Vec<(Range<usize>, Bytes)>) -> Result<()> {
    r.tags(|tag, place| {
        if tag == 0 {
            changes.push((place, Bytes::from_static(&[1, 1])));
        }
    })
}

/// Topics and their partitions, walked over as the decoder does it, down to the tagged fields at the end.
fn produce(version: i16, edit: &mut Edit) -> Result<()> {
    decode::produced(version, &mut edit.r)?;
    edit.r.i32("throttle_time_ms")?;
    no_endpoints(&mut edit.r, &mut edit.changes)
}

fn fetch(version: i16, edit: &mut Edit) -> Result<()> {
    decode::fetched(version, &mut edit.r)?;
    no_endpoints(&mut edit.r, &mut edit.changes)
}

/// The same Fetch request, but waiting no longer than `max_wait_ms`; `None` where it does so already, or is no Fetch.
///
/// A consumer asks to wait for records up to `fetch.wait.max.ms`. The field has a fixed place: after the replica id,
/// which is at the front up to v14.
pub fn lower_fetch_wait(head: &RequestHead, frame: &Bytes, max_wait_ms: i32) -> Option<Bytes> {
    if head.api != FETCH || check_version(head.api, head.version).is_err() {
        return None;
    }
    let mut r = head.body(frame);
    if head.version <= 14 {
        r.i32("replica_id").ok()?;
    }
    let start = r.at();
    if r.i32("max_wait_ms").ok()? <= max_wait_ms {
        return None;
    }
    apply(frame, vec![(start..r.at(), Bytes::copy_from_slice(&max_wait_ms.to_be_bytes()))])
}

/// The same Metadata request, but for `topics` alone; `None` where it does not ask for all there are.
pub fn ask_for_topics<'t>(
    head: &RequestHead,
    frame: &Bytes,
    topics: impl IntoIterator<Item = &'t str, IntoIter: ExactSizeIterator>,
) -> Option<Bytes> {
    if head.api != METADATA || check_version(head.api, head.version).is_err() {
        return None;
    }
    let mut r = head.body(frame);
    let start = r.at();
    let named = r.nullable_array("topics", |r| {
        if head.version >= 10 {
            r.uuid("topic_id")?;
        }
        r.nullable_string("name")?;
        r.skip_tags()
    });
    // v0 has no null array, and an empty one asks for everything.
    let asks_for_all = match named.ok()? {
        None => true,
        Some(named) => head.version == 0 && named.is_empty(),
    };
    let mut out = Writer::fragment(flexible(METADATA, head.version));
    out.array(topics, |out, topic| {
        if head.version >= 10 {
            out.raw(&[0; 16]); // by name, not by id
        }
        out.string(topic);
        out.no_tags();
    });
    if asks_for_all { apply(frame, vec![(start..r.at(), out.finish())]) } else { None }
}
