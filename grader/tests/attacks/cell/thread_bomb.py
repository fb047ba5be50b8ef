"""Starts threads that sleep. Outcome: processes."""
import threading
import time

threading.stack_size(64 << 10)
while True:
    try:
        threading.Thread(target=time.sleep, args=(300,)).start()
    except RuntimeError:
        time.sleep(0.01)
