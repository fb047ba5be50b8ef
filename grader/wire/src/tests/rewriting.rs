//! What the tap changes, and that it changes nothing else.

use bytes::Bytes;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::*;
use kafka_protocol::protocol::{Encodable, HeaderVersion, StrBytes};

use super::{CORRELATION, decode_response, request_frame, response_frame, s};
use crate::*;

/// Every node n moves to tap.example:20000+n.
fn moved(api: i16, version: i16, frame: &Bytes) -> Option<Bytes> {
    let mut advertise = |node: i32, host: &str, port: u16| {
        assert_eq!(host, "kafka");
        assert!(port == 9092 || port == 9093);
        ("tap.example".to_owned(), 20000 + node as u16)
    };
    rewrite_addresses(api, version, frame, &mut advertise).unwrap()
}

#[test]
fn addresses_and_nothing_else() {
    for sample in super::responses::samples() {
        let (api, v) = (sample.api, sample.version);
        let Some(frame) = moved(api, v, &sample.frame) else {
            assert!(![METADATA, FIND_COORDINATOR].contains(&api), "{api} v{v} is unchanged");
            continue;
        };
        let host: StrBytes = s("tap.example");
        let expected = match api {
            METADATA => {
                let mut response: MetadataResponse = decode_response(v, &sample.frame);
                for broker in &mut response.brokers {
                    (broker.host, broker.port) = (host.clone(), 20000 + broker.node_id.0);
                }
                response_frame(v, &response)
            }
            FIND_COORDINATOR => {
                let mut response: FindCoordinatorResponse = decode_response(v, &sample.frame);
                if v < 4 {
                    (response.host, response.port) = (host, 20001);
                } else {
                    // The other one has node -1: an error, and no address.
                    (response.coordinators[0].host, response.coordinators[0].port) = (host, 20001);
                }
                response_frame(v, &response)
            }
            _ => panic!("{api} v{v} changed"),
        };
        assert_eq!(frame, expected, "{api} v{v}");
    }
}

#[test]
fn an_address_that_stays_changes_nothing() {
    for sample in super::responses::samples() {
        let mut same = |_: i32, host: &str, port: u16| (host.to_owned(), port);
        assert_eq!(rewrite_addresses(sample.api, sample.version, &sample.frame, &mut same), Ok(None));
    }
}

#[test]
fn described_clusters() {
    use describe_cluster_response::*;
    for v in 0..=2 {
        let broker = |host, port| {
            let broker = DescribeClusterBroker::default().with_broker_id(1.into());
            DescribeClusterResponse::default()
                .with_cluster_id(s("c"))
                .with_brokers(vec![broker.with_host(s(host)).with_port(port).with_rack(Some(s("r")))])
        };
        let frame = moved(DESCRIBE_CLUSTER, v, &response_frame(v, &broker("kafka", 9092)));
        assert_eq!(frame, Some(response_frame(v, &broker("tap.example", 20001))));
    }
    let controllers = DescribeClusterResponse::default().with_endpoint_type(2);
    assert_eq!(moved(DESCRIBE_CLUSTER, 1, &response_frame(1, &controllers)), None);
}

/// Clears what `emptied` clears, and finds nothing left to do.
fn cleared<R: Encodable + HeaderVersion>(api: i16, v: i16, with: &R, without: &R) {
    let frame = moved(api, v, &response_frame(v, with)).unwrap_or_else(|| panic!("{api} v{v} is unchanged"));
    // The tag stays, with an empty array in it: two bytes and the tag more than a response that never had it.
    assert_eq!(frame.len(), response_frame(v, without).len() + 3);
    assert_eq!(moved(api, v, &response_frame(v, without)), None);
}

#[test]
fn hints_to_other_brokers_are_emptied() {
    for v in 10..=13 {
        use produce_response::*;
        let without = ProduceResponse::default().with_responses(vec![TopicProduceResponse::default()]);
        let hint = NodeEndpoint::default().with_node_id(2.into()).with_host(s("kafka")).with_port(9092);
        let with = without.clone().with_node_endpoints(vec![hint]);
        cleared(PRODUCE, v, &with, &without);
        let frame = moved(PRODUCE, v, &response_frame(v, &with)).unwrap();
        assert_eq!(decode_response::<ProduceResponse>(v, &frame), without);
    }
    for v in 16..=18 {
        use fetch_response::*;
        let without = FetchResponse::default().with_responses(vec![FetchableTopicResponse::default()]);
        let hint = NodeEndpoint::default().with_node_id(2.into()).with_host(s("kafka")).with_port(9092);
        let with = without.clone().with_node_endpoints(vec![hint]);
        cleared(FETCH, v, &with, &without);
        let frame = moved(FETCH, v, &response_frame(v, &with)).unwrap();
        assert_eq!(decode_response::<FetchResponse>(v, &frame), without);
    }
}

#[test]
fn waiting_less() {
    for v in 4..=18 {
        let asking =
            |max_wait_ms| request_frame(v, &FetchRequest::default().with_max_wait_ms(max_wait_ms).with_min_bytes(1));
        let frame = asking(500);
        let head = request_head(&frame).unwrap();
        assert_eq!(lower_fetch_wait(&head, &frame, 20), Some(asking(20)));
        assert_eq!(lower_fetch_wait(&head, &frame, 500), None);
    }
    let other = request_frame(4, &HeartbeatRequest::default());
    assert_eq!(lower_fetch_wait(&request_head(&other).unwrap(), &other, 0), None);
}

