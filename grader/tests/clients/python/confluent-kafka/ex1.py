"""confluent-kafka: a delivery callback for each record, and flush."""

import json
import sys

from confluent_kafka import Producer

import kit

report = kit.Report()
producer = Producer({"bootstrap.servers": kit.SERVERS, "acks": "all", "enable.idempotence": True})


def on_delivery(error, message):
    if error:
        report.not_delivered(error)
    else:
        report.delivered(message.partition())


for order in kit.orders():
    producer.produce(kit.topic("orders"), key=order["customer_id"], value=json.dumps(order), on_delivery=on_delivery)
    producer.poll(0)
producer.flush()
sys.exit(report.hand_in())
