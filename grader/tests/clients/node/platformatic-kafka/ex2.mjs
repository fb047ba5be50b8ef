// @platformatic/kafka: a stream of messages, and commit() with the offsets behind the work.
import { Consumer, MessagesStreamFallbackModes, MessagesStreamModes, stringDeserializers } from "@platformatic/kafka";
import { brokers, consumerProtocol, Downstream, group, onStop, parsed, topic } from "../kit.mjs";

const consumer = new Consumer({
  clientId: "ex2",
  groupId: group("order-processor"),
  bootstrapBrokers: brokers,
  deserializers: stringDeserializers,
  autocommit: false,
  maxWaitTime: 500,
  ...(consumerProtocol && { groupProtocol: "consumer" }),
});
const world = new Downstream();
const done = new Map();
let count = 0, stopping = false;

async function commit() {
  try {
    if (done.size) await consumer.commit({ offsets: [...done.values()] });
    done.clear();
  } catch (error) {
    console.error("not committed:", error.message);
  }
}

const stream = await consumer.consume({
  topics: [topic("orders")],
  mode: MessagesStreamModes.COMMITTED,
  fallbackMode: MessagesStreamFallbackModes.EARLIEST,
});
onStop(() => {
  stopping = true;
  stream.close();
});
for await (const message of stream) {
  if (stopping) break;
  const order = parsed(message.value);
  if (order !== undefined) {
    await world.call("process", order);
    count += 1;
  }
  const { topic, partition, offset } = message;
  done.set(partition, { topic, partition, offset: offset + 1n, leaderEpoch: -1 });
  if (order !== undefined && count % 10 === 0) await commit();
}
await commit();
await consumer.close(true); // leaves the group
world.close();
