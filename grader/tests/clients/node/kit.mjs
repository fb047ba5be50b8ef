// What modules/reference/contract.md asks of every program, for Node.
import net from "node:net";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const variable = (name) => name.toUpperCase().replace(/[^A-Z0-9]/g, "_");

export const brokers = (process.env.KAFKA_BOOTSTRAP_SERVERS ?? "localhost:9092").split(",");
export const consumerProtocol = process.env.GROUP_PROTOCOL === "consumer";
export const topic = (name) => process.env[`KAFKA_TOPIC_${variable(name)}`] ?? name;
export const group = (name) => process.env[`KAFKA_GROUP_${variable(name)}`] ?? name;
export const orders = () => readFileSync(process.env.KAFKACOURSE_INPUT, "utf8").trim().split("\n").map((line) => JSON.parse(line));

/** Calls `stop` once, when the program is asked to stop. */
export function onStop(stop) {
  let asked = false;
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.on(signal, () => {
      if (!asked) stop();
      asked = true;
    });
  }
}

/** The order in a record, or undefined when it is not JSON. */
export function parsed(value) {
  try {
    return JSON.parse(value);
  } catch (error) {
    console.error("skipped:", error.message);
    return undefined;
  }
}

/** What ex1 hands in. */
export class Report {
  delivered = 0;
  failed = 0;
  partitions = {};

  count(partition) {
    this.delivered += 1;
    this.partitions[partition] = (this.partitions[partition] ?? 0) + 1;
  }

  countFailed(records, error) {
    console.error("not delivered:", error.message);
    this.failed += records;
  }

  async handIn() {
    const world = new Downstream();
    await world.call("report", this);
    world.close();
    process.exitCode = this.failed ? 1 : 0;
  }
}

export class Downstream {
  constructor(address = process.env.KAFKACOURSE_DOWNSTREAM) {
    if (!address) return; // by hand: call() prints and succeeds
    const colon = address.lastIndexOf(":");
    this.socket = net.connect(Number(address.slice(colon + 1)), address.slice(0, colon));
    this.lines = createInterface({ input: this.socket })[Symbol.asyncIterator]();
  }

  async call(op, args) { // one at a time
    if (!this.socket) return console.log(op, JSON.stringify(args));
    this.socket.write(JSON.stringify({ op, args }) + "\n");
    const { value: line, done } = await this.lines.next();
    if (done) throw new Error("the outside world hung up");
    const answer = JSON.parse(line);
    if (!answer.ok) throw new Error(answer.error);
    return answer.value ?? null;
  }

  close() { // an open socket keeps Node running
    this.socket?.end();
  }
}
