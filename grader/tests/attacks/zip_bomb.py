"""A Produce request with 1 GB of zeros in a gzip batch of 1 MB. Verdict: failed; no memory is taken for it."""
import struct
import zlib
from hostile import *
packer = zlib.compressobj(9, zlib.DEFLATED, 31)
packed = b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(1024)) + packer.flush()
tail = struct.pack(">hiqqqhii", 1, 0, 0, 0, -1, -1, -1, 1) + packed
whole = struct.pack(">ibI", 0, 2, crc32c(tail)) + tail
data = struct.pack(">qi", 0, len(whole)) + whole
for _ in range(5):
    connection = tap()
    connection.settimeout(2)
    try:
        print(ask(connection, PRODUCE, 3, produce(topic(), 0, data)))
    except OSError as error:
        print(error)
