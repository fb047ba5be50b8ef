"""kafka-python: a future for each record, and flush."""

import json
import sys

from kafka import KafkaProducer
from kafka.errors import KafkaError

import kit

producer = KafkaProducer(
    bootstrap_servers=kit.SERVERS.split(","),
    acks="all",
    enable_idempotence=True,
    key_serializer=str.encode,
    value_serializer=lambda order: json.dumps(order).encode(),
)
futures = [producer.send(kit.topic("orders"), key=order["customer_id"], value=order) for order in kit.orders()]
producer.flush()
report = kit.Report()
for future in futures:
    try:
        report.delivered(future.get().partition)
    except KafkaError as error:
        report.not_delivered(error)
producer.close()
sys.exit(report.hand_in())
