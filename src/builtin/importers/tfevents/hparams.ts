import type { ImportedFacts } from "../../../services/ports/importers.ts";
import type { Json } from "../../../util/json.ts";
import { ProtobufReader } from "../protobuf.ts";

/** What the data of TensorBoard's plugin `hparams` says of a run (`HParamsPluginData`). */
export function readHparams(content: Buffer): Partial<ImportedFacts> {
  const data = new ProtobufReader(content);
  let facts: Partial<ImportedFacts> = {};
  while (data.next()) {
    if (data.field === 3 && data.wire === 2) facts = { ...facts, ...readStart(data.message()) };
    else if (data.field === 4 && data.wire === 2) facts = { ...facts, ...readEnd(data.message()) };
    else data.skip();
  }
  return facts;
}

function readStart(start: ProtobufReader): Partial<ImportedFacts> {
  const config: [string, Json][] = [];
  let group = "";
  let seconds = 0;
  while (start.next()) {
    if (start.field === 1 && start.wire === 2) config.push(readEntry(start.message()));
    else if (start.field === 4 && start.wire === 2) group = start.text();
    else if (start.field === 5 && start.wire === 1) seconds = start.double();
    else start.skip();
  }
  return {
    config: Object.fromEntries(config),
    ...(group === "" ? {} : { group: group.slice(0, 200) }),
    ...(seconds > 0 ? { startedAt: timeText(seconds) } : {}),
  };
}

const STATUSES: Readonly<Record<number, ImportedFacts["status"]>> = { 1: "succeeded", 2: "failed" };

function readEnd(end: ProtobufReader): Partial<ImportedFacts> {
  let [status, seconds] = [0, 0];
  while (end.next()) {
    if (end.field === 1 && end.wire === 0) status = end.varint();
    else if (end.field === 2 && end.wire === 1) seconds = end.double();
    else end.skip();
  }
  const known = STATUSES[status];
  return {
    ...(known === undefined ? {} : { status: known }),
    ...(seconds > 0 ? { endedAt: timeText(seconds) } : {}),
  };
}

function readEntry(entry: ProtobufReader): [string, Json] {
  let key = "";
  let value: Json = null;
  while (entry.next()) {
    if (entry.field === 1 && entry.wire === 2) key = entry.text();
    else if (entry.field === 2 && entry.wire === 2) value = readJson(entry.message(), 0);
    else entry.skip();
  }
  return [key, value];
}

const DEEPEST = 50;

/** `google.protobuf.Value`; what it nests deeper than anybody writes is left out. */
function readJson(message: ProtobufReader, depth: number): Json {
  let value: Json = null;
  while (message.next()) {
    const { field, wire } = message;
    if (field === 2 && wire === 1) value = message.double();
    else if (field === 3 && wire === 2) value = message.text();
    else if (field === 4 && wire === 0) value = message.varint() !== 0;
    else if (field === 5 && wire === 2 && depth < DEEPEST) {
      const fields = message.message();
      const entries: [string, Json][] = [];
      while (fields.next()) {
        if (fields.field === 1 && fields.wire === 2) entries.push(readEntry(fields.message()));
        else fields.skip();
      }
      value = Object.fromEntries(entries);
    } else if (field === 6 && wire === 2 && depth < DEEPEST) {
      const list = message.message();
      const items: Json[] = [];
      while (list.next()) {
        if (list.field === 1 && list.wire === 2) items.push(readJson(list.message(), depth + 1));
        else list.skip();
      }
      value = items;
    } else message.skip();
  }
  return value;
}

function timeText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}
