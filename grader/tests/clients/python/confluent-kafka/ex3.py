"""confluent-kafka: cooperative-sticky or the consumer protocol, a commit when partitions are taken away."""

import json
import sys

from confluent_kafka import Consumer, KafkaException, TopicPartition

import kit

shutdown, world = kit.Shutdown(), kit.Downstream()
topic = kit.topic("high-volume")
protocol = {"group.protocol": "consumer"} if kit.CONSUMER_PROTOCOL else {"partition.assignment.strategy": "cooperative-sticky"}
consumer = Consumer(
    {
        "bootstrap.servers": kit.SERVERS,
        "group.id": kit.group("scaling"),
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        **protocol,
    }
)
done = {}  # partition -> the next offset


def commit(partitions):
    offsets = [TopicPartition(topic, p, done.pop(p)) for p in partitions if p in done]
    if offsets:
        try:
            consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            print("not committed:", error, file=sys.stderr)


def on_revoke(_, going):  # called within poll and close
    commit([place.partition for place in going])


def on_lost(_, lost):
    for place in lost:
        done.pop(place.partition, None)


consumer.subscribe([topic], on_revoke=on_revoke, on_lost=on_lost)
while shutdown.running:
    message = consumer.poll(timeout=0.2)
    if message is None:
        continue
    if message.error():
        print(message.error(), file=sys.stderr)
        continue
    world.call("process", json.loads(message.value()))
    done[message.partition()] = message.offset() + 1
    if done[message.partition()] % 10 == 0:
        commit(list(done))
consumer.close()  # revokes, and leaves the group
