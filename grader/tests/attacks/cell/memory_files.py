"""Takes up memory as files that have no name. Outcome: memory."""
import os
import resource

taken = []
while True:
    taken.append(os.memfd_create("taken"))
    for _ in range(16):
        os.write(taken[-1], b"x" * (1 << 20))
