"""ex11 in Python, with confluent-kafka, sqlite3 and nothing of the course."""

import json
import os
import signal
import socket
import sqlite3
import sys
import time
from datetime import datetime, timezone

from confluent_kafka import Consumer, KafkaException, Producer

SERVERS = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
running = True


def stop(signum, frame):
    global running
    running = False


def database(name, *tables):
    """Transactions are ours to begin and to end."""
    path = os.path.join(os.environ.get("KAFKACOURSE_FOLDER", "."), name)
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    for table in tables:
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table}")
    return connection


def publish(producer, topic, key, event, failed):
    def delivered(error, message):
        if error is not None:
            failed.append(error)

    producer.produce(os.environ[topic], key=key, value=json.dumps(event), on_delivery=delivered)


def order():
    producer, failed = Producer({"bootstrap.servers": SERVERS, "enable.idempotence": True}), []
    with open(os.environ["KAFKACOURSE_INPUT"], encoding="utf-8") as lines:
        for basket in map(json.loads, lines):
            event = {
                "event_type": "order.placed",
                "event_id": "placed-" + basket["order_id"],
                "timestamp": basket["placed_at"],
                "data": basket,
            }
            publish(producer, "KAFKA_TOPIC_ORDERS", basket["order_id"], event, failed)
    producer.flush()
    sys.exit(1 if failed else 0)


def placed(value):
    """The event, if it is an order that was placed and can be read."""
    try:
        event = json.loads(value)
        if event["event_type"] != "order.placed":
            return None
        items = event["data"]["items"]
        good = isinstance(event["event_id"], str) and isinstance(event["data"]["order_id"], str)
        return event if good and all(isinstance(item["quantity"], int) for item in items) else None
    except (ValueError, KeyError, TypeError) as error:
        print(f"skipped: {error!r}", file=sys.stderr)
        return None


def serve(group, handle):
    consumer = Consumer(
        {
            "bootstrap.servers": SERVERS,
            "group.id": os.environ[f"KAFKA_GROUP_{group}"],
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    try:
        consumer.subscribe([os.environ["KAFKA_TOPIC_ORDERS"]])
        while running:
            message = consumer.poll(timeout=0.2)
            if message is None:
                continue
            if message.error():
                if message.error().fatal():
                    raise KafkaException(message.error())
                print(f"the client will try again: {message.error()}", file=sys.stderr)
                continue
            event = placed(message.value())
            if event is not None and not handle(event):
                return  # not committed: it comes again
            try:
                consumer.commit(message=message, asynchronous=False)
            except KafkaException as error:
                print(f"not committed yet: {error}", file=sys.stderr)
    finally:
        consumer.close()


def email():
    notes = database("email.db", "mailed (order_id TEXT PRIMARY KEY)")
    host, port = os.environ["KAFKACOURSE_DOWNSTREAM"].rsplit(":", 1)
    world = socket.create_connection((host, int(port))).makefile("rw", encoding="utf-8", newline="\n")

    def taken(mail):
        world.write(json.dumps({"op": "mail", "args": mail}) + "\n")
        world.flush()
        return json.loads(world.readline())["ok"]

    def handle(event):
        order = event["data"]
        if notes.execute("SELECT 1 FROM mailed WHERE order_id = ?", (order["order_id"],)).fetchone():
            return True
        while not taken({"order_id": order["order_id"], "customer_id": order["customer_id"]}):
            if not running:
                return False
            time.sleep(0.05)
        notes.execute("INSERT INTO mailed VALUES (?)", (order["order_id"],))
        return True

    serve("EMAIL", handle)


def inventory():
    stock = database(
        "inventory.db",
        "stock (product TEXT PRIMARY KEY, pieces INTEGER NOT NULL)",
        "answers (order_id TEXT PRIMARY KEY, event_type TEXT NOT NULL)",
    )
    for product in ("desk", "lamp", "chair", "shelf", "rug"):
        stock.execute("INSERT INTO stock VALUES (?, 20) ON CONFLICT DO NOTHING", (product,))
    producer = Producer({"bootstrap.servers": SERVERS, "enable.idempotence": True})

    def reserve(order):
        stock.execute("BEGIN IMMEDIATE")
        known = stock.execute("SELECT event_type FROM answers WHERE order_id = ?", (order["order_id"],)).fetchone()
        if known:
            stock.execute("ROLLBACK")
            return known[0]
        stock.execute("SAVEPOINT items")
        update = "UPDATE stock SET pieces = pieces - :n WHERE product = :product AND pieces >= :n"
        taken = all(
            stock.execute(update, {"product": item["product"], "n": item["quantity"]}).rowcount == 1
            for item in order["items"]
        )
        if not taken:
            stock.execute("ROLLBACK TO items")
        answer = "inventory.reserved" if taken else "inventory.failed"
        stock.execute("INSERT INTO answers VALUES (?, ?)", (order["order_id"], answer))
        stock.execute("COMMIT")
        return answer

    def handle(event):
        order, failed = event["data"], []
        answer = {
            "event_type": reserve(order),
            "event_id": "reservation-" + order["order_id"],
            "timestamp": datetime.now(timezone.utc).isoformat(),
            "data": {"order_id": order["order_id"]},
        }
        publish(producer, "KAFKA_TOPIC_INVENTORY", order["order_id"], answer, failed)
        producer.flush()
        return not failed

    serve("INVENTORY", handle)


def analytics():
    totals = database(
        "analytics.db",
        "counted (event_id TEXT PRIMARY KEY)",
        "totals (product TEXT PRIMARY KEY, pieces INTEGER NOT NULL, cents INTEGER NOT NULL)",
    )

    def handle(event):
        totals.execute("BEGIN IMMEDIATE")
        if totals.execute("INSERT OR IGNORE INTO counted VALUES (?)", (event["event_id"],)).rowcount == 1:
            for item in event["data"]["items"]:
                totals.execute(
                    "INSERT INTO totals VALUES (?, ?, ?) ON CONFLICT (product)"
                    " DO UPDATE SET pieces = pieces + excluded.pieces, cents = cents + excluded.cents",
                    (item["product"], item["quantity"], item["quantity"] * item["price_cents"]),
                )
        totals.execute("COMMIT")
        return True

    serve("ANALYTICS", handle)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    role = os.environ["KAFKACOURSE_ROLE"].split("-")[0]
    {"order": order, "email": email, "inventory": inventory, "analytics": analytics}[role]()
