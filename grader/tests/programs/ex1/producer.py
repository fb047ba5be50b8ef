"""A right producer in the style of confluent-kafka's own documentation: the checks must not depend on Rust."""

import json
import os
import socket
import sys
from collections import Counter

from confluent_kafka import Producer

TOPIC = os.environ.get("KAFKA_TOPIC_ORDERS", "orders")
producer = Producer(
    {
        "bootstrap.servers": os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
        "acks": "all",
        "enable.idempotence": True,
    }
)
partitions = Counter()
failed = 0


def on_delivery(error, message):
    global failed
    if error is not None:
        failed += 1
        print(f"not delivered: {error}", file=sys.stderr)
    else:
        partitions[message.partition()] += 1


def report(args):
    host, port = os.environ["KAFKACOURSE_DOWNSTREAM"].rsplit(":", 1)
    with socket.create_connection((host, int(port))) as connection, connection.makefile("rw") as lines:
        lines.write(json.dumps({"op": "report", "args": args}) + "\n")
        lines.flush()
        answer = json.loads(lines.readline())
        assert answer["ok"], answer


with open(os.environ["KAFKACOURSE_INPUT"], encoding="utf-8") as orders:
    for line in orders:
        order = json.loads(line)
        while True:
            try:
                producer.produce(TOPIC, key=order["customer_id"], value=json.dumps(order), on_delivery=on_delivery)
                break
            except BufferError:  # the queue is full: serving delivery reports makes room
                producer.poll(0.1)
        producer.poll(0)
producer.flush()

for partition, count in sorted(partitions.items()):
    print(f"partition {partition}: {count}")
print(f"{partitions.total()} delivered, {failed} failed")
report({"delivered": partitions.total(), "failed": failed, "partitions": partitions})
sys.exit(1 if failed else 0)
