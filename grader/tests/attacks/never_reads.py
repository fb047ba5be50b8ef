"""Asks and never reads the answers. Verdict: timed out or failed; the answers do not pile up in memory."""
import struct
from hostile import *
limit, broker = seconds(6), tap()
broker.settimeout(0.5)
frame = request(METADATA, 1, struct.pack(">i", -1)) * 100
while time_is_left(limit):
    try:
        broker.send(frame)
    except OSError:
        pass
