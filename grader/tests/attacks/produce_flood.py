"""Produces the input again and again, for ever. Verdict: one that says which limit it ran into, or failed; within 30 s and 200 MB."""
import json
from hostile import *
limit = seconds(300)
lines = [line.strip() for line in open(os.environ["KAFKACOURSE_INPUT"])]
one = batch([(json.loads(line)["customer_id"].encode(), line.encode(), []) for line in lines])
connection = tap()
while time_is_left(limit):
    try:
        connection.sendall(request(PRODUCE, 3, produce(topic(), 0, one)))
        answer(connection)
    except OSError:
        try:
            connection = tap()
        except OSError:
            break
