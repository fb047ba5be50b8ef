//! InitProducerId: who a producer is.
//!
//! An idempotent producer gets a new id whenever it asks. One with a transactional id gets the id of its predecessor with a
//! higher epoch, which fences the predecessor; the coordinator of transactions decides that.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{InitProducerIdRequest, InitProducerIdResponse, ProducerId};

use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::core::transactions;
use crate::producers::{NO_PRODUCER, Producer};
use crate::time::Now;

pub(crate) fn step(core: &mut Core, request: &InitProducerIdRequest, caller: &Caller, now: Now) -> Step {
    let outcome = match (request.producer_id.0, request.producer_epoch) {
        (-1, -1) => init(core, request, None, caller, now),
        (-1, _) | (_, -1) => Err(ResponseError::InvalidRequest),
        // It has lost its way and asks for a new epoch of its own id (KIP-360).
        (id, epoch) => init(core, request, Some(Producer { id, epoch }), caller, now),
    };
    let (error, producer) = match outcome {
        Ok(producer) => (0, producer),
        // Older clients do not know the newer error (KIP-588).
        Err(ResponseError::ProducerFenced) if caller.version < 4 => {
            (ResponseError::InvalidProducerEpoch.code(), NO_PRODUCER)
        }
        Err(error) => (error.code(), NO_PRODUCER),
    };
    let answer = InitProducerIdResponse::default()
        .with_error_code(error)
        .with_producer_id(ProducerId(producer.id))
        .with_producer_epoch(producer.epoch);
    Step::answer(answer)
}

fn init(
    core: &mut Core,
    request: &InitProducerIdRequest,
    expected: Option<Producer>,
    caller: &Caller,
    now: Now,
) -> Result<Producer, ResponseError> {
    match &request.transactional_id {
        // Without a transactional id there is nobody to fence: whatever id the producer had, it gets a new one.
        None => Ok(Producer { id: core.producers.new_id(), epoch: 0 }),
        Some(id) => transactions::init_producer(core, id, request.transaction_timeout_ms, expected, caller, now),
    }
}

#[cfg(test)]
mod tests {
    use kafka_protocol::messages::{ResponseKind, TransactionalId};
    use kafka_protocol::protocol::StrBytes;

    use super::*;
    use crate::settings::Settings;
    use crate::testing::{ask, at, core};

    /// Code, id and epoch of the answer to InitProducerId.
    fn init(core: &mut Core, version: i16, request: InitProducerIdRequest) -> (i16, i64, i16) {
        match ask(core, at(0), version, request) {
            ResponseKind::InitProducerId(answer) => (answer.error_code, answer.producer_id.0, answer.producer_epoch),
            other => panic!("{other:?}"),
        }
    }

    fn transactional(id: &'static str) -> InitProducerIdRequest {
        InitProducerIdRequest::default()
            .with_transactional_id(Some(TransactionalId(StrBytes::from_static_str(id))))
            .with_transaction_timeout_ms(60_000)
    }

    fn of(request: InitProducerIdRequest, id: i64, epoch: i16) -> InitProducerIdRequest {
        request.with_producer_id(ProducerId(id)).with_producer_epoch(epoch)
    }

    #[test]
    fn an_idempotent_producer_gets_a_new_id_whenever_it_asks() {
        let mut core = core(Settings::default());
        let plain = || InitProducerIdRequest::default().with_transactional_id(None);
        assert_eq!(init(&mut core, 0, plain()), (0, 0, 0));
        assert_eq!(init(&mut core, 5, plain()), (0, 1, 0));
        assert_eq!(init(&mut core, 3, of(plain(), 1, 0)), (0, 2, 0), "whatever it had before");
        assert_eq!(init(&mut core, 3, of(plain(), 1, -1)), (42, -1, -1), "an id without an epoch");
    }

    #[test]
    fn a_successor_has_a_higher_epoch() {
        let mut core = core(Settings::default());
        assert_eq!(init(&mut core, 4, transactional("a")), (0, 0, 0));
        assert_eq!(init(&mut core, 4, transactional("a")), (0, 0, 1));
        assert_eq!(init(&mut core, 4, transactional("b")), (0, 1, 0));
    }

    #[test]
    fn a_producer_that_names_itself_goes_on_unless_it_was_replaced() {
        let mut core = core(Settings::default());
        init(&mut core, 4, transactional("a"));
        assert_eq!(init(&mut core, 4, of(transactional("a"), 0, 0)), (0, 0, 1));
        assert_eq!(init(&mut core, 4, of(transactional("a"), 0, 0)), (0, 0, 1), "it has missed the answer");
        assert_eq!(init(&mut core, 4, transactional("a")), (0, 0, 2));
        assert_eq!(init(&mut core, 4, of(transactional("a"), 0, 1)), (90, -1, -1), "PRODUCER_FENCED");
        assert_eq!(init(&mut core, 3, of(transactional("a"), 0, 1)), (47, -1, -1), "INVALID_PRODUCER_EPOCH");
        assert_eq!(init(&mut core, 4, of(transactional("a"), 7, 2)), (90, -1, -1), "somebody else's id");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let mut core = core(Settings { nodes: 2, ..Settings::default() });
        let with_timeout = |ms| transactional("a").with_transaction_timeout_ms(ms);
        let elsewhere = || transactional("a"); // the other node looks after it
        let answers = [
            (transactional(""), 42),
            (with_timeout(900_001), 50),
            (with_timeout(0), 50),
            (with_timeout(-1), 50),
            (elsewhere(), 16),
        ];
        for (request, code) in answers {
            assert_eq!(init(&mut core, 4, request.clone()).0, code, "{request:?}");
        }
    }

    #[test]
    fn an_id_that_has_run_out_of_epochs_is_replaced() {
        let mut core = core(Settings::default());
        init(&mut core, 4, transactional("a"));
        core.transactions.change("a", |transaction| transaction.producer.epoch = i16::MAX - 2).unwrap();
        assert_eq!(init(&mut core, 4, transactional("a")), (0, 0, i16::MAX - 1));
        assert_eq!(init(&mut core, 4, of(transactional("a"), 0, 7)), (-1, -1, -1), "as Kafka, by an exception");
        assert_eq!(init(&mut core, 4, of(transactional("a"), 0, i16::MAX - 1)), (0, 1, 0));
        assert_eq!(init(&mut core, 4, of(transactional("a"), 0, i16::MAX - 1)), (0, 1, 0), "it has missed the answer");
    }

    #[test]
    fn transactional_ids_are_bounded() {
        let mut core = core(Settings { most_transactional_ids: 2, ..Settings::default() });
        for id in ["a", "b", "c"] {
            assert_eq!(init(&mut core, 4, transactional(id)).0, 0);
        }
        assert_eq!(core.transactions.iter().count(), 2);
    }
}
