import { basename, dirname, join } from "node:path";
import type { ImportPiece } from "../../../services/ports/importers.ts";
import type { Json } from "../../../util/json.ts";
import { keptFilesBelow } from "../file-lists.ts";
import { PointList } from "../point-columns.ts";
import { ProtobufError, ProtobufReader, timestampMs } from "../protobuf.ts";
import { pythonJson } from "../python-json.ts";
import { type ItemKey, ItemKeys, type ItemValue, numbersIn, readItem } from "./items.ts";
import { logRecords } from "./log-records.ts";
import { factsOf, setPath, type WandbEnd } from "./run-facts.ts";
import { type EnvironmentFacts, type RunRecord, readEnvironment, readRun } from "./run-record.ts";

const PAGE_POINTS = 50_000;
const PAGE_OUTPUT = 1_000_000;

/** Reads the logs of one run: one, or one for each time that it was resumed. */
export class RunReader {
  readonly #keys = new ItemKeys();
  readonly #value: ItemValue = { number: undefined, json: undefined };
  #run: RunRecord | undefined;
  #environment: EnvironmentFacts = {};
  readonly #config: Record<string, Json> = {};
  readonly #summary = new Map<string, Json>();
  /** The last value of each metric. */
  readonly #last = new Map<string, number>();
  #end: WandbEnd = {};
  #points = new PointList();
  #system = new PointList();
  #output = "";
  #outputFrom = 0;
  #media = 0;
  readonly #problems: string[] = [];
  #files: ImportPiece["files"] = [];
  #lastTime = 0;
  #badRecords = 0;

  /** Project and owner of the run that a log begins with; undefined when it tells of none. */
  static identityOf(path: string): { readonly identity: string; readonly id: string } | undefined {
    for (const bytes of logRecords(path, () => undefined)) {
      try {
        const record = new ProtobufReader(bytes);
        while (record.next()) {
          if (record.field === 17 && record.wire === 2) {
            const { id, entity, project } = readRun(record.message(), () => undefined);
            return { identity: `${entity}/${project}`, id };
          }
          record.skip();
        }
      } catch (error) {
        if (!(error instanceof ProtobufError)) throw error;
      }
    }
    return undefined;
  }

