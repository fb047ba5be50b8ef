"""ex3 in Python, with confluent-kafka and nothing of the course: the environment, Kafka and one socket."""

import json
import os
import signal
import socket
import sys

from confluent_kafka import Consumer, KafkaException, TopicPartition

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


def main():
    signal.signal(signal.SIGTERM, shutdown)
    signal.signal(signal.SIGINT, shutdown)

    downstream = Downstream()
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"],
            "group.id": os.environ["KAFKA_GROUP_SCALING"],
            "client.id": os.environ["KAFKACOURSE_ROLE"],
            "partition.assignment.strategy": "cooperative-sticky",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    done = {}  # (topic, partition) -> the offset after the last processed record

    # Called within poll() and close(): what goes is committed, and forgotten.
    def on_revoke(consumer, going):
        places = [(partition.topic, partition.partition) for partition in going]
        offsets = [TopicPartition(*place, done.pop(place)) for place in places if place in done]
        if offsets:
            try:
                consumer.commit(offsets=offsets, asynchronous=False)
            except KafkaException as error:
                print(f"not committed: {error}", file=sys.stderr)

    # The partitions were lost, to a session that timed out say: they are somebody else's already.
    def on_lost(consumer, gone):
        for partition in gone:
            done.pop((partition.topic, partition.partition), None)

    try:
        consumer.subscribe([os.environ["KAFKA_TOPIC_HIGH_VOLUME"]], on_revoke=on_revoke, on_lost=on_lost)
        while running:
            msg = consumer.poll(timeout=0.1)
            if msg is None:
                continue
            if msg.error():
                if msg.error().fatal():
                    raise KafkaException(msg.error())
                print(f"the client will try again: {msg.error()}", file=sys.stderr)
                continue
            downstream.call("process", json.loads(msg.value()))
            done[msg.topic(), msg.partition()] = msg.offset() + 1
    finally:
        consumer.close()  # revokes, and leaves the group


if __name__ == "__main__":
    main()
