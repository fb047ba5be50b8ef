"""Announces frames of up to 2 GiB, also negative ones, and sends what it can. Verdict: failed; no memory is taken for it."""
import struct
from hostile import tap
for length in (2**31 - 1, -1, -(2**31), 100 << 20, 1 << 20, 0, 1, 3):
    try:
        connection = tap()
        connection.sendall(struct.pack(">i", length))
        for _ in range(150):
            connection.sendall(b"\0" * (1 << 20))
    except OSError as error:
        print(length, error)
