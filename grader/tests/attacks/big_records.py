"""Produces records of 900 KB for ever. Verdict: one that says which limit it ran into, or failed; within 30 s and 200 MB."""
from hostile import *
limit, connection = seconds(300), tap()
one = batch([(b"k", b"v" * 900_000, [])])
while time_is_left(limit):
    try:
        connection.sendall(request(PRODUCE, 3, produce(topic(), 0, one)))
        answer(connection)
    except OSError:
        try:
            connection = tap()
        except OSError:
            break
