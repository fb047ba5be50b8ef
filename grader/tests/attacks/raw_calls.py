"""Calls the outside world with raw text in op, keys, values. Verdict: failed; nothing raw is printed."""
from hostile import RAW, World
world = World()
for op in ("report", "process", RAW, "", "x" * 10_000):
    world.call(op, {"delivered": RAW, "failed": RAW, "partitions": {RAW: 1}, RAW: [RAW]})
    world.call(op, RAW)
    world.call(op, None)
