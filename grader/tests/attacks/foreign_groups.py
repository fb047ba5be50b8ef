"""Joins hundreds of groups of its own, and commits for groups that are not its own. Verdict: failed; bounded."""
import struct
from hostile import *
limit = seconds(5)
number = 0
while time_is_left(limit) and number < 400:
    number += 1
    try:
        connection = tap()
        connection.settimeout(0.05)
        join = text(f"group{number}") + struct.pack(">i", 6000) + text("") + text("consumer") + struct.pack(">i", 1) + text("range") + struct.pack(">i", 4) + b"\0\0\0\0"
        connection.sendall(request(JOIN, 0, join) + request(OFFSET_COMMIT, 2, text(group()) + struct.pack(">i", -1) + text("") + struct.pack(">q", -1) + struct.pack(">i", 1) + text(topic())
                                                            + struct.pack(">iiq", 1, 0, 2**63 - 1) + text("x" * 30_000)))
        answer(connection)
    except OSError:
        pass
