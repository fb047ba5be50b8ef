// kafkajs: an idempotent producer, and one send() with all records. It tells of partitions, not of records: so the
// partitioner notes where each record goes.
import { Kafka, Partitioners } from "kafkajs";
import { brokers, orders, Report, topic } from "../kit.mjs";

const places = new Map();
const createPartitioner = () => {
  const choose = Partitioners.DefaultPartitioner();
  return (choice) => {
    const partition = choose(choice);
    places.set(choice.message, partition);
    return partition;
  };
};
const producer = new Kafka({ brokers }).producer({
  idempotent: true,
  maxInFlightRequests: 1,
  createPartitioner,
  // kafkajs warns when an idempotent producer tries less often; its pauses double up to 30 s unless told otherwise.
  retry: { retries: Number.MAX_SAFE_INTEGER, maxRetryTime: 1000 },
});
const messages = orders().map((order) => ({ key: order.customer_id, value: JSON.stringify(order) }));
const report = new Report();
await producer.connect();
try {
  await producer.send({ topic: topic("orders"), acks: -1, messages });
  for (const message of messages) report.count(places.get(message));
} catch (error) {
  report.countFailed(messages.length, error);
}
await producer.disconnect();
await report.handIn();
