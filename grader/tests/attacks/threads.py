"""Starts 500 threads that sleep, and goes on. Verdict: timed out or failed."""
import threading
import time
for _ in range(500):
    try:
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
    except RuntimeError:
        break
time.sleep(1)
