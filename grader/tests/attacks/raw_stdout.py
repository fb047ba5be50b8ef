"""Prints what controls a terminal, in every encoding. Verdict: failed; none of it reaches a terminal raw."""
import sys
from hostile import RAW
for stream in (sys.stdout.buffer, sys.stderr.buffer):
    for data in (RAW.encode(), b"\xff\xfe\x1b[31mraw\x1b[2J", b"\x9b31m", bytes(range(256)), b"a\rb\x08\x7f", "\u202e\u2066\u200f\u061c\ufeff".encode(), b"\x1bP+q\x1b\\"):
        stream.write(data + b"\n")
    stream.write(RAW.encode())  # and no newline at the end
sys.exit(1)
