"""Leaves a process in a session of its own, which is deaf and would write later. Outcome: held."""
import os
import signal
import sys
import time

ready, tell = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(1, 32):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        os.write(tell, b"x")
        os.closerange(0, 3)
        time.sleep(0.5)
        open("written-later", "w").close()
        os.execv("/bin/sleep", ["/bin/sleep", sys.argv[1]])
    os._exit(0)
os.read(ready, 1)
