"""Prints without end, in lines, on both streams. Verdict: what it did for Kafka, which is nothing (failed or timed out)."""
import sys
from hostile import seconds, time_is_left
limit, data = seconds(8), b"x" * 99 + b"\n"
while time_is_left(limit):
    sys.stdout.buffer.write(data * 600)
    sys.stderr.buffer.write(data * 600)
