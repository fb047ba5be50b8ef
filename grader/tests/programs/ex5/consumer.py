"""ex5 in Python, with confluent-kafka and nothing of the course: the environment, Kafka and one socket."""

import json
import os
import signal
import socket
import sys
import time

from confluent_kafka import Consumer, KafkaException, Producer

ATTEMPTS = 3
FIRST_PAUSE = 0.05

running = True


def shutdown(signum, frame):
    global running
    running = False


class Downstream:
    def __init__(self):
        host, port = os.environ["KAFKACOURSE_DOWNSTREAM"].rsplit(":", 1)
        connection = socket.create_connection((host, int(port)))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines = connection.makefile("rw", encoding="utf-8", newline="\n")

    def call(self, op, args):
        self.lines.write(json.dumps({"op": op, "args": args}) + "\n")
        self.lines.flush()
        answer = json.loads(self.lines.readline())
        return None if answer["ok"] else answer["error"]


def process(message, downstream):
    """None when it worked, else the reason and how often it was tried again."""
    try:
        order = json.loads(message.value() or b"")
    except ValueError as error:
        return f"malformed: {error}", 0
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(FIRST_PAUSE * 2 ** (attempt - 1))
        error = downstream.call("process", order)
        if error is None:
            return None
    return error, ATTEMPTS - 1


def set_aside(letters, message, error, retries):
    outcome = []
    letters.produce(
        os.environ["KAFKA_TOPIC_ORDERS_DLQ"],
        key=message.key(),
        value=message.value(),
        headers=(message.headers() or [])
        + [
            ("original_topic", message.topic()),
            ("original_partition", str(message.partition())),
            ("original_offset", str(message.offset())),
            ("error", error),
            ("retry_count", str(retries)),
        ],
        on_delivery=lambda error, _: outcome.append(error),
    )
    while not outcome:
        letters.poll(0.1)
    if outcome[0] is not None:
        raise KafkaException(outcome[0])


def main():
    signal.signal(signal.SIGTERM, shutdown)
    downstream = Downstream()
    servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
    letters = Producer({"bootstrap.servers": servers, "enable.idempotence": True})
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": os.environ["KAFKA_GROUP_ORDER_PROCESSOR"],
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
            failure = process(message, downstream)
            if failure:
                set_aside(letters, message, *failure)
            try:
                consumer.commit(message=message, asynchronous=False)
            except KafkaException as error:
                print(f"not committed yet: {error}", file=sys.stderr)
    finally:
        consumer.close()  # leaves the group


if __name__ == "__main__":
    main()
