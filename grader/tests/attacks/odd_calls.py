"""Calls that are none: deep JSON, huge numbers, invalid UTF-8, no op, too long, NUL, many keys. Verdict: failed; each is answered, or the connection closed."""
from hostile import World
calls = [
    b'{"op":"process","args":' + b"[" * 50_000 + b"]" * 50_000 + b"}", b'{"op":"process","args":' + b'{"a":' * 100 + b"1" + b"}" * 100 + b"}",
    b'{"op":"report","args":{"delivered":1e400,"failed":-1,"partitions":{}}}', b'{"op":"report","args":{"delivered":99999999999999999999999999,"failed":0,"partitions":{"0":18446744073709551616}}}',
    b'{"op":"report","args":{"delivered":NaN}}', b'{"op":"report","args":{"delivered":-9223372036854775808,"failed":-9223372036854775808,"partitions":{"0":9223372036854775807,"1":9223372036854775807}}}',
    b"\xff\xfe", b'{"op":"\xff"}', b'{"op":7}', b'{"args":1}', b"[]", b"null", b"", b"   ", b"\0\0\0", b'{"op":"a","op":"b"}', b"x" * 3_000_000,
    b'{"op":"process","args":{' + b",".join(b'"k%d":1' % number for number in range(50_000)) + b"}}", b'{"op":"process","args":"' + b"\\ud800" * 10 + b'"}', b'{"op":"report"}',
    b'{"op":"report","args":[]}', b'{"op":"report","args":{"delivered":true,"failed":{},"partitions":[1]}}', b'{"op":"process","args":{"order_id":' + b"9" * 100_000 + b"}}", b'{"op":"process"}\r',
]
world = World()
for call in calls:
    try:
        world.send(call)
        if not world.lines.readline():
            raise ConnectionError
    except OSError:
        world = World()
