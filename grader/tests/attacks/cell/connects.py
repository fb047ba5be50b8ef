"""Turns to the machine, to the network, and to sockets that are no part of a network. Outcome: held."""
import os
import socket
import sys

port, abstract, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
reached = []


def attempt(name, kind, address, family=socket.AF_INET):
    try:
        with socket.socket(family, kind) as tried:
            tried.settimeout(1)
            tried.connect(address)
            if kind == socket.SOCK_DGRAM:
                tried.send(b"x")
            reached.append(name)
    except OSError:
        pass


for name, address in {
    "a listener of the machine": ("127.0.0.1", port),
    "ssh": ("127.0.0.1", 22),
    "zookeeper": ("127.0.0.1", 2181),
    "metadata": ("169.254.169.254", 80),
    "the internet": ("1.1.1.1", 443),
}.items():
    attempt(name, socket.SOCK_STREAM, address)
attempt("a name server", socket.SOCK_DGRAM, ("1.1.1.1", 53))
attempt("an abstract socket", socket.SOCK_STREAM, "\0" + abstract, socket.AF_UNIX)
attempt("a socket of the machine", socket.SOCK_STREAM, path, socket.AF_UNIX)
attempt("docker", socket.SOCK_STREAM, "/var/run/docker.sock", socket.AF_UNIX)
for name, family in {"vsock": 40, "netlink": 16, "packet": 17, "alg": 38, "bluetooth": 31, "xdp": 44}.items():
    for kind in [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET]:
        try:
            socket.socket(family, kind).close()
            reached.append(name)
        except OSError:
            pass
try:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close()
    reached.append("raw")
except OSError:
    pass
# A loopback of its own it has.
listener = socket.create_server(("127.0.0.1", 0))
with socket.create_connection(listener.getsockname()):
    pass
print(reached)
sys.exit(1 if reached else 0)
