"""Evidence for trials: of real runs, damaged, foreign, newer, and made to be expensive."""

import gzip
import json
import pathlib
import zlib

STORED = pathlib.Path(__file__).resolve().parent.parent / "evidence"


def plain(course=None, name="ex1-solution-steady"):
    """A stored run as plain lines."""
    return gzip.decompress((STORED / f"{name}.jsonl.gz").read_bytes())


def lines(name="ex1-solution-steady"):
    return [json.loads(line) for line in plain(name=name).splitlines()]


def made(header, events):
    return "".join(json.dumps(line) + "\n" for line in [header, *events]).encode()


def header(**changes):
    return {**lines()[0], **changes}


def bomb(megabytes=4_000):
    """A small gzip of so many MB of one endless line, after a header."""
    # One compressed block of zeros is repeated: gzip members may follow each other.
    head = gzip.compress(json.dumps(header()).encode() + b"\n")
    block = gzip.compress(b"x" * (64 << 20), 9)
    return head + block * (megabytes // 64)


def bomb_of_events(megabytes=4_000):
    """The same of events that are right."""
    head = gzip.compress(json.dumps(header()).encode() + b"\n")
    event = json.dumps({"at": 1, "role": "producer", "event": "output", "stream": "stdout", "line": "x" * 50}).encode() + b"\n"
    block = gzip.compress(event * ((16 << 20) // len(event)), 9)
    return head + block * (megabytes // 16)


def many_events(megabytes):
    """So many MB of plain events."""
    event = json.dumps({"at": 1, "role": "producer", "event": "output", "stream": "stdout", "line": "x" * 50}).encode() + b"\n"
    return json.dumps(header()).encode() + b"\n" + event * ((megabytes << 20) // len(event))


def raw_deflate(data):
    return zlib.compress(data)
