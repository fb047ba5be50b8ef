"""Asks for topics with a million partitions, and for thousands of topics. Verdict: failed; the broker lives."""
import struct
from hostile import *
def create(name, partitions):
    return text(name) + struct.pack(">ih", partitions, 1) + struct.pack(">ii", 0, 0)
for body in (struct.pack(">i", 1) + create("million", 1_000_000), struct.pack(">i", 3000) + b"".join(create(f"topic{number}", 1) for number in range(3000)),
             struct.pack(">i", 1) + create("x" * 30_000, 1), struct.pack(">i", 1) + create("../../etc", 1)):
    try:
        connection = tap()
        connection.settimeout(3)
        print(len(ask(connection, CREATE_TOPICS, 0, body + struct.pack(">i", 3000))))
    except OSError as error:
        print(error)
