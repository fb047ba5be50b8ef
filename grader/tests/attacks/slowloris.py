"""Sends a frame and a call a byte at a time. Verdict: timed out."""
import struct
import time
from hostile import World, seconds, tap, time_is_left
limit, broker, world = seconds(20), tap(), World()
broker.sendall(struct.pack(">i", 1000))
while time_is_left(limit):
    broker.sendall(b"\0")
    world.socket.sendall(b"{")
    time.sleep(0.2)
