// kafkajs: its admin client asks for the commits of each group, and for both ends of the logs.
import { Kafka } from "kafkajs";
import { brokers, Downstream, group, onStop, topic } from "../kit.mjs";

const LIMIT = 10;
const ORDERS = topic("orders");
const admin = new Kafka({ brokers }).admin();
const world = new Downstream();
const watched = ["order-processor", "analytics", "billing"].map((name) => ({ name, total: null, above: new Set() }));
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

let running = true;
let waiting = false; // for the next question
onStop(() => {
  running = false;
  if (waiting) process.exit(0);
});

async function asked() {
  waiting = true;
  try {
    await world.call("next", {});
    return true;
  } catch (error) {
    console.error(error.message);
    return false;
  } finally {
    waiting = false;
  }
}

async function lags(name) {
  const [commits] = await admin.fetchOffsets({ groupId: group(name), topics: [ORDERS] });
  const committed = new Map(commits.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  const lags = {};
  for (const { partition, low, high } of await admin.fetchTopicOffsets(ORDERS)) {
    const [start, end, position] = [Number(low), Number(high), committed.get(partition) ?? -1];
    lags[partition] = position < 0 || position > end ? null : end - Math.max(position, start);
  }
  return lags;
}

async function measured(name) {
  for (;;) {
    try {
      return await lags(name);
    } catch (error) {
      console.error("asking again:", error.message);
      await pause(100);
    }
  }
}

await admin.connect();
while (running && (await asked())) {
  for (const one of watched) {
    const lag = await measured(one.name);
    for (const [partition, behind] of Object.entries(lag)) {
      if (behind === null) continue;
      if (behind < LIMIT) one.above.delete(partition);
      else if (!one.above.has(partition)) {
        one.above.add(partition);
        await world.call("alert", { group: one.name, partition: Number(partition) });
      }
    }
    const known = Object.values(lag).filter((behind) => behind !== null);
    const total = known.length ? known.reduce((sum, behind) => sum + behind) : null;
    let trend = null;
    if (total !== null && one.total !== null) {
      trend = total > one.total ? "growing" : total < one.total ? "shrinking" : "steady";
    }
    one.total = total;
    await world.call("lag", { group: one.name, lag, total, trend });
  }
}
await admin.disconnect();
world.close();