  *logPages(path: string): Generator<ImportPiece[]> {
    const folder = basename(dirname(path));
    const stream = `${folder}/${basename(path)}`;
    [this.#points, this.#system] = [new PointList(), new PointList()];
    this.#end = {};
    this.#badRecords = 0;
    const problem = (text: string): void => void this.#problems.push(`${stream}: ${text}`);
    for (const bytes of logRecords(path, problem)) {
      this.#takeRecord(bytes);
      if (this.#points.length + this.#system.length >= PAGE_POINTS || this.#output.length >= PAGE_OUTPUT)
        yield [this.#page(stream)];
    }
    if (this.#badRecords > 0) problem(`records that are none were left out: ${this.#badRecords}`);
    this.#files = keptFilesBelow(join(dirname(path), "files"), problem).filter(
      ({ name }) => !OWN_FILES.has(name),
    );
    yield [this.#page(stream)];
  }

  /** What is known of the run once all of its logs were read. */
  last(): ImportPiece {
    const run = this.#run as RunRecord;
    if (this.#media > 0) this.#problems.push(`values that are media or tables were left out: ${this.#media}`);
    const summary = Object.fromEntries(
      [...this.#summary].filter(([name, value]) => !Object.is(this.#last.get(name), value)),
    );
    return {
      ...this.#about(),
      facts: factsOf(run, this.#environment, { config: this.#config, summary }, this.#end),
      ...(this.#files ? { files: this.#files } : {}),
      ...(this.#problems.length > 0 ? { problems: this.#problems } : {}),
    };
  }

  #about(): { readonly run: string; readonly identity: string } {
    const { id, entity, project } = this.#run as RunRecord;
    return { run: id, identity: `${entity}/${project}` };
  }

  #page(stream: string): ImportPiece {
    const text = this.#output;
    const output = text === "" ? {} : { output: { from: this.#outputFrom, text } };
    this.#outputFrom += Buffer.byteLength(text);
    this.#output = "";
    return {
      ...this.#about(),
      points: [
        { stream, ...this.#points.take() },
        { stream: `${stream} system`, ...this.#system.take(), system: true },
      ],
      ...output,
    };
  }

  #takeRecord(bytes: Buffer): void {
    try {
      const record = new ProtobufReader(bytes);
      while (record.next()) {
        if (record.wire === 2 && TAKEN.has(record.field)) this.#take(record.field, record.message());
        else record.skip();
      }
    } catch (error) {
      if (!(error instanceof ProtobufError)) throw error;
      this.#badRecords++;
    }
  }

  #take(field: number, message: ProtobufReader): void {
    if (field === 17) {
      const before = this.#run?.start;
      this.#run = readRun(message, (config) => this.#takeConfig(config));
      if (before !== undefined) this.#run.start = Math.min(before, this.#run.start ?? before);
    }
    if (!this.#run) return;
    if (field === 2) this.#takeHistory(message);
    else if (field === 3) this.#takeSummary(message);
    else if (field === 5) this.#takeConfig(message);
    else if (field === 7) this.#takeStats(message);
    else if (field === 13) this.#takeOutput(message);
    else if (field === 18) this.#end = readEnd(message);
    else if (field === 26) this.#environment = { ...this.#environment, ...readEnvironment(message) };
  }

  /** A step: all its values were merged by the one who wrote it. They come in any order. */
  #takeHistory(message: ProtobufReader): void {
    let step: number | undefined;
    let at: number | undefined;
    const names: string[] = [];
    const values: number[] = [];
    const typed = new Set<string>();
    const first: string[] = [];
    while (message.next()) {
      if (message.field === 2 && message.wire === 2) step = stepOf(message.message());
      else if (message.field === 1 && message.wire === 2) {
        const key = readItem(message.message(), this.#keys, this.#value);
        const { number, json } = this.#value;
        if (key.isOwn) {
          if (key.name === "_timestamp") at = number;
          else if (key.name === "_step") step ??= number;
        } else if (number !== undefined) {
          names.push(key.name);
          values.push(number);
          first.push(key.keys[0] as string);
        } else if (json !== undefined) this.#takeOther(key, json, { names, values, first, typed });
      } else message.skip();
    }
    if (at !== undefined) this.#lastTime = at * 1000;
    else if (this.#lastTime === 0) this.#lastTime = this.#run?.start ?? 0;
    for (let i = 0; i < names.length; i++) {
      // What an image is made of has numbers as well.
      if (typed.size > 0 && typed.has(first[i] as string)) continue;
      const [name, value] = [names[i] as string, values[i] as number];
      this.#points.add(name, step ?? 0, value, this.#lastTime);
      this.#last.set(name, value);
    }
    this.#media += typed.size;
  }

  #takeOther(
    key: ItemKey,
    json: string,
    found: { names: string[]; values: number[]; first: string[]; typed: Set<string> },
  ): void {
    const [first = ""] = key.keys;
    if (key.keys.at(-1) === "_type" && key.keys.length > 1) found.typed.add(first);
    else if (json.startsWith('{"_type"') || (json.startsWith("{") && json.includes('"_type"')))
      found.typed.add(first);
    for (const [name, value] of numbersIn(json, key.name)) {
      found.names.push(name);
      found.values.push(value);
      found.first.push(first);
    }
  }

  #takeSummary(message: ProtobufReader): void {
    while (message.next()) {
      if ((message.field !== 1 && message.field !== 2) || message.wire !== 2) {
        message.skip();
        continue;
      }
      const isRemoved = message.field === 2;
      const key = readItem(message.message(), this.#keys, this.#value);
      const { number, json } = this.#value;
      if (key.isOwn) continue;
      if (isRemoved) this.#summary.delete(key.name);
      else if (number !== undefined) this.#summary.set(key.name, number);
      else if (json?.startsWith('"') && key.keys.at(-1) !== "_type")
        this.#summary.set(key.name, pythonJson(json) ?? json);
    }
  }

  #takeConfig(message: ProtobufReader): void {
    while (message.next()) {
      if (message.field !== 1 || message.wire !== 2) {
        message.skip();
        continue;
      }
      const key = readItem(message.message(), this.#keys, this.#value);
      if (key.keys[0] === "_wandb") continue;
      const { number, json } = this.#value;
      const value = json === undefined ? number : pythonJson(json);
      if (value !== undefined) setPath(this.#config, key.keys, value as Json);
    }
  }

  #takeStats(message: ProtobufReader): void {
    let at = 0;
    const found: [string, number][] = [];
    while (message.next()) {
      if (message.field === 2 && message.wire === 2) at = timestampMs(message.message());
      else if (message.field === 3 && message.wire === 2) {
        const key = readItem(message.message(), this.#keys, this.#value);
        const { number } = this.#value;
        if (number !== undefined && Number.isFinite(number)) found.push([key.name, number]);
      } else message.skip();
    }
    const step = Math.max(0, Math.round((at - (this.#run?.start ?? at)) / 1000));
    for (const [name, value] of found) this.#system.add(`wandb/${name}`, step, value, at);
  }

  #takeOutput(message: ProtobufReader): void {
    while (message.next()) {
      if (message.field === 3 && message.wire === 2) this.#output += message.text();
      else message.skip();
    }
  }
}

/** Records that tell something of a run: history, summary, config, stats, output, run, exit, environment. */
const TAKEN = new Set([2, 3, 5, 7, 13, 17, 18, 26]);
/** What is told by the log as well. */
const OWN_FILES = new Set(["output.log", "wandb-summary.json"]);

function stepOf(message: ProtobufReader): number {
  while (message.next()) {
    if (message.field === 1 && message.wire === 0) return message.int();
    message.skip();
  }
  return 0;
}

function readEnd(message: ProtobufReader): WandbEnd {
  let [code, seconds] = [0, 0];
  while (message.next()) {
    if (message.field === 1 && message.wire === 0) code = message.int();
    else if (message.field === 2 && message.wire === 0) seconds = message.int();
    else message.skip();
  }
  return { code, seconds };
}
