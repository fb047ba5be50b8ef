//! DescribeCluster (KIP-700).

use kafka_protocol::ResponseError::{MismatchedEndpointType, UnsupportedEndpointType};
use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;
use kafka_protocol::messages::{BrokerId, DescribeClusterRequest, DescribeClusterResponse};

use crate::core::Core;
use crate::core::authorized::{CLUSTER_OPERATIONS, allowed_operations};
use crate::core::call::{Caller, Step};
use crate::refusal::Refusal;

/// Of whom the request asks: brokers, or controllers, whose listener clients do not reach (KIP-919).
const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;

pub(super) fn step(core: &mut Core, request: &DescribeClusterRequest, caller: &Caller) -> Step {
    let refusal = match request.endpoint_type {
        _ if caller.version == 0 => None,
        BROKERS => None,
        CONTROLLERS => Some(Refusal::new(
            MismatchedEndpointType,
            "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER",
        )),
        other => Some(Refusal::new(UnsupportedEndpointType, format!("Unsupported endpoint type {other}"))),
    };
    if let Some(refusal) = refusal {
        let answer = DescribeClusterResponse::default()
            .with_error_code(refusal.error.code())
            .with_error_message(refusal.wire_message());
        return Step::answer(answer);
    }
    let brokers = core.nodes.up().map(|node| {
        DescribeClusterBroker::default()
            .with_broker_id(BrokerId(node.id))
            .with_host(node.host.clone().into())
            .with_port(node.port.into())
    });
    let asked = request.include_cluster_authorized_operations;
    let answer = DescribeClusterResponse::default()
        .with_error_message(None)
        .with_cluster_id(core.cluster_id.clone().into())
        .with_controller_id(BrokerId(core.nodes.controller()))
        .with_brokers(brokers.collect())
        .with_cluster_authorized_operations(allowed_operations(asked, CLUSTER_OPERATIONS));
    Step::answer(answer)
}
