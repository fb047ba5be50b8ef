"""One call that never ends: bytes without a newline. Verdict: failed or timed out; bounded."""
from hostile import World, seconds, time_is_left
limit, world = seconds(6), World()
world.socket.settimeout(0.5)
while time_is_left(limit):
    try:
        world.socket.send(b"z" * 65536)
    except OSError:
        try:
            world = World()
        except OSError:
            break
