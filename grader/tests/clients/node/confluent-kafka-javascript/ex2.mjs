// @confluentinc/kafka-javascript: its KafkaJS interface; eachMessage, and commitOffsets with the offsets behind the work.
import confluent from "@confluentinc/kafka-javascript";
import { brokers, consumerProtocol, Downstream, group, onStop, parsed, topic } from "../kit.mjs";

const orders = topic("orders");
const consumer = new confluent.KafkaJS.Kafka({ kafkaJS: { brokers } }).consumer({
  kafkaJS: { groupId: group("order-processor"), fromBeginning: true, autoCommit: false },
  ...(consumerProtocol && { "group.protocol": "consumer" }),
});
const world = new Downstream();
const done = new Map();
let count = 0, stopping = false, inHand = Promise.resolve();

async function commit() {
  try {
    if (done.size) await consumer.commitOffsets([...done].map(([partition, offset]) => ({ topic: orders, partition, offset })));
    done.clear();
  } catch (error) {
    console.error("not committed:", error.message);
  }
}

async function handle(partition, message) {
  const order = parsed(message.value);
  if (order !== undefined) {
    await world.call("process", order);
    count += 1;
  }
  done.set(partition, String(BigInt(message.offset) + 1n));
  if (order !== undefined && count % 10 === 0) await commit();
}

await consumer.connect();
await consumer.subscribe({ topics: [orders] });
await consumer.run({
  eachMessage: async ({ partition, message }) => {
    if (!stopping) await (inHand = handle(partition, message));
  },
});
onStop(async () => {
  stopping = true;
  await inHand;
  await commit();
  await consumer.disconnect();
  world.close();
});
