//! What it costs to read a frame: as evidence holds it, and as kafka-protocol's types, behind the guard.

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use kafka_protocol::messages::*;
use kafka_protocol::protocol::StrBytes;

use super::{request_frame, response_frame, s};
use crate::*;

fn nanoseconds(mut work: impl FnMut()) -> u128 {
    let mut best = u128::MAX;
    for _ in 0..15 {
        let times = 3_000;
        let start = Instant::now();
        (0..times).for_each(|_| work());
        best = best.min(start.elapsed().as_nanos() / times);
    }
    best
}

/// `cargo test -p wire --release -- --ignored --nocapture nanoseconds_of_a_frame`.
#[test]
#[ignore = "measures"]
fn nanoseconds_of_a_frame() {
    let mut requests: Vec<(String, Bytes)> = Vec::new();
    let mut responses: Vec<(String, i16, i16, Bytes)> = Vec::new();
    for n in [1, 100] {
        {
            use produce_request::*;
            let records = super::batches::batch(0, &[super::batches::record(b"k", b"v", &[])]);
            let partition = |i| PartitionProduceData::default().with_index(i).with_records(Some(records.clone()));
            let topic = TopicProduceData::default().with_partition_data((0..n).map(partition).collect());
            let request = ProduceRequest::default().with_topic_data(vec![topic.with_name(s("orders").into())]);
            requests.push((format!("Produce {n}"), request_frame(10, &request)));
        }
        {
            use fetch_request::*;
            let partition = |i| FetchPartition::default().with_partition(i).with_fetch_offset(9);
            let topic = FetchTopic::default().with_partitions((0..n).map(partition).collect()).with_topic_id(super::ID);
            requests.push((format!("Fetch {n}"), request_frame(16, &FetchRequest::default().with_topics(vec![topic]))));
        }
        {
            use offset_commit_request::*;
            let partition = |i| {
                OffsetCommitRequestPartition::default()
                    .with_partition_index(i)
                    .with_committed_metadata(Some(StrBytes::default()))
            };
            let topic = OffsetCommitRequestTopic::default().with_partitions((0..n).map(partition).collect());
            let request = OffsetCommitRequest::default()
                .with_group_id(s("group").into())
                .with_member_id(s("member-1234"))
                .with_topics(vec![topic.with_name(s("orders").into())]);
            requests.push((format!("OffsetCommit {n}"), request_frame(9, &request)));
        }
        {
            use produce_response::*;
            let partition = |i| PartitionProduceResponse::default().with_index(i);
            let topic = TopicProduceResponse::default().with_partition_responses((0..n).map(partition).collect());
            let answer = ProduceResponse::default().with_responses(vec![topic.with_name(s("orders").into())]);
            responses.push((format!("Produce {n}"), PRODUCE, 10, response_frame(10, &answer)));
        }
        {
            use fetch_response::*;
            let records = super::batches::batch(0, &[super::batches::record(b"k", b"v", &[])]);
            let partition = |i| PartitionData::default().with_partition_index(i).with_records(Some(records.clone()));
            let topic = FetchableTopicResponse::default().with_partitions((0..n).map(partition).collect());
            let answer = FetchResponse::default().with_responses(vec![topic.with_topic_id(super::ID)]);
            responses.push((format!("Fetch {n}"), FETCH, 16, response_frame(16, &answer)));
        }
        {
            use metadata_response::*;
            let partition = |i| {
                MetadataResponsePartition::default()
                    .with_partition_index(i)
                    .with_replica_nodes(vec![1.into()])
                    .with_isr_nodes(vec![1.into()])
            };
            let topic = MetadataResponseTopic::default()
                .with_partitions((0..n).map(partition).collect())
                .with_name(Some(s("orders").into()));
            let broker = MetadataResponseBroker::default().with_host(s("localhost")).with_port(9092);
            let answer = MetadataResponse::default().with_brokers(vec![broker]).with_topics(vec![topic]);
            responses.push((format!("Metadata {n}"), METADATA, 12, response_frame(12, &answer)));
        }
    }
    for sample in super::requests::samples() {
        let head = request_head(&sample.frame).unwrap();
        if (head.api, head.version) == (JOIN_GROUP, 9)
            || (head.api, head.version) == (HEARTBEAT, 4)
            || (head.api, head.version) == (METADATA, 12)
        {
            requests.push((api_name(head.api).into_owned(), sample.frame));
        }
    }
    for (name, frame) in requests {
        let head = request_head(&frame).unwrap();
        let evidence = nanoseconds(|| drop(black_box(request(&head, &frame).unwrap())));
        let typed = nanoseconds(|| drop(black_box(message::read_request(&head, &frame).unwrap())));
        println!("{name} request: {evidence} ns to evidence, {typed} ns to kafka-protocol's type alone");
    }
    for (name, api, version, frame) in responses {
        let evidence = nanoseconds(|| drop(black_box(response(api, version, &frame).unwrap())));
        let typed = nanoseconds(|| drop(black_box(message::answer_in(api, version, &frame).unwrap())));
        println!("{name} response: {evidence} ns to evidence, {typed} ns to kafka-protocol's type alone");
    }
}
