"""Kills whomever it can. Outcome: signal 9."""
import os
import signal

if os.fork() == 0:
    os.kill(-1, signal.SIGKILL)
    os._exit(0)
signal.pause()
