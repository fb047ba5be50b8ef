"""Calls of 1 MB for ever. Verdict: one that says which limit it ran into, within 30 s and 200 MB of evidence."""
import json
from hostile import World, seconds, time_is_left
limit, world, line = seconds(300), World(), json.dumps({"op": "process", "args": {"p": "z" * 1_000_000}})
while time_is_left(limit):
    world.send(line)
    if not world.lines.readline():
        break
