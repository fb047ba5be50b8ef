"""Four children take up half of what is allowed, each. Outcome: memory."""
import os
import sys
import time

each = int(sys.argv[1]) // 2
for _ in range(4):
    if os.fork() == 0:
        taken = b"x" * each
        time.sleep(300)
while True:
    time.sleep(1)
