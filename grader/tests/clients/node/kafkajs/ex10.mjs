// kafkajs: one consumer for both topics; what comes too early is paused and sought back to.
import { Kafka } from "kafkajs";
import { brokers, Downstream, group, onStop, parsed, topic } from "../kit.mjs";

const kafka = new Kafka({ brokers });
const consumer = kafka.consumer({ groupId: group("order-processor") });
const producer = kafka.producer();
const world = new Downstream();
const [orders, retry, dlq] = ["orders", "orders.retry", "orders.dlq"].map(topic);
const pauses = { 2: 200, 3: 400 };
let stopping = false, inHand = Promise.resolve();

/** Number and time of the next attempt, or undefined when nobody can follow them. */
function label(from, { headers }) {
  if (from === orders) return { attempt: 1, notBefore: 0 };
  const [attempt, notBefore] = [headers.attempt, headers.not_before].map((value) => /^\d+$/.test(value) ? Number(value) : NaN);
  return attempt in pauses && notBefore <= Date.now() + 60_000 ? { attempt, notBefore } : undefined;
}

async function passOn(from, partition, message, to, error, labels) {
  const { attempt, not_before, ...headers } = message.headers;
  headers.original_topic ??= from;
  headers.original_partition ??= String(partition);
  headers.original_offset ??= message.offset;
  headers.error = [headers.error ?? [], error].flat(); // an array is a header several times
  for (const [name, value] of Object.entries(labels)) headers[name] = String(value);
  const { key, value } = message;
  for (;;) {
    try {
      return await producer.send({ topic: to, acks: -1, messages: [{ key, value, headers }] });
    } catch (error) {
      console.error("refused:", error.message);
      if (stopping) throw error;
    }
  }
}

async function handle(from, partition, message) {
  const next = label(from, message), order = parsed(message.value);
  if (next && next.notBefore > Date.now()) {
    const place = { topic: from, partitions: [partition] };
    consumer.pause([place]);
    consumer.seek({ topic: from, partition, offset: message.offset });
    setTimeout(() => stopping || consumer.resume([place]), next.notBefore - Date.now());
    return;
  }
  if (!next || order === undefined) {
    await passOn(from, partition, message, dlq, next ? "not JSON" : "no label", { retry_count: 0 });
  } else {
    try {
      await world.call("process", order);
    } catch ({ message: reason }) {
      const attempt = next.attempt + 1;
      const labels = { attempt, not_before: Date.now() + pauses[attempt] };
      if (attempt in pauses) await passOn(from, partition, message, retry, reason, labels);
      else await passOn(from, partition, message, dlq, reason, { retry_count: 2 });
    }
  }
  try {
    await consumer.commitOffsets([{ topic: from, partition, offset: String(BigInt(message.offset) + 1n) }]);
  } catch (error) {
    console.error("not committed:", error.message);
  }
}

await producer.connect();
await consumer.connect();
await consumer.subscribe({ topics: [orders, retry], fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ topic: from, partition, message }) => {
    if (!stopping) await (inHand = handle(from, partition, message));
  },
});
onStop(async () => {
  stopping = true;
  await inHand.catch(() => {});
  await consumer.disconnect();
  await producer.disconnect();
  process.exit(0); // what kafkajs still waits for, nobody needs
});
