"""Calls the outside world and never reads the answers. Verdict: failed; bounded."""
from hostile import World, seconds, time_is_left
limit, world = seconds(6), World()
world.socket.settimeout(0.5)
while time_is_left(limit):
    try:
        world.socket.send(b'{"op":"process","args":{"a":1}}\n' * 100)
    except OSError:
        pass
