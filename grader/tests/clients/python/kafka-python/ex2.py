"""kafka-python: poll, and a commit of the offsets behind the work."""

import json
import sys

from kafka import KafkaConsumer, OffsetAndMetadata
from kafka.errors import KafkaError

import kit

shutdown, world = kit.Shutdown(), kit.Downstream()
consumer = KafkaConsumer(
    bootstrap_servers=kit.SERVERS.split(","),
    group_id=kit.group("order-processor"),
    auto_offset_reset="earliest",
    enable_auto_commit=False,
)
# Joined before it knows the topic's partitions, this client joins twice and then sometimes never fetches.
consumer.partitions_for_topic(kit.topic("orders"))
consumer.subscribe([kit.topic("orders")])
done = {}
count = 0


def commit():
    if done:
        try:
            consumer.commit(dict(done))
            done.clear()
        except KafkaError as error:
            print("not committed:", repr(error), file=sys.stderr)


def handle(place, message):
    global count
    try:
        order = json.loads(message.value)
    except ValueError as error:
        print("skipped:", error, file=sys.stderr)
        done[place] = OffsetAndMetadata(message.offset + 1, "", -1)
        return
    world.call("process", order)
    done[place] = OffsetAndMetadata(message.offset + 1, "", -1)
    count += 1
    if count % 10 == 0:
        commit()


while shutdown.running:
    for place, messages in consumer.poll(timeout_ms=200).items():
        for message in messages:
            if shutdown.running:
                handle(place, message)
commit()
consumer.close(autocommit=False)  # leaves the group
