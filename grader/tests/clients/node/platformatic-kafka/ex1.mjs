// @platformatic/kafka: an idempotent producer, and one send() with all records. It tells of partitions, not of records,
// so where each went is reckoned as its partitioner does.
import { defaultPartitioner, ProduceAcks, Producer, stringSerializers } from "@platformatic/kafka";
import { brokers, orders, Report, topic } from "../kit.mjs";

const name = topic("orders");
const messages = orders().map((order) => ({ topic: name, key: order.customer_id, value: JSON.stringify(order) }));
const producer = new Producer({
  clientId: "ex1",
  bootstrapBrokers: brokers,
  serializers: stringSerializers,
  idempotent: true,
  acks: ProduceAcks.ALL,
  retries: 20,
  retryDelay: 200,
});
const report = new Report();
try {
  const { topics } = await producer.metadata({ topics: [name] });
  await producer.send({ messages });
  for (const { key } of messages) report.count(defaultPartitioner({}, Buffer.from(key)) % topics.get(name).partitionsCount);
} catch (error) {
  report.countFailed(messages.length, error);
}
await producer.close();
await report.handIn();
