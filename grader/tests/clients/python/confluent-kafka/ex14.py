"""confluent-kafka: a function from bytes to a reading or to a reason, and a letter that is acknowledged before the commit."""

import json
import sys

from confluent_kafka import Consumer, KafkaException, Producer

import kit

shutdown, world = kit.Shutdown(), kit.Downstream()
letters = Producer({"bootstrap.servers": kit.SERVERS, "enable.idempotence": True})
config = {
    "bootstrap.servers": kit.SERVERS,
    "group.id": kit.group("fleet-map"),
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
}
if kit.CONSUMER_PROTOCOL:
    config["group.protocol"] = "consumer"


def number(raw, name):
    value = raw.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise ValueError(f"{name} is no number")
    return value


def read(value):
    raw = json.loads(value)
    if not isinstance(raw, dict):
        raise ValueError("no object")
    for name in ("vehicle_id", "timestamp"):
        if not isinstance(raw.get(name), str):
            raise ValueError(f"{name} is no text")
    speed, old = number(raw, "speed_kmh"), number(raw, "speed")
    speed = old if speed is None else speed
    if speed is None or not 0 <= speed <= 400:
        raise ValueError(f"{speed} is no speed")
    battery = number(raw, "battery_percent")
    return {"vehicle_id": raw["vehicle_id"], "timestamp": raw["timestamp"], "speed_kmh": speed, "battery_percent": battery}


def set_aside(message, why):
    label = {
        "original_topic": message.topic(),
        "original_partition": message.partition(),
        "original_offset": message.offset(),
        "error": why,
        "retry_count": 0,
    }
    headers = (message.headers() or []) + [(key, str(value)) for key, value in label.items()]
    refused = []
    letters.produce(
        kit.topic("vehicle.telemetry.dlq"),
        message.value(),
        message.key(),
        headers=headers,
        on_delivery=lambda error, _: refused.append(error),
    )
    letters.flush()
    if refused != [None]:
        # It may be in neither topic: nothing is committed, and the next start tries again.
        sys.exit(f"letter not acknowledged: {refused}")


consumer = Consumer(config)
consumer.subscribe([kit.topic("vehicle.telemetry")])
while shutdown.running:
    message = consumer.poll(timeout=0.2)
    if message is None or message.error():
        continue
    try:
        reading = read(message.value())
    except ValueError as error:
        set_aside(message, str(error))
    else:
        world.call("reading", reading)
    try:
        consumer.commit(message, asynchronous=False)
    except KafkaException as error:
        print("not committed:", error, file=sys.stderr)
consumer.close()
