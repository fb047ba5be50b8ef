"""confluent-kafka and sqlite3: what consume() brings is done as one batch, and committed as one."""

import json
import os
import sqlite3
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from confluent_kafka import Consumer, KafkaException, Producer

import kit

STOCK = [(product, 20) for product in ("desk", "lamp", "chair", "shelf", "rug")]
FOLDER = Path(kit.FOLDER)

shutdown = kit.Shutdown()


class Publisher:
    """Events on their way; `settle` returns when Kafka has them all."""

    def __init__(self, topic):
        self.topic, self.failed = kit.topic(topic), []
        self.producer = Producer({"bootstrap.servers": kit.SERVERS, "enable.idempotence": True})

    def publish(self, event_type, event_id, timestamp, data):
        event = {"event_type": event_type, "event_id": event_id, "timestamp": timestamp, "data": data}
        self.producer.produce(self.topic, json.dumps(event), data["order_id"], on_delivery=self._outcome)
        self.producer.poll(0)

    def _outcome(self, error, _message):
        if error:
            self.failed.append(error)

    def settle(self):
        self.producer.flush()
        if self.failed:
            raise KafkaException(self.failed[0])


def placed(message):
    """Event id and order of an `order.placed` that can be read, or None."""
    try:
        event = json.loads(message.value())
        if event["event_type"] != "order.placed":
            return None
        event_id, order = event["event_id"], event["data"]
        texts = [event_id, order["order_id"], order["customer_id"]]
        numbers = []
        for item in order["items"]:
            texts.append(item["product"])
            numbers += [item["quantity"], item["price_cents"]]
        right = all(type(text) is str for text in texts) and all(type(number) is int for number in numbers)
        return (event_id, order) if right else None
    except (ValueError, TypeError, KeyError) as error:
        print("passed over:", repr(error), file=sys.stderr)
        return None


def read(service, handle, at_once=50):
    """Hands readable orders to `handle`, and commits what it has dealt with."""
    config = {
        "bootstrap.servers": kit.SERVERS,
        "group.id": kit.group(service),
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    }
    if kit.CONSUMER_PROTOCOL:
        config["group.protocol"] = "consumer"
    consumer = Consumer(config)
    consumer.subscribe([kit.topic("orders")])
    while shutdown.running:
        records = []
        for message in consumer.consume(num_messages=at_once, timeout=0.1):
            if message.error():
                print(message.error(), file=sys.stderr)
            else:
                records.append(message)
        if not records:
            continue
        if not handle([order for order in map(placed, records) if order]):
            break
        try:
            consumer.commit(asynchronous=False)
        except KafkaException as error:
            print("not committed:", error, file=sys.stderr)
    consumer.close()  # leaves the group


def database(name, script):
    connection = sqlite3.connect(FOLDER / name, timeout=30, isolation_level=None)
    connection.executescript(script)
    return connection


def order():
    publisher = Publisher("orders")
    for basket in kit.orders():
        publisher.publish("order.placed", f"placed-{basket['order_id']}", basket["placed_at"], basket)
    publisher.settle()


def email():
    world = kit.Downstream()
    with open(FOLDER / "mailed.txt", "a+", encoding="utf-8") as notes:
        notes.seek(0)
        mailed = set(notes.read().split())

        def mail(orders):
            for _, order in orders:
                order_id = order["order_id"]
                while order_id not in mailed:
                    try:
                        world.call("mail", {"order_id": order_id, "customer_id": order["customer_id"]})
                    except kit.Refused as refused:
                        print("again:", refused, file=sys.stderr)
                        time.sleep(0.1)
                        if not shutdown.running:
                            return False
                        continue
                    mailed.add(order_id)
                    notes.write(order_id + "\n")
                    notes.flush()
                    os.fsync(notes.fileno())
            return True

        read("email", mail, at_once=1)


def reserve(db, order):
    """The type of the answer, which stays the same however often it is asked for."""
    order_id = order["order_id"]
    db.execute("BEGIN IMMEDIATE")  # the other member waits here
    known = db.execute("SELECT event_type FROM answers WHERE order_id = ?", [order_id]).fetchone()
    if known:
        db.execute("ROLLBACK")
        return known[0]
    db.execute("SAVEPOINT taken")
    for item in order["items"]:
        taken = db.execute(
            "UPDATE stock SET pieces = pieces - :quantity WHERE product = :product AND pieces >= :quantity",
            {"quantity": item["quantity"], "product": item["product"]},
        )
        if taken.rowcount == 0:
            db.execute("ROLLBACK TO taken")
            answer = "inventory.failed"
            break
    else:
        answer = "inventory.reserved"
    db.execute("INSERT INTO answers VALUES (?, ?)", [order_id, answer])
    db.execute("COMMIT")
    return answer


def inventory():
    db = database(
        "inventory.db",
        """CREATE TABLE IF NOT EXISTS stock (product TEXT PRIMARY KEY, pieces INTEGER NOT NULL);
           CREATE TABLE IF NOT EXISTS answers (order_id TEXT PRIMARY KEY, event_type TEXT NOT NULL)""",
    )
    db.executemany("INSERT INTO stock VALUES (?, ?) ON CONFLICT DO NOTHING", STOCK)
    publisher = Publisher("inventory")

    def answer(orders):
        for _, order in orders:
            order_id, now = order["order_id"], datetime.now(timezone.utc).isoformat()
            publisher.publish(reserve(db, order), f"inventory-{order_id}", now, {"order_id": order_id})
        publisher.settle()
        return True

    read("inventory", answer)


def analytics():
    db = database(
        "analytics.db",
        """CREATE TABLE IF NOT EXISTS counted (event_id TEXT PRIMARY KEY);
           CREATE TABLE IF NOT EXISTS totals
             (product TEXT PRIMARY KEY, pieces INTEGER NOT NULL, cents INTEGER NOT NULL)""",
    )

    def count(orders):
        db.execute("BEGIN IMMEDIATE")
        for event_id, order in orders:
            if db.execute("INSERT INTO counted VALUES (?) ON CONFLICT DO NOTHING", [event_id]).rowcount == 0:
                continue
            db.executemany(
                """INSERT INTO totals VALUES (:product, :quantity, :quantity * :price_cents) ON CONFLICT (product)
                   DO UPDATE SET pieces = pieces + excluded.pieces, cents = cents + excluded.cents""",
                order["items"],
            )
        db.execute("COMMIT")
        return True

    read("analytics", count)


{"order": order, "email": email, "inventory": inventory, "analytics": analytics}[kit.ROLE.split("-")[0]]()
