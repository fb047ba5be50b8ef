"""confluent-kafka: the program has a clock of its own. When that has run down, purge() ends what is queued and on its way."""

import json
import sys
import time

from confluent_kafka import Producer

import kit

world = kit.Downstream()
words = {}
producer = Producer({"bootstrap.servers": kit.SERVERS, "acks": "all", "enable.idempotence": True})


def told(payment_id):
    def on_delivery(error, _message):
        # librdkafka numbers its own errors below zero: time is up, purged. Above it is what a broker has said.
        words[payment_id] = "acknowledged" if error is None else "unknown" if error.code() < 0 else "failed"
        world.call("outcome", {"payment_id": payment_id, "outcome": words[payment_id]})

    return on_delivery


payments = kit.orders()
began = time.monotonic()
for payment in payments:
    producer.produce(
        kit.topic("payments"),
        json.dumps(payment),
        payment["customer_id"],
        on_delivery=told(payment["payment_id"]),
    )
    producer.poll(0)
while len(producer) and time.monotonic() - began < 5:
    producer.poll(0.1)
producer.purge(in_queue=True, in_flight=True)
producer.flush(2)
sys.exit(any(word != "acknowledged" for word in words.values()) or len(words) < len(payments))