fn reported(rows: &[(i16, i16, i16)]) -> Ranges {
    Ranges(rows.iter().map(|&(api, oldest, newest)| (api, (oldest, newest))).collect())
}

#[test]
fn the_tap_asks_the_broker() {
    let frame = message::write_request(5, 0, &ApiVersionsRequest::default()).unwrap();
    let head = request_head(&frame).unwrap();
    assert_eq!((head.api, head.version, head.correlation), (API_VERSIONS, 0, 5));
    use api_versions_response::ApiVersion;
    let row = ApiVersion::default().with_api_key(1).with_min_version(4).with_max_version(18);
    let answer = response_frame(0, &ApiVersionsResponse::default().with_api_keys(vec![row]));
    let ranges = |frame| Ranges::reported(&message::read_answer::<ApiVersionsRequest>(0, frame).unwrap());
    assert_eq!(ranges(&answer), Ok(reported(&[(1, 4, 18)])));
    let refused = response_frame(0, &ApiVersionsResponse::default().with_error_code(35));
    assert!(ranges(&refused).unwrap_err().to_string().ends_with("refused with UNSUPPORTED_VERSION(35)"));
}

#[test]
fn the_tap_offers_what_it_can_read() {
    let kafka = reported(&[
        (PRODUCE, 0, 13),
        (FETCH, 4, 18),
        (OFFSET_COMMIT, 2, 10),
        (OFFSET_FETCH, 1, 10),
        (JOIN_GROUP, 0, 9),
        (LEAVE_GROUP, 0, 5),
        (API_VERSIONS, 0, 2),
        (19, 2, 7),
        (71, 0, 0),
        (72, 0, 0),
        (78, 1, 1),
        (9999, 0, 0),
    ]);
    let offered = reported(&[
        (PRODUCE, 0, 13),
        (FETCH, 4, 18),
        (OFFSET_COMMIT, 2, 9),
        (OFFSET_FETCH, 1, 9),
        (JOIN_GROUP, 0, 9),
        (LEAVE_GROUP, 0, 5),
        (API_VERSIONS, 0, 4),
        (19, 2, 7),
    ]);
    assert_eq!(kafka.for_tap(), offered);
}

#[test]
fn every_client_gets_an_answer_it_can_read() {
    let ranges = reported(&[(PRODUCE, 0, 12), (FETCH, 4, 12)]).for_tap();
    for v in 0..=4 {
        let frame = request_frame(v, &ApiVersionsRequest::default());
        let answer = answer_api_versions(&request_head(&frame).unwrap(), &ranges).unwrap();
        let answer: ApiVersionsResponse = decode_response(v, &answer);
        let rows: Vec<_> = answer.api_keys.iter().map(|r| (r.api_key, r.min_version, r.max_version)).collect();
        assert_eq!(rows, [(PRODUCE, 0, 12), (FETCH, 4, 12), (API_VERSIONS, 0, 4)]);
        assert_eq!(answer.error_code, 0);
    }
    // A client from the future, as well as one that is wrong.
    for version in [5, 99, -1] {
        let mut frame = request_frame(4, &ApiVersionsRequest::default()).to_vec();
        frame[2..4].copy_from_slice(&i16::to_be_bytes(version));
        let (head, frame) = (request_head(&frame.clone().into()).unwrap(), frame.into());
        assert_eq!(request(&head, &frame), Ok(Request::ApiVersions { software: None, software_version: None }));
        let answer = answer_api_versions(&head, &ranges).unwrap();
        assert_eq!(response(API_VERSIONS, version, &answer), Ok(Response::ApiVersions { error: 35 }));
        let answer: ApiVersionsResponse = decode_response(0, &answer);
        let rows: Vec<_> = answer.api_keys.iter().map(|r| (r.api_key, r.min_version, r.max_version)).collect();
        assert_eq!((answer.error_code, rows), (35, vec![(API_VERSIONS, 0, 4)]));
    }
    assert_eq!(correlation(&answer_api_versions(&head(4), &ranges).unwrap()), Ok(CORRELATION));
}

fn head(version: i16) -> RequestHead {
    request_head(&request_frame(version, &ApiVersionsRequest::default())).unwrap()
}

#[test]
fn who_asks_for_all_topics_asks_for_some() {
    for version in 0..=13 {
        let wanted = |name: &'static str| MetadataRequestTopic::default().with_name(Some(TopicName(s(name))));
        let asking = |topics: Option<Vec<MetadataRequestTopic>>| {
            let request = MetadataRequest::default().with_topics(topics);
            request_frame(version, &if version >= 4 { request.with_allow_auto_topic_creation(false) } else { request })
        };
        let all = asking(if version == 0 { Some(Vec::new()) } else { None });
        let head = request_head(&all).unwrap();
        let both = asking(Some(vec![wanted("orders"), wanted("orders.dlq")]));
        assert_eq!(ask_for_topics(&head, &all, ["orders", "orders.dlq"]), Some(both.clone()), "v{version}");
        assert_eq!(ask_for_topics(&head, &both, ["orders"]), None, "v{version}");
        if version > 0 {
            assert_eq!(ask_for_topics(&head, &asking(Some(Vec::new())), ["orders"]), None, "v{version}");
        }
    }
}
