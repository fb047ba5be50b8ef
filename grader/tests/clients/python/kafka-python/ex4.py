"""kafka-python and sqlite3: one transaction for each payment, its offset afterwards."""

import json
import os
import sqlite3
import sys

from kafka import KafkaConsumer, OffsetAndMetadata
from kafka.errors import KafkaError

import kit

ADD = """INSERT INTO balances VALUES (?, ?)
         ON CONFLICT (customer_id) DO UPDATE SET total_cents = total_cents + excluded.total_cents"""

shutdown = kit.Shutdown()
database = sqlite3.connect(os.path.join(kit.FOLDER, "payments.db"), timeout=30)
database.execute("CREATE TABLE IF NOT EXISTS applied (payment_id TEXT PRIMARY KEY)")
database.execute("CREATE TABLE IF NOT EXISTS balances (customer_id TEXT PRIMARY KEY, total_cents INTEGER NOT NULL)")
database.commit()
consumer = KafkaConsumer(
    bootstrap_servers=kit.SERVERS.split(","),
    group_id=kit.group("payments"),
    auto_offset_reset="earliest",
    enable_auto_commit=False,
)
# As in ex2: it must know the topic's partitions before it joins.
consumer.partitions_for_topic(kit.topic("payments"))
consumer.subscribe([kit.topic("payments")])


def apply(payment):
    with database:
        note = database.execute("INSERT OR IGNORE INTO applied VALUES (?)", (payment["payment_id"],))
        if note.rowcount:
            database.execute(ADD, (payment["customer_id"], payment["amount_cents"]))


while shutdown.running:
    for place, messages in consumer.poll(timeout_ms=200).items():
        for message in messages:
            if not shutdown.running:
                break
            apply(json.loads(message.value))
            try:
                consumer.commit({place: OffsetAndMetadata(message.offset + 1, "", -1)})
            except KafkaError as error:
                print("not committed:", repr(error), file=sys.stderr)
consumer.close(autocommit=False)
