"""confluent-kafka: one consumer for both topics; what comes too early is paused and sought back to."""

import json
import sys
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

import kit

shutdown, world = kit.Shutdown(), kit.Downstream()
config = {
    "bootstrap.servers": kit.SERVERS,
    "group.id": kit.group("order-processor"),
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
}
if kit.CONSUMER_PROTOCOL:
    config["group.protocol"] = "consumer"
consumer = Consumer(config)
producer = Producer({"bootstrap.servers": kit.SERVERS, "enable.idempotence": True})
ORDERS, RETRY, DLQ = map(kit.topic, ("orders", "orders.retry", "orders.dlq"))
LABEL = ("attempt", "not_before")
PAUSES = {2: 200, 3: 400}
paused = {}  # partition: when it is due


def now():
    return time.time_ns() // 1_000_000


def label(message):
    """Number and time of the next attempt; ValueError when nobody can follow it."""
    if message.topic() == ORDERS:
        return 1, 0
    headers = dict(message.headers() or [])
    attempt, not_before = (int(headers.get(name) or b"none") for name in LABEL)
    if attempt not in PAUSES or not_before > now() + 60_000:
        raise ValueError(f"attempt {attempt}, not before {not_before}")
    return attempt, not_before


def pass_on(message, topic, error, labels):
    headers = [(name, value) for name, value in message.headers() or [] if name not in LABEL]
    if "original_topic" not in dict(headers):
        headers += [
            ("original_topic", message.topic()),
            ("original_partition", str(message.partition())),
            ("original_offset", str(message.offset())),
        ]
    headers += [("error", error), *((name, str(value)) for name, value in labels.items())]
    outcome = []
    producer.produce(topic, message.value(), message.key(), headers=headers, on_delivery=lambda e, _: outcome.append(e))
    producer.flush()
    if outcome[0]:
        raise KafkaException(outcome[0])  # nothing is committed: the next start begins with this record


def handle(message, attempt):
    try:
        order = json.loads(message.value())
    except ValueError as error:
        return pass_on(message, DLQ, f"not JSON: {error}", {"retry_count": 0})
    try:
        world.call("process", order)
    except kit.Refused as refused:
        if attempt == 3:
            return pass_on(message, DLQ, str(refused), {"retry_count": 2})
        following = attempt + 1
        labels = {"attempt": following, "not_before": now() + PAUSES[following]}
        return pass_on(message, RETRY, str(refused), labels)


def put_back(message, due):
    place = TopicPartition(message.topic(), message.partition(), message.offset())
    consumer.pause([place])
    consumer.seek(place)
    paused[message.topic(), message.partition()] = due


consumer.subscribe([ORDERS, RETRY])
while shutdown.running:
    for place in [place for place, due in paused.items() if due <= now()]:
        del paused[place]
        consumer.resume([TopicPartition(*place)])
    message = consumer.poll(timeout=0.02 if paused else 0.2)
    if message is None:
        continue
    if message.error():
        print(message.error(), file=sys.stderr)
        continue
    try:
        attempt, not_before = label(message)
    except ValueError as error:
        pass_on(message, DLQ, f"no label: {error}", {"retry_count": 0})
    else:
        if not_before > now():
            put_back(message, not_before)
            continue
        handle(message, attempt)
    try:
        consumer.commit(message, asynchronous=False)
    except KafkaException as error:
        print("not committed:", error, file=sys.stderr)
consumer.close()  # leaves the group
