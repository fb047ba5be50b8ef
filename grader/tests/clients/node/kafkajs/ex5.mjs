// kafkajs: three attempts with growing pauses, send() for the letter, the offset afterwards.
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka } from "kafkajs";
import { brokers, Downstream, group, onStop, parsed, topic } from "../kit.mjs";

const kafka = new Kafka({ brokers });
const consumer = kafka.consumer({ groupId: group("order-processor") });
const producer = kafka.producer();
const world = new Downstream();
let stopping = false, inHand = Promise.resolve();

/** Why it failed and how often it was tried again, or undefined. */
async function failure(value) {
  const order = parsed(value);
  if (order === undefined) return ["not JSON", 0];
  let reason;
  for (const pause of [50, 100, 0]) {
    try {
      await world.call("process", order);
      return undefined;
    } catch (error) {
      reason = error.message;
    }
    await sleep(pause);
  }
  return [reason, 2];
}

async function setAside(partition, { key, value, headers, offset }, reason, retries) {
  const labels = {
    original_topic: topic("orders"),
    original_partition: String(partition),
    original_offset: offset,
    error: reason,
    retry_count: String(retries),
  };
  const letter = { key, value, headers: { ...headers, ...labels } };
  for (;;) {
    try {
      return await producer.send({ topic: topic("orders-dlq"), acks: -1, messages: [letter] });
    } catch (error) {
      console.error("refused letter:", error.message);
      await sleep(100);
    }
  }
}

async function handle(partition, message) {
  const failed = await failure(message.value);
  if (failed) await setAside(partition, message, ...failed);
  try {
    await consumer.commitOffsets([{ topic: topic("orders"), partition, offset: String(BigInt(message.offset) + 1n) }]);
  } catch (error) {
    console.error("not committed:", error.message);
  }
}

await producer.connect();
await consumer.connect();
await consumer.subscribe({ topics: [topic("orders")], fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ partition, message }) => {
    if (!stopping) await (inHand = handle(partition, message));
  },
});
onStop(async () => {
  stopping = true;
  await inHand;
  await consumer.disconnect();
  await producer.disconnect();
  process.exit(0); // what kafkajs still waits for, nobody needs
});
