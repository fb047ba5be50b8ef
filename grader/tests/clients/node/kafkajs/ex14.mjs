// kafkajs: a reading or a reason, then the call or the letter, then the offset.
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka } from "kafkajs";
import { brokers, Downstream, group, onStop, topic } from "../kit.mjs";

const kafka = new Kafka({ brokers });
const consumer = kafka.consumer({ groupId: group("fleet-map") });
const producer = kafka.producer();
const world = new Downstream();
let stopping = false, inHand = Promise.resolve();

function number(raw, name) {
  const value = raw[name] ?? null;
  if (value !== null && typeof value !== "number") throw new Error(`${name} is no number`);
  return value;
}

function read(value) {
  const raw = JSON.parse(value);
  for (const name of ["vehicle_id", "timestamp"]) {
    if (typeof raw?.[name] !== "string") throw new Error(`${name} is no text`);
  }
  const speed_kmh = number(raw, "speed_kmh") ?? number(raw, "speed");
  if (speed_kmh === null || speed_kmh < 0 || speed_kmh > 400) throw new Error(`${speed_kmh} is no speed`);
  const { vehicle_id, timestamp } = raw;
  return { vehicle_id, timestamp, speed_kmh, battery_percent: number(raw, "battery_percent") };
}

function readOrWhy(value) {
  try {
    return [read(value), undefined];
  } catch (error) {
    return [undefined, error.message];
  }
}

/** Until it is taken: there is no third place for it. */
async function setAside(letter) {
  for (;;) {
    try {
      return await producer.send({ topic: topic("vehicle.telemetry.dlq"), acks: -1, messages: [letter] });
    } catch (error) {
      console.error("refused letter:", error.message);
      await sleep(100);
    }
  }
}

async function handle(partition, { key, value, headers, offset }) {
  const [reading, why] = readOrWhy(value);
  if (reading) await world.call("reading", reading);
  else {
    const label = {
      original_topic: topic("vehicle.telemetry"),
      original_partition: String(partition),
      original_offset: offset,
      error: why,
      retry_count: "0",
    };
    await setAside({ key, value, headers: { ...headers, ...label } });
  }
  await consumer.commitOffsets([{ topic: topic("vehicle.telemetry"), partition, offset: String(BigInt(offset) + 1n) }]);
}

await producer.connect();
await consumer.connect();
await consumer.subscribe({ topics: [topic("vehicle.telemetry")], fromBeginning: true });
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
