"""Sends garbage to Kafka and to the outside world: random bytes, HTTP, TLS, requests with lengths that lie. Verdict: failed."""
import random
import struct
from hostile import *
random.seed(1)
limit = seconds(4)
while time_is_left(limit):
    lengths = struct.pack(">i", random.choice([0, 1, 2, 7, 8, 9, 2**31 - 1, -5])) + random.randbytes(random.choice([0, 3, 100, 5000]))
    api = request(random.randrange(-2, 100), random.randrange(-2, 30), random.randbytes(random.choice([0, 5, 200])))
    choice = random.choice([lengths, api, b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\0\1\0", random.randbytes(300)])
    try:
        connection = tap()
        connection.sendall(choice)
        if random.random() < 0.5:
            connection.close()
        world = World()
        world.socket.sendall(choice)
        world.socket.close()
    except OSError:
        pass
