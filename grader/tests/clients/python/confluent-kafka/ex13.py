"""confluent-kafka: a consumer for each group, which never subscribes, asks for commits and for both ends of the logs."""

import sys
import time

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, TopicPartition

import kit

LIMIT = 10
TOPIC = kit.topic("orders")


class Watched:
    def __init__(self, name):
        self.name, self.total, self.above = name, None, set()
        self.asks = Consumer(
            {
                "bootstrap.servers": kit.SERVERS,
                "group.id": kit.group(name),
                "enable.auto.commit": False,
                "isolation.level": "read_uncommitted",
            }
        )

    def lags(self):
        partitions = self.asks.list_topics(TOPIC, timeout=10).topics[TOPIC].partitions
        lags = {}
        for committed in self.asks.committed([TopicPartition(TOPIC, at) for at in partitions], timeout=10):
            if committed.error:
                raise KafkaException(committed.error)
            start, end = self.asks.get_watermark_offsets(committed, timeout=10, cached=False)
            known = committed.offset != OFFSET_INVALID and committed.offset <= end
            lags[committed.partition] = end - max(committed.offset, start) if known else None
        return lags


def measured(group):
    while shutdown.running:
        try:
            return group.lags()
        except KafkaException as error:
            print("asking again:", error, file=sys.stderr)
            time.sleep(0.05)
    sys.exit(0)


def tell(group, lags):
    for partition, lag in lags.items():
        if lag is None:
            continue
        if lag >= LIMIT and partition not in group.above:
            world.call("alert", {"group": group.name, "partition": partition})
        (group.above.add if lag >= LIMIT else group.above.discard)(partition)
    known = [lag for lag in lags.values() if lag is not None]
    total = sum(known) if known else None
    trend = None
    if total is not None and group.total is not None:
        trend = "growing" if total > group.total else "shrinking" if total < group.total else "steady"
    group.total = total
    world.call("lag", {"group": group.name, "lag": lags, "total": total, "trend": trend})


shutdown, world = kit.Shutdown(), kit.Downstream()
watched = [Watched(name) for name in ("order-processor", "analytics", "billing")]
while shutdown.running:
    try:
        world.call("next", {})
    except kit.Refused:
        break
    for group in watched:
        tell(group, measured(group))
