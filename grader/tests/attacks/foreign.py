"""Speaks on ports that are not its own, with calls and requests that would spoil another's evidence. Verdict of the victim: as if nobody had."""
import socket
import sys
from hostile import METADATA, metadata, request
for port in map(int, sys.argv[1:]):
    for line in (b'{"op":"report","args":{"delivered":0,"failed":0,"partitions":{}}}\n', request(METADATA, 1, metadata("foreign"))):
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=3)
            connection.settimeout(0.5)
            connection.sendall(line)
            connection.recv(1000)
        except OSError:
            pass
