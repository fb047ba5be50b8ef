"""confluent-kafka: what consume() brings, its payments and its offsets are one transaction."""

import json
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition

import kit

LIMIT = 30

shutdown, world = kit.Shutdown(), kit.Downstream()
producer = Producer({
    "bootstrap.servers": kit.SERVERS,
    "transactional.id": f"{kit.group('payment-service')}-{kit.ROLE}",
})
producer.init_transactions(LIMIT)
config = {
    "bootstrap.servers": kit.SERVERS,
    "group.id": kit.group("payment-service"),
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
    "isolation.level": "read_committed",
}
if kit.CONSUMER_PROTOCOL:
    config["group.protocol"] = "consumer"
consumer = Consumer(config)


def transact(batch):
    producer.begin_transaction()
    for message in batch:
        try:
            order = json.loads(message.value())
        except ValueError as error:
            print("no order:", error, file=sys.stderr)
            continue
        world.call("approve", order)
        payment = {
            "order_id": order["order_id"],
            "customer_id": order["customer_id"],
            "amount_cents": order["quantity"] * order["price_cents"],
        }
        producer.produce(kit.topic("payments"), json.dumps(payment), message.key())
    behind = {message.partition(): message.offset() + 1 for message in batch}
    offsets = [TopicPartition(kit.topic("orders"), partition, offset) for partition, offset in behind.items()]
    producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata(), LIMIT)
    producer.commit_transaction(LIMIT)


def undo():
    producer.abort_transaction(LIMIT)
    for place in consumer.committed(consumer.assignment(), LIMIT):
        if place.offset < 0:  # nothing is committed yet
            place.offset = OFFSET_BEGINNING
        consumer.seek(place)


consumer.subscribe([kit.topic("orders")])
while shutdown.running:
    batch = []
    for message in consumer.consume(num_messages=50, timeout=0.1):
        if message.error():
            print(message.error(), file=sys.stderr)
        else:
            batch.append(message)
    if not batch:
        continue
    try:
        transact(batch)
    except (kit.Refused, KafkaException) as error:
        if isinstance(error, KafkaException) and error.args[0].fatal():
            raise  # another process has taken our place
        print("aborted:", error, file=sys.stderr)
        undo()
consumer.close()  # leaves the group
