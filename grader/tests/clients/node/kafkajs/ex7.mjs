// kafkajs: a timer for the fleet; eachMessage for the alerts, which are sent before the offset is committed.
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka } from "kafkajs";
import { brokers, group, onStop, parsed, topic } from "../kit.mjs";

const kafka = new Kafka({ brokers });
// kafkajs warns when an idempotent producer tries less often; its pauses double up to 30 s unless told otherwise.
const retry = { retries: Number.MAX_SAFE_INTEGER, maxRetryTime: 1000 };
const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, retry });
await producer.connect();

async function simulate() {
  const fleet = Array.from({ length: 10 }, (_, n) => ({ id: `v-${String(n + 1).padStart(2, "0")}`, phase: n, km: 500, lat: 48 + n / 50 }));
  let stopping = false, seconds = 0, sent = Promise.resolve();
  onStop(() => (stopping = true));
  const began = Date.now();
  while (!stopping) {
    seconds += 0.1;
    const messages = fleet.map((car) => {
      const speed = 70 + 55 * Math.sin(seconds / 9 + car.phase);
      car.km += (speed * 0.1) / 3600;
      car.lat += (speed * 0.1) / 3600 / 111;
      const reading = { vehicle_id: car.id, timestamp: new Date().toISOString(), latitude: car.lat, longitude: 2.35, speed_kmh: speed, odometer_km: car.km };
      return { key: car.id, value: JSON.stringify(reading) };
    });
    sent = sent.then(() => producer.send({ topic: topic("vehicle.telemetry"), acks: -1, messages }));
    await sleep(Math.max(0, began + seconds * 1000 - Date.now()));
  }
  await sent; // one after the other, so the last is the last
  await producer.disconnect();
}

const limits = [
  ["speeding", "speed_kmh", (value) => value >= 120],
  ["low_battery", "battery_percent", (value) => value <= 10],
];
const fleet = new Map();

/** The reading in a record, or undefined. */
function reading(value) {
  const seen = parsed(value);
  const right = typeof seen?.vehicle_id === "string" && typeof seen.timestamp === "string" && typeof seen.speed_kmh === "number";
  return right && ["undefined", "number"].includes(typeof (seen.battery_percent ?? undefined)) ? seen : undefined;
}

function alerts(seen) {
  const state = fleet.get(seen.vehicle_id) ?? { latest: "" };
  fleet.set(seen.vehicle_id, state);
  if (seen.timestamp <= state.latest) return [];
  state.latest = seen.timestamp;
  const found = [];
  for (const [alert, field, reached] of limits) {
    const value = seen[field] ?? undefined;
    if (value === undefined) continue;
    if (reached(value) && !state[alert]) found.push({ vehicle_id: seen.vehicle_id, alert, timestamp: seen.timestamp, value });
    state[alert] = reached(value);
  }
  return found;
}

async function watch() {
  const consumer = kafka.consumer({ groupId: group("vehicle-alerts") });
  let stopping = false, inHand = Promise.resolve();
  async function handle(partition, message) {
    const seen = reading(message.value);
    const messages = seen ? alerts(seen).map((alert) => ({ key: alert.vehicle_id, value: JSON.stringify(alert) })) : [];
    if (messages.length) await producer.send({ topic: topic("vehicle.alerts"), acks: -1, messages });
    await consumer.commitOffsets([{ topic: topic("vehicle.telemetry"), partition, offset: String(BigInt(message.offset) + 1n) }]);
  }
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
}

await (process.env.KAFKACOURSE_ROLE === "alerts" ? watch() : simulate());
