"""Leaves daemons behind: `setsid`, `twice` (double fork), `env` (an empty environment), `pipes` (holding its pipes), `many`. Verdict: failed; they die with the run."""
import os
import signal
import sys
mode = sys.argv[1]
number = sys.argv[2] if len(sys.argv) > 2 else "60.0777"

def become_daemon():
    if os.fork():
        return
    os.setsid()
    if mode != "setsid" and os.fork():
        os._exit(0)
    for one in range(1, 32):
        try:
            signal.signal(one, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    if mode != "pipes":
        for descriptor in range(64):
            try:
                os.close(descriptor)
            except OSError:
                pass
    environment = dict(os.environ) if mode in ("pipes", "setsid", "twice") else {}
    os.chdir("/")
    os.execve("/bin/sleep", ["sleep", number], environment)

for _ in range(20 if mode == "many" else 1):
    become_daemon()
