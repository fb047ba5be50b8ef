"""aiokafka: send() gives a future for each record."""

import asyncio
import json
import sys

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

import kit


async def main():
    report = kit.Report()
    producer = AIOKafkaProducer(bootstrap_servers=kit.SERVERS, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        topic = kit.topic("orders")
        futures = [
            await producer.send(topic, key=order["customer_id"].encode(), value=json.dumps(order).encode())
            for order in kit.orders()
        ]
        for outcome in await asyncio.gather(*futures, return_exceptions=True):
            if isinstance(outcome, KafkaError):
                report.not_delivered(outcome)
            else:
                report.delivered(outcome.partition)
    finally:
        await producer.stop()
    return report.hand_in()


sys.exit(asyncio.run(main()))
