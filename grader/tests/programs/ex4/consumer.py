"""ex4 in Python, with confluent-kafka, sqlite3 and nothing of the course."""

import json
import os
import signal
import sqlite3
import sys

from confluent_kafka import Consumer, KafkaException

running = True


def shutdown(signum, frame):
    global running
    running = False


def apply(database, payment):
    with database:  # one transaction: commits at the end, rolls back on an exception
        new = database.execute("INSERT OR IGNORE INTO applied VALUES (?)", (payment["payment_id"],)).rowcount == 1
        if new:
            database.execute(
                "INSERT INTO balances VALUES (?, ?) ON CONFLICT (customer_id)"
                " DO UPDATE SET total_cents = total_cents + excluded.total_cents",
                (payment["customer_id"], payment["amount_cents"]),
            )


def main():
    signal.signal(signal.SIGTERM, shutdown)
    database = sqlite3.connect(os.path.join(os.environ.get("KAFKACOURSE_FOLDER", "."), "payments.db"))
    database.execute("CREATE TABLE IF NOT EXISTS applied (payment_id TEXT PRIMARY KEY)")
    database.execute(
        "CREATE TABLE IF NOT EXISTS balances (customer_id TEXT PRIMARY KEY, total_cents INTEGER NOT NULL)"
    )
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"],
            "group.id": os.environ["KAFKA_GROUP_PAYMENTS"],
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    try:
        consumer.subscribe([os.environ["KAFKA_TOPIC_PAYMENTS"]])
        while running:
            msg = consumer.poll(timeout=0.2)
            if msg is None:
                continue
            if msg.error():
                if msg.error().fatal():
                    raise KafkaException(msg.error())
                print(f"the client will try again: {msg.error()}", file=sys.stderr)
                continue
            apply(database, json.loads(msg.value()))
            try:
                consumer.commit(message=msg, asynchronous=False)
            except KafkaException as error:
                print(f"not committed yet: {error}", file=sys.stderr)
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
