// kafkajs: one loop takes orders as long as there are places, another sends whatever is waiting in one call.
import { Kafka } from "kafkajs";
import { brokers, Downstream, onStop, topic } from "../kit.mjs";

const WINDOW = 50;
const producer = new Kafka({ brokers }).producer({
  idempotent: true,
  maxInFlightRequests: 1,
  retry: { retries: Number.MAX_SAFE_INTEGER, maxRetryTime: 1000 },
});
const world = new Downstream();
let line = Promise.resolve(); // of calls, which are made one at a time
const call = (op, args) => (line = line.then(() => world.call(op, args)));

let waiting = [];
let open = 0;
let running = true;
let taking = true;
let wake = () => {};
const changed = () => new Promise((resolve) => (wake = resolve));
onStop(() => {
  running = false;
  wake();
});

async function take() {
  while (running) {
    if (open >= WINDOW) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      continue;
    }
    const order = await call("next", {});
    if (!order) break;
    open += 1;
    waiting.push(order);
    wake();
  }
  taking = false;
  wake();
}

async function send() {
  while (taking || waiting.length) {
    if (!waiting.length) {
      await changed();
      continue;
    }
    const orders = waiting;
    waiting = [];
    const messages = orders.map((order) => ({ key: order.customer_id, value: JSON.stringify(order) }));
    let op = "delivered";
    try {
      await producer.send({ topic: topic("orders"), acks: -1, messages });
    } catch (error) {
      console.error("not delivered:", error.message);
      op = "failed";
    }
    for (const { order_id } of orders) {
      await call(op, { order_id });
      open -= 1;
    }
  }
}

await producer.connect();
await Promise.all([take(), send()]);
await producer.disconnect();
world.close();
