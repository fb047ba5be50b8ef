"""Begins transactions and never ends them. Verdict: failed; bounded."""
import struct
from hostile import *
limit = seconds(5)
number = 0
while time_is_left(limit) and number < 500:
    number += 1
    try:
        connection = tap()
        connection.settimeout(1)
        ask(connection, FIND_COORDINATOR, 1, text(f"txn{number}") + b"\1")
        reply = ask(connection, INIT_PRODUCER, 0, text(f"txn{number}") + struct.pack(">i", 900_000))
        _, error, producer, epoch = struct.unpack(">ihqh", reply[:16])
        ask(connection, ADD_PARTITIONS, 0, text(f"txn{number}") + struct.pack(">qh", producer, epoch) + struct.pack(">i", 1) + text(topic()) + struct.pack(">ii", 1, 0))
        ask(connection, PRODUCE, 3, produce(topic(), 0, batch([(b"k", b"v", [])], 0, producer, epoch, 16), transactional=f"txn{number}"))
    except (OSError, struct.error):
        pass
