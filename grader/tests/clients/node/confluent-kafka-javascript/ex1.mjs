// @confluentinc/kafka-javascript: its KafkaJS interface; a send() for each record, all of them awaited at the end.
import confluent from "@confluentinc/kafka-javascript";
import { brokers, orders, Report, topic } from "../kit.mjs";

const producer = new confluent.KafkaJS.Kafka({ kafkaJS: { brokers } }).producer({
  kafkaJS: { acks: -1, idempotent: true, retry: { retries: 2147483647, maxRetryTime: 1000 } },
});
const report = new Report();
await producer.connect();
const outcomes = orders().map((order) =>
  producer.send({ topic: topic("orders"), messages: [{ key: order.customer_id, value: JSON.stringify(order) }] }));
for (const { status, value, reason } of await Promise.allSettled(outcomes)) {
  if (status === "fulfilled") report.count(value[0].partition);
  else report.countFailed(1, reason);
}
await producer.disconnect();
await report.handIn();
