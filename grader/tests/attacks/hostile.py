"""What the hostile programs share: where they are, and enough of Kafka's protocol to be a nuisance. Not a program."""

import json
import os
import socket
import struct
import sys
import time

#: Control characters of both kinds, an escape sequence, a title, and what turns the direction of writing.
RAW = "\x1b[2J\x1b[31mPWN\x1b]0;owned\x07\x9b31m\u202eevil\u2066\x08\r"

_began = time.monotonic()


def seconds(default):
    """How long to go on: the first argument."""
    return float(sys.argv[1]) if len(sys.argv) > 1 else default


def time_is_left(limit):
    return time.monotonic() - _began < limit


def address(variable):
    host, _, port = os.environ[variable].rpartition(":")
    return host, int(port)


def tap():
    """A connection to Kafka, as the program sees it."""
    return socket.create_connection(address("KAFKA_BOOTSTRAP_SERVERS"), timeout=20)


class World:
    """The outside world."""

    def __init__(self):
        self.socket = socket.create_connection(address("KAFKACOURSE_DOWNSTREAM"), timeout=20)
        self.lines = self.socket.makefile("rwb")

    def send(self, line):
        self.lines.write(line if isinstance(line, bytes) else line.encode())
        self.lines.write(b"\n")
        self.lines.flush()

    def call(self, op, args):
        self.send(json.dumps({"op": op, "args": args}))
        return self.lines.readline()


def topic(name="ORDERS"):
    return os.environ.get(f"KAFKA_TOPIC_{name}", name.lower())


def group():
    return next((value for name, value in os.environ.items() if name.startswith("KAFKA_GROUP_")), "group")


# ── the protocol ──

PRODUCE, FETCH, METADATA, OFFSET_COMMIT, FIND_COORDINATOR, JOIN, HEARTBEAT, LEAVE, SYNC = 0, 1, 3, 8, 10, 11, 12, 13, 14
API_VERSIONS, CREATE_TOPICS, DELETE_TOPICS, INIT_PRODUCER, ADD_PARTITIONS, END_TXN, DELETE_GROUPS = 18, 19, 20, 22, 24, 26, 42


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack(">h", len(data)) + data


def request(api, version, body, client="hostile", correlation=1):
    message = struct.pack(">hhi", api, version, correlation) + text(client) + body
    return struct.pack(">i", len(message)) + message


def answer(connection):
    """The next answer, without its correlation id."""
    def exactly(count):
        data = b""
        while len(data) < count:
            chunk = connection.recv(count - len(data))
            if not chunk:
                raise ConnectionError("hung up")
            data += chunk
        return data

    return exactly(struct.unpack(">i", exactly(4))[0])[4:]


def ask(connection, api, version, body, client="hostile"):
    connection.sendall(request(api, version, body, client))
    return answer(connection)


def metadata(*topics):
    return struct.pack(">i", len(topics)) + b"".join(text(name) for name in topics)


def crc32c(data, _table=[]):
    if not _table:
        for byte in range(256):
            for _ in range(8):
                byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
            _table.append(byte)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def varint(number):
    number = number << 1 ^ number >> 63
    data = b""
    while number > 0x7F:
        data += bytes([number & 0x7F | 0x80])
        number >>= 7
    return data + bytes([number])


def record(at, key, value, headers=()):
    sized = lambda data: varint(len(data)) + data
    body = b"\0" + varint(0) + varint(at) + sized(key) + sized(value) + varint(len(headers))
    body += b"".join(sized(name) + sized(content) for name, content in headers)
    return varint(len(body)) + body


def batch(records, sequence=-1, producer=-1, epoch=-1, attributes=0):
    """A record batch (format 2) of (key, value, headers)."""
    inner = b"".join(record(at, *one) for at, one in enumerate(records))
    now = int(time.time() * 1000)
    tail = struct.pack(">hiqqqhii", attributes, len(records) - 1, now, now, producer, epoch, sequence, len(records)) + inner
    whole = struct.pack(">ibI", 0, 2, crc32c(tail)) + tail
    return struct.pack(">qi", 0, len(whole)) + whole


def produce(name, partition, data, acks=-1, transactional=None):
    """The body of a Produce request, version 3."""
    head = struct.pack(">h", -1) if transactional is None else text(transactional)
    return (head + struct.pack(">hi", acks, 10_000) + struct.pack(">i", 1) + text(name)
            + struct.pack(">ii", 1, partition) + struct.pack(">i", len(data)) + data)
