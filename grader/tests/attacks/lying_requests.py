"""Requests that are nearly right: arrays of 2^31 items, strings of negative length, batches whose inner lengths lie. Verdict: failed; no memory for what is only announced."""
import struct
from hostile import *
many = struct.pack(">i", 2**31 - 1)
good = batch([(b"k", b"v", [])])
tries = [
    (METADATA, 1, many), (METADATA, 1, struct.pack(">ih", 1, -5)), (METADATA, 1, struct.pack(">ih", 1, 32767)), (PRODUCE, 3, struct.pack(">hhi", -1, -1, 1) + many),
    (PRODUCE, 3, produce(topic(), 0, good[:-3])), (PRODUCE, 3, produce(topic(), 2**31 - 1, good)), (PRODUCE, 3, produce(topic(), -7, good)),
    (PRODUCE, 3, produce(topic(), 0, b"\0" * 60)), (PRODUCE, 3, produce(topic(), 0, good[:57] + struct.pack(">i", 2**31 - 1) + good[61:])),
    (PRODUCE, 3, produce(topic(), 0, good[:8] + struct.pack(">i", -1) + good[12:])), (PRODUCE, 3, produce(topic(), 0, good * 1000)),
    (PRODUCE, 99, produce(topic(), 0, good)), (JOIN, 0, text(group()) + struct.pack(">i", -1) + text("") + text("consumer") + many), (SYNC, 0, text(group()) + struct.pack(">i", 1) + text("x") + many),
    (FETCH, 4, struct.pack(">iiiib", -1, 2**31 - 1, 1, 2**31 - 1, 0) + many), (OFFSET_COMMIT, 2, text(group()) + struct.pack(">i", 1) + text("x") + struct.pack(">q", -1) + many),
    (CREATE_TOPICS, 0, struct.pack(">i", 1) + text("huge") + struct.pack(">ih", 2_000_000, 1) + struct.pack(">iii", 0, 0, 5000)),
    (CREATE_TOPICS, 0, struct.pack(">i", 1) + text("minus") + struct.pack(">ih", -5, -3) + struct.pack(">iii", 0, 0, 5000)), (DELETE_TOPICS, 1, many),
]
for attributes in (1, 2, 3, 4, 7):  # says that it is compressed, and is not
    tries.append((PRODUCE, 3, produce(topic(), 0, batch([(b"k", b"v" * 100, [])], attributes=attributes))))
for api, version, body in tries:
    try:
        connection = tap()
        connection.settimeout(1)
        connection.sendall(request(api, version, body))
        answer(connection)
    except (OSError, struct.error) as error:
        print(api, error)
