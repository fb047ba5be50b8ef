"""Speaks to Kafka with raw text as client id, topic, group, member, transactional id, key, value, header. Verdict: failed; nothing raw is printed."""
import struct
from hostile import *
body = struct.pack
tries = [
    (METADATA, 1, metadata(RAW)), (METADATA, 1, metadata(topic(), RAW)), (FIND_COORDINATOR, 0, text(RAW)), (FIND_COORDINATOR, 1, text(RAW) + b"\1"),
    (INIT_PRODUCER, 0, text(RAW) + body(">i", 1000)), (PRODUCE, 3, produce(topic(), 0, batch([(RAW.encode(), RAW.encode(), [(RAW.encode(), RAW.encode())])]))),
    (PRODUCE, 3, produce(RAW, 0, batch([(b"k", b"v", [])]))), (PRODUCE, 3, produce(topic(), 0, batch([(b"k", b"v", [])]), transactional=RAW)),
    (JOIN, 0, text(RAW) + body(">i", 6000) + text("") + text("consumer") + body(">i", 1) + text(RAW) + body(">i", 4) + b"\0\0\0\0"),
    (OFFSET_COMMIT, 2, text(RAW) + body(">i", 1) + text(RAW) + body(">q", -1) + body(">i", 1) + text(RAW) + body(">iiq", 1, 0, 5) + text(RAW)),
    (LEAVE, 0, text(RAW) + text(RAW)), (HEARTBEAT, 0, text(RAW) + body(">i", 1) + text(RAW)), (DELETE_TOPICS, 1, metadata(RAW) + body(">i", 1000)),
    (ADD_PARTITIONS, 0, text(RAW) + body(">qh", 1, 0) + body(">i", 0)), (DELETE_GROUPS, 0, metadata(RAW)),
]
for api, version, what in tries:
    try:
        connection = tap()
        connection.settimeout(1)
        ask(connection, API_VERSIONS, 0, b"", client=RAW)
        ask(connection, api, version, what, client=RAW)
    except OSError as error:
        print(api, error)
