"""aiokafka: three attempts with growing pauses, send_and_wait for the letter, the offset afterwards."""

import asyncio
import json
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

import kit


async def failure(world, value):
    """None when it worked, else the reason and how often it was tried again."""
    try:
        order = json.loads(value)
    except ValueError as error:
        return f"not JSON: {error}", 0
    for pause in (0.05, 0.1, 0):
        try:
            return await asyncio.to_thread(world.call, "process", order)
        except kit.Refused as refused:
            reason = str(refused)
        await asyncio.sleep(pause)
    return reason, 2


async def set_aside(producer, message, reason, retries):
    labels = {
        "original_topic": message.topic,
        "original_partition": message.partition,
        "original_offset": message.offset,
        "error": reason,
        "retry_count": retries,
    }
    headers = [*message.headers, *((name, str(value).encode()) for name, value in labels.items())]
    while True:
        try:
            return await producer.send_and_wait(kit.topic("orders-dlq"), message.value, message.key, headers=headers)
        except KafkaError as error:
            print("refused letter:", repr(error), file=sys.stderr)
            await asyncio.sleep(0.1)


async def main():
    shutdown, world = kit.Shutdown(), kit.Downstream()
    producer = AIOKafkaProducer(bootstrap_servers=kit.SERVERS, acks="all")
    consumer = AIOKafkaConsumer(
        kit.topic("orders"),
        bootstrap_servers=kit.SERVERS,
        group_id=kit.group("order-processor"),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await producer.start()
    await consumer.start()
    try:
        while shutdown.running:
            for place, messages in (await consumer.getmany(timeout_ms=200)).items():
                for message in messages:
                    if not shutdown.running:
                        break
                    failed = await failure(world, message.value)
                    if failed:
                        await set_aside(producer, message, *failed)
                    try:
                        await consumer.commit({place: message.offset + 1})
                    except KafkaError as error:
                        print("not committed:", repr(error), file=sys.stderr)
    finally:
        await consumer.stop()
        await producer.stop()


asyncio.run(main())
