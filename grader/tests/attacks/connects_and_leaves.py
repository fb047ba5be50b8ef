"""Opens and closes connections as fast as it can. Verdict: failed; the evidence stays bounded."""
from hostile import World, seconds, tap, time_is_left
limit = seconds(5)
while time_is_left(limit):
    try:
        tap().close()
        World().socket.close()
    except OSError:
        pass
