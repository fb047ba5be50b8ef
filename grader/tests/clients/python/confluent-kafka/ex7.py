"""confluent-kafka: a fleet of dictionaries, and alerts that are flushed before their reading is committed."""

import json
import math
import os
import sys
import time
from datetime import datetime, timezone

from confluent_kafka import Consumer, KafkaException, Producer

import kit

shutdown = kit.Shutdown()
producer = Producer({"bootstrap.servers": kit.SERVERS, "enable.idempotence": True})


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def simulate():
    fleet = [{"id": f"v-{n:02}", "phase": n, "km": 1000.0 * n, "lat": 52.4 + n / 100} for n in range(1, 11)]
    topic, seconds, due = kit.topic("vehicle.telemetry"), 0.0, time.monotonic()
    while shutdown.running:
        seconds += 0.1
        for car in fleet:
            speed = 70 + 55 * math.sin(seconds / 9 + car["phase"])
            car["km"] += speed * 0.1 / 3600
            car["lat"] += speed * 0.1 / 3600 / 111
            reading = {
                "vehicle_id": car["id"],
                "timestamp": now(),
                "latitude": round(car["lat"], 6),
                "longitude": 13,
                "speed_kmh": round(speed, 1),
                "odometer_km": round(car["km"], 4),
            }
            producer.produce(topic, json.dumps(reading), car["id"])
        producer.poll(0)
        due += 0.1
        time.sleep(max(0.0, due - time.monotonic()))
    producer.flush()


LIMITS = {
    "speeding": ("speed_kmh", lambda value: value >= 120),
    "low_battery": ("battery_percent", lambda value: value <= 10),
}


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def reading(value):
    """What the record says, or None."""
    try:
        seen = json.loads(value)
        right = isinstance(seen["vehicle_id"], str) and isinstance(seen["timestamp"], str) and number(seen["speed_kmh"])
        battery = seen.get("battery_percent")
        return seen if right and (battery is None or number(battery)) else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def alerts(state, seen):
    if seen["timestamp"] <= state.get("latest", ""):
        return
    state["latest"] = seen["timestamp"]
    for name, (field, reached) in LIMITS.items():
        value = seen.get(field)
        if value is None:
            continue
        if reached(value) and not state.get(name):
            yield {"vehicle_id": seen["vehicle_id"], "alert": name, "timestamp": seen["timestamp"], "value": value}
        state[name] = reached(value)


def delivered(error, _message):
    """Whoever goes on without it has committed a reading whose alert nobody sees."""
    if error:
        raise KafkaException(error)


def watch():
    config = {
        "bootstrap.servers": kit.SERVERS,
        "group.id": kit.group("vehicle-alerts"),
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    }
    if kit.CONSUMER_PROTOCOL:
        config["group.protocol"] = "consumer"
    consumer, fleet = Consumer(config), {}
    consumer.subscribe([kit.topic("vehicle.telemetry")])
    while shutdown.running:
        message = consumer.poll(timeout=0.2)
        if message is None or message.error():
            continue
        seen = reading(message.value())
        if seen:
            for alert in alerts(fleet.setdefault(seen["vehicle_id"], {}), seen):
                producer.produce(
                    kit.topic("vehicle.alerts"), json.dumps(alert), alert["vehicle_id"], on_delivery=delivered
                )
            producer.flush()
        try:
            consumer.commit(message, asynchronous=False)
        except KafkaException as error:
            print("not committed:", error, file=sys.stderr)
    consumer.close()


if os.environ.get("KAFKACOURSE_ROLE") == "alerts":
    watch()
else:
    simulate()
