"""Forks 300 children that sleep. Verdict: failed; all of them die."""
import os
import time
for _ in range(300):
    try:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
    except OSError:
        break
