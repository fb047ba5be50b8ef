"""confluent-kafka: poll, store_offsets after the work, and a synchronous commit of what is stored."""

import json
import sys

from confluent_kafka import Consumer, KafkaError, KafkaException

import kit

shutdown, world = kit.Shutdown(), kit.Downstream()
config = {
    "bootstrap.servers": kit.SERVERS,
    "group.id": kit.group("order-processor"),
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
}
if kit.CONSUMER_PROTOCOL:
    config["group.protocol"] = "consumer"
consumer = Consumer(config)


def commit():
    try:
        consumer.commit(asynchronous=False)
    except KafkaException as error:
        if error.args[0].code() != KafkaError._NO_OFFSET:
            print("not committed:", error, file=sys.stderr)


consumer.subscribe([kit.topic("orders")])
count = 0
while shutdown.running:
    message = consumer.poll(timeout=0.2)
    if message is None:
        continue
    if message.error():
        print(message.error(), file=sys.stderr)
        continue
    try:
        order = json.loads(message.value())
    except ValueError as error:
        print("skipped:", error, file=sys.stderr)
        consumer.store_offsets(message)
        continue
    world.call("process", order)
    consumer.store_offsets(message)
    count += 1
    if count % 10 == 0:
        commit()
commit()
consumer.close()  # leaves the group
