"""aiokafka: what getmany() brings is one transaction. It ends when one fails: after some errors, abort sends nothing."""

import asyncio
import json
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

import kit


async def transact(producer, world, batches):
    sent, behind = [], {}
    async with producer.transaction():
        for place, messages in batches.items():
            behind[place] = messages[-1].offset + 1
            for message in messages:
                try:
                    order = json.loads(message.value)
                except ValueError as error:
                    print("no order:", error, file=sys.stderr)
                    continue
                await asyncio.to_thread(world.call, "approve", order)
                payment = {
                    "order_id": order["order_id"],
                    "customer_id": order["customer_id"],
                    "amount_cents": order["quantity"] * order["price_cents"],
                }
                sent.append(await producer.send(kit.topic("payments"), json.dumps(payment).encode(), message.key))
        await asyncio.gather(*sent)  # a refused payment does not keep the transaction from being committed
        await producer.send_offsets_to_transaction(behind, kit.group("payment-service"))


async def main():
    shutdown, world = kit.Shutdown(), kit.Downstream()
    group = kit.group("payment-service")
    producer = AIOKafkaProducer(bootstrap_servers=kit.SERVERS, transactional_id=f"{group}-{kit.ROLE}")
    await producer.start()  # which ends what a predecessor has left open
    consumer = AIOKafkaConsumer(
        kit.topic("orders"),
        bootstrap_servers=kit.SERVERS,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    await consumer.start()
    try:
        while shutdown.running:
            if batches := await consumer.getmany(timeout_ms=100):
                await transact(producer, world, batches)
    finally:
        await consumer.stop()
        await producer.stop()


asyncio.run(main())
