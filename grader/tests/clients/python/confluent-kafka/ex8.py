"""confluent-kafka: consume() collects; it returns at ten messages, or after half a second."""

import json
import sys

from confluent_kafka import Consumer, KafkaException, TopicPartition

import kit

SIZE, MAX_WAIT = 10, 0.5
shutdown, world = kit.Shutdown(), kit.Downstream()
config = {
    "bootstrap.servers": kit.SERVERS,
    "group.id": kit.group("shared" if kit.MODE == "sharing" else kit.ROLE),
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
    "partition.assignment.strategy": "cooperative-sticky",
}
if kit.CONSUMER_PROTOCOL:
    config["group.protocol"] = "consumer"
    del config["partition.assignment.strategy"]
consumer = Consumer(config)
done = {}  # processed, and not committed yet


def commit():
    try:
        if done:
            consumer.commit(offsets=[TopicPartition(*place, offset) for place, offset in done.items()], asynchronous=False)
        done.clear()
    except KafkaException as error:
        print("not committed yet:", error, file=sys.stderr)


def hand_over(_, going):
    commit()
    for place in going:
        done.pop((place.topic, place.partition), None)


consumer.subscribe([kit.topic("orders")], on_revoke=hand_over)


def orders(messages):
    for message in messages:
        try:
            yield json.loads(message.value())
        except ValueError as error:
            print("skipped:", error, file=sys.stderr)


while shutdown.running:
    messages = [message for message in consumer.consume(SIZE, MAX_WAIT) if not message.error()]
    batch = list(orders(messages))
    if batch:
        world.call("process_batch", batch)
    done.update(((message.topic(), message.partition()), message.offset() + 1) for message in messages)
    commit()
consumer.close()  # leaves the group
