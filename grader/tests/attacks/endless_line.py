"""Prints 1 GB without a newline. Verdict: failed; the line is cut, the memory bounded."""
import sys
for _ in range(1024):
    sys.stdout.buffer.write(b"y" * (1 << 20))
