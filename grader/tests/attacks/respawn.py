"""Eight chains of processes in sessions of their own: each forks the next and ends at once, for six seconds. Verdict: failed; none is left."""
import os
import time
end = time.monotonic() + 6
for _ in range(8):
    if os.fork() == 0:
        os.setsid()
        # One process of each chain lives at a time.
        while time.monotonic() < end:
            if os.fork():
                os._exit(0)
            time.sleep(0.01)
        os._exit(0)
time.sleep(0.3)
