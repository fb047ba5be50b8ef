"""One record, acknowledged: the ordinary style of confluent-kafka."""

import os

from confluent_kafka import Producer


def told(error, message):
    if error is None:
        print(f"partition {message.partition()}, offset {message.offset()}")
    else:
        print(f"not delivered: {error}")


producer = Producer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"]})
producer.produce(os.environ["KAFKA_TOPIC_HELLO"], value="Hello Kafka, I am Ada", on_delivery=told)
producer.flush(30)
