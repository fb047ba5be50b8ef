"""What modules/reference/contract.md asks of every program, for Python."""

import json
import os
import re
import signal
import socket
import sys
from collections import Counter

SERVERS = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
ROLE = os.environ.get("KAFKACOURSE_ROLE", "me")
FOLDER = os.environ.get("KAFKACOURSE_FOLDER", ".")
ROLE = os.environ.get("KAFKACOURSE_ROLE", "me")
MODE = os.environ.get("KAFKACOURSE_MODE", "")
CONSUMER_PROTOCOL = os.environ.get("GROUP_PROTOCOL") == "consumer"


def topic(name):
    return os.environ.get("KAFKA_TOPIC_" + _variable(name), name)


def group(name):
    return os.environ.get("KAFKA_GROUP_" + _variable(name), name)


def _variable(name):
    return re.sub("[^A-Z0-9]", "_", name.upper())


def orders():
    with open(os.environ["KAFKACOURSE_INPUT"], encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class Shutdown:
    """`running` until the program is asked to stop."""

    def __init__(self):
        self.running = True
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, *_):
        self.running = False


class Report:
    """What ex1 hands in: the outcome of each record."""

    def __init__(self):
        self.partitions, self.failed = Counter(), 0

    def delivered(self, partition):
        self.partitions[partition] += 1

    def not_delivered(self, error):
        print(f"not delivered: {error!r}", file=sys.stderr)
        self.failed += 1

    def hand_in(self):
        """Calls the outside world; returns the exit status."""
        delivered = sum(self.partitions.values())
        Downstream().call("report", {"delivered": delivered, "failed": self.failed, "partitions": self.partitions})
        return 1 if self.failed else 0


class Refused(Exception):
    """The outside world answered, and the answer was no."""


class Downstream:
    def __init__(self, address=os.environ.get("KAFKACOURSE_DOWNSTREAM")):
        self.lines = None
        if address:
            host, port = address.rsplit(":", 1)
            connection = socket.create_connection((host, int(port)))
            self.lines = connection.makefile("rw", encoding="utf-8", newline="\n")

    def call(self, op, args):
        if self.lines is None:  # by hand: print and succeed
            print(op, json.dumps(args))
            return
        self.lines.write(json.dumps({"op": op, "args": args}) + "\n")
        self.lines.flush()
        line = self.lines.readline()
        if not line:
            raise ConnectionError("the outside world hung up")
        answer = json.loads(line)
        if not answer["ok"]:
            raise Refused(answer["error"])
        return answer.get("value")
