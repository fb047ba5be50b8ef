"""Asks Kafka for metadata for ever, as fast as it can. Verdict: timed out, or a limit; bounded memory and evidence."""
import struct
from hostile import *
limit, connection = seconds(300), tap()
while time_is_left(limit):
    try:
        ask(connection, METADATA, 1, struct.pack(">i", -1))
    except OSError:
        try:
            connection = tap()
        except OSError:
            break
