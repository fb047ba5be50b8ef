"""ex2 in Python, with confluent-kafka and nothing of the course: the environment, Kafka and one socket."""

import json
import os
import signal
import socket
import sys

from confluent_kafka import Consumer, KafkaException, TopicPartition

COMMIT_EVERY = 10

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
        if not answer["ok"]:
            raise RuntimeError(f"the outside world refused: {answer['error']}")


def commit(consumer, done):
    if not done:
        return
    offsets = [TopicPartition(topic, partition, offset) for (topic, partition), offset in done.items()]
    try:
        committed = consumer.commit(offsets=offsets, asynchronous=False)
    except KafkaException as error:
        print(f"not committed yet: {error}", file=sys.stderr)
        return
    failed = [partition for partition in committed if partition.error]
    for partition in failed:
        print(f"not committed yet: {partition}", file=sys.stderr)
    if not failed:
        done.clear()


def main():
    signal.signal(signal.SIGTERM, shutdown)
    signal.signal(signal.SIGINT, shutdown)

    downstream = Downstream()
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"],
            "group.id": os.environ["KAFKA_GROUP_ORDER_PROCESSOR"],
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    done = {}  # (topic, partition) -> the offset after the last processed record
    processed = 0

    # A partition that goes to another member is the other member's to commit.
    def on_revoke(consumer, partitions):
        commit(consumer, done)
        done.clear()

    try:
        consumer.subscribe([os.environ["KAFKA_TOPIC_ORDERS"]], on_revoke=on_revoke)
        while running:
            msg = consumer.poll(timeout=0.2)
            if msg is None:
                continue
            if msg.error():
                if msg.error().fatal():
                    raise KafkaException(msg.error())
                print(f"the client will try again: {msg.error()}", file=sys.stderr)
                continue

            try:
                order = json.loads(msg.value() or b"")
            except ValueError as error:  # neither UTF-8 nor JSON, or nothing at all
                print(f"skipped {msg.topic()}[{msg.partition()}] at offset {msg.offset()}: {error}", file=sys.stderr)
                done[msg.topic(), msg.partition()] = msg.offset() + 1
                continue

            downstream.call("process", order)
            done[msg.topic(), msg.partition()] = msg.offset() + 1
            processed += 1
            if processed % COMMIT_EVERY == 0:
                commit(consumer, done)
        commit(consumer, done)
    finally:
        consumer.close()  # leaves the group


if __name__ == "__main__":
    main()
