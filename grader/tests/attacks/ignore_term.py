"""Ignores every signal that can be ignored, and sleeps. Verdict: timed out, or failed; it dies."""
import signal
import time
from hostile import seconds
for one in range(1, 32):
    try:
        signal.signal(one, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
time.sleep(seconds(300))
