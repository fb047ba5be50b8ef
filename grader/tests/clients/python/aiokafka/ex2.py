"""aiokafka: getmany, and a commit of the offsets behind the work."""

import asyncio
import json
import sys

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

import kit


async def main():
    shutdown, world = kit.Shutdown(), kit.Downstream()
    consumer = AIOKafkaConsumer(
        kit.topic("orders"),
        bootstrap_servers=kit.SERVERS,
        group_id=kit.group("order-processor"),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    done = {}

    async def commit():
        if done:
            try:
                await consumer.commit(done)
                done.clear()
            except KafkaError as error:
                print("not committed:", repr(error), file=sys.stderr)

    count = 0
    try:
        while shutdown.running:
            for place, messages in (await consumer.getmany(timeout_ms=200)).items():
                for message in messages:
                    if not shutdown.running:
                        break
                    try:
                        order = json.loads(message.value)
                    except ValueError as error:
                        print("skipped:", error, file=sys.stderr)
                        done[place] = message.offset + 1
                        continue
                    await asyncio.to_thread(world.call, "process", order)
                    done[place] = message.offset + 1
                    count += 1
                    if count % 10 == 0:
                        await commit()
    finally:
        await commit()
        await consumer.stop()  # leaves the group


asyncio.run(main())
