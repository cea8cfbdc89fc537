import { basename } from "node:path";
import type { DatmoClient } from "../../../src/client/client.ts";
import { type JournalWriter, openJournalWriter } from "../../../src/client/journal-writer.ts";
import { isDatmoError } from "../../../src/protocol/errors.ts";
import type { JsonObject } from "../../../src/util/json.ts";

/** A connection and the process behind it. */
export interface Connected {
  readonly client: DatmoClient;
  readonly pid: number;
}

/** Points of one line of the journal at most. */
const AT_ONCE = 5000;

/** A recorded run as TypeScript has it: begun and ended by requests, and told of through its journal in between. */
export class Recording {
  readonly id: string;
  #engine: Connected;
  readonly #connect: () => Promise<Connected>;
  readonly #journal: JournalWriter;
  #step = 0;

  private constructor(
    id: string,
    engine: Connected,
    connect: () => Promise<Connected>,
    journal: JournalWriter,
  ) {
    this.id = id;
    this.#engine = engine;
    this.#connect = connect;
    this.#journal = journal;
  }

  /** Begins a run in an engine of its own. */
  static async begin(connect: () => Promise<Connected>, facts: JsonObject): Promise<Recording> {
    const engine = await connect();
    const params = { ...facts, snapshots: false, processId: process.pid, command: ["conformance"] };
    const { run, taskDirectory } = await engine.client.request("run.create", params);
    const journal = await openJournalWriter({ taskDirectory, writer: `runner-${process.pid}` });
    return new Recording(run.id, engine, connect, journal);
  }

  async log(values: JsonObject, step = this.#step): Promise<void> {
    const flat = flattened(values);
    this.#step = step + 1;
    await this.#points(
      flat.map(([name, value]) => ({ name, value, step })),
      Date.now() / 1000,
    );
  }

  async logMany(name: string, count: number, divide: number): Promise<void> {
    const all = Array.from({ length: count }, (_, step) => ({ name, value: step / divide, step }));
    for (let from = 0; from < count; from += AT_ONCE)
      await this.#points(all.slice(from, from + AT_ONCE), Date.now() / 1000);
    this.#step = count;
  }

  /** Appends what is no point. */
  async tell(entry: JsonObject & { readonly type: string }): Promise<void> {
    await this.#journal.append(entry);
  }

  async keepFile(path: string): Promise<void> {
    await this.tell({ type: "file", path, name: basename(path) });
  }

  async finish(exitCode: number): Promise<void> {
    const end = { id: this.id, exitCode };
    try {
      await this.#engine.client.request("run.finish", end);
    } catch (error) {
      if (!isDatmoError(error) || error.kind !== "ENGINE_GONE") throw error;
      this.#engine = await this.#connect();
      await this.#engine.client.request("run.create", { id: this.id, resume: true, snapshots: false });
      await this.#engine.client.request("run.finish", end);
    }
    await this.close();
  }

  /** Ends the engine behind it, without telling of an end of the run. */
  async close(): Promise<void> {
    await this.#engine.client.close();
  }

  kill(): number {
    process.kill(this.#engine.pid, "SIGKILL");
    return this.#engine.pid;
  }

  async #points(
    points: readonly { name: string; value: unknown; step: number }[],
    at: number,
  ): Promise<void> {
    const columns = {
      name: points.map((point) => point.name),
      step: points.map((point) => point.step),
      value: points.map((point) => (Number.isFinite(point.value) ? point.value : String(point.value))),
      at: points.map(() => at),
    };
    await this.tell({ type: "points", points: columns as never });
  }
}

function flattened(values: JsonObject, prefix = ""): [string, unknown][] {
  return Object.entries(values).flatMap(([key, value]) =>
    typeof value === "object" ? flattened(value as JsonObject, `${prefix}${key}.`) : [[prefix + key, value]],
  );
}
