"""kafka-python: cooperative-sticky, a listener that commits what is taken away."""

import json
import sys

from kafka import AsyncConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaError

import kit

shutdown, world = kit.Shutdown(), kit.Downstream()
consumer = KafkaConsumer(
    bootstrap_servers=kit.SERVERS.split(","),
    group_id=kit.group("scaling"),
    partition_assignment_strategy=[CooperativeStickyAssignor],
    auto_offset_reset="earliest",
    enable_auto_commit=False,
)
done = {}


def taken(places):
    """What is to be committed of these partitions, no longer in `done`."""
    return {place: done.pop(place) for place in list(places) if place in done}


class Listener(AsyncConsumerRebalanceListener):
    async def on_partitions_revoked(self, revoked):
        offsets = taken(revoked)
        if offsets:
            try:
                await consumer.commit_async(offsets)
            except KafkaError as error:
                print("not committed:", repr(error), file=sys.stderr)

    async def on_partitions_assigned(self, assigned):
        pass

    async def on_partitions_lost(self, lost):
        taken(lost)


def commit():
    offsets = taken(done)
    if offsets:
        try:
            consumer.commit(offsets)
        except KafkaError as error:
            print("not committed:", repr(error), file=sys.stderr)


consumer.subscribe([kit.topic("high-volume")], listener=Listener())
while shutdown.running:
    for place, messages in consumer.poll(timeout_ms=200, max_records=30).items():
        for message in messages:
            if shutdown.running and place in consumer.assignment():
                world.call("process", json.loads(message.value))
                done[place] = OffsetAndMetadata(message.offset + 1, "", -1)
    commit()
consumer.close(autocommit=False)
