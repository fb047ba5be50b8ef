"""Computes for ever, and does not listen to what it is told about it. Outcome: cpu."""
import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    pass
