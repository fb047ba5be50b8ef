"""confluent-kafka: the client's queue is the window, and BufferError means that it is full."""

import json

from confluent_kafka import Producer

import kit

shutdown = kit.Shutdown()
world = kit.Downstream()
producer = Producer(
    {
        "bootstrap.servers": kit.SERVERS,
        "acks": "all",
        "enable.idempotence": True,
        "queue.buffering.max.messages": 50,
    }
)


def told(order):
    def on_delivery(error, _message):
        world.call("failed" if error else "delivered", {"order_id": order["order_id"]})

    return on_delivery


while shutdown.running:
    order = world.call("next", {})
    if order is None:
        break
    while True:
        try:
            value = json.dumps(order)
            producer.produce(kit.topic("orders"), key=order["customer_id"], value=value, on_delivery=told(order))
            break
        except BufferError:  # the same order again, when a report has made room
            producer.poll(0.02)
    producer.poll(0)
producer.flush()
