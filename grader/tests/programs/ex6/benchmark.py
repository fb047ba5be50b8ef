"""A right benchmark in the style of confluent-kafka's own documentation: the checks must not depend on Rust."""

import json
import os
import socket
import time

from confluent_kafka import Producer

TOPIC = os.environ.get("KAFKA_TOPIC_BENCHMARK", "benchmark")
CONFIGURATIONS = [
    ("acks-0", {"acks": 0}),
    ("acks-1", {"acks": 1}),
    ("acks-all", {}),
    ("batch-32k", {"batch.size": 32768}),
    ("batch-16k", {"batch.size": 16384}),
    ("compressed", {"compression.type": "gzip"}),
    ("small", {}),
]
BASE = {
    "bootstrap.servers": os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
    "acks": "all",
    "batch.size": 65536,
    "linger.ms": 20,
}

host, port = os.environ["KAFKACOURSE_DOWNSTREAM"].rsplit(":", 1)
lines = socket.create_connection((host, int(port))).makefile("rw")


def tell(op, name):
    lines.write(json.dumps({"op": op, "args": {"name": name}}) + "\n")
    lines.flush()
    assert json.loads(lines.readline())["ok"]


def run(name, settings, orders):
    producer = Producer({**BASE, **settings})
    counts = {"delivered": 0, "failed": 0}
    bytes_delivered = 0

    def on_delivery(error, message):
        nonlocal bytes_delivered
        counts["delivered" if error is None else "failed"] += 1
        bytes_delivered += 0 if error else len(message.value())

    tell("begin", name)
    clock = time.perf_counter()
    for order in orders:
        producer.produce(TOPIC, key=name, value=order, on_delivery=on_delivery)
    producer.flush()
    seconds = time.perf_counter() - clock
    tell("end", name)
    return {
        "name": name,
        **counts,
        "seconds": seconds,
        "records_per_second": counts["delivered"] / seconds,
        "megabytes_per_second": round(bytes_delivered / 1e6 / seconds, 2),
    }


with open(os.environ["KAFKACOURSE_INPUT"], encoding="utf-8") as given:
    orders = [line.rstrip("\n") for line in given]
ids = [json.dumps({"order_id": json.loads(order)["order_id"]}) for order in orders]
table = [run(name, settings, ids if name == "small" else orders) for name, settings in CONFIGURATIONS]
for row in table:
    print(f"{row['name']:<12} {row['delivered']:>9} {row['failed']:>7} {row['records_per_second']:>10.0f} records/s")
with open(os.path.join(os.environ.get("KAFKACOURSE_FOLDER", "."), "benchmark.json"), "w", encoding="utf-8") as file:
    json.dump(table, file)
