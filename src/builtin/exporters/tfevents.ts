import type {
  ExportedFacts,
  ExportedPoints,
  ExportedRun,
  Exporting,
  ExportPiece,
} from "../../services/ports/exporters.ts";
import type { Json } from "../../util/json.ts";
import { runFolder } from "./names.ts";
import { bytesField, doubleField, integerField, message, textField } from "./protobuf.ts";
import { tfRecord } from "./tfrecord.ts";
import { flatConfig, msOf } from "./values.ts";

/*
 * TensorBoard's event files, one for each run: scalars as tensors of doubles, since the older `simple_value` has half of
 * their bits, and the config as hyperparameters.
 */

export function openTfevents(): Exporting {
  return { begin: () => [], run: runPieces, end: () => [] };
}

async function* runPieces(run: ExportedRun): AsyncGenerator<ExportPiece> {
  const { facts } = run;
  const began = (msOf(facts.startedAt) ?? msOf(facts.createdAt) ?? 0) / 1000;
  const seconds = String(Math.floor(began)).padStart(10, "0");
  const path = `${runFolder(facts)}/events.out.tfevents.${seconds}.datmo.${facts.id}`;
  const first = message(doubleField(1, began), textField(3, "brain.Event:2"));
  yield { path, mode: "create", content: tfRecord(first) };
  yield { path, mode: "append", content: hparamsRecord(began, "start", startInfo(facts, began)) };
  for (const name of facts.metrics) {
    for (const content of pointPieces(name, await run.points(name))) yield { path, mode: "append", content };
  }
  const ended = msOf(facts.endedAt);
  if (ended === undefined) return;
  yield { path, mode: "append", content: hparamsRecord(ended / 1000, "end", endInfo(facts, ended / 1000)) };
}

const PIECE_POINTS = 1000;
const DOUBLE = 2;
const FLOAT = 1;

function* pointPieces(name: string, { step, value, at }: ExportedPoints): Generator<Buffer> {
  const tag = textField(1, name);
  // Only the first point of a tag tells what it is; readers remember.
  let metadata = bytesField(9, message(bytesField(1, textField(1, "scalars")), integerField(4, 1)));
  let records: Buffer[] = [];
  for (let i = 0; i < step.length; i++) {
    const bits = Buffer.allocUnsafe(8);
    bits.writeDoubleLE(value[i] as number);
    const tensor = message(integerField(1, DOUBLE), bytesField(2, message()), bytesField(6, bits));
    const summary = bytesField(1, message(tag, metadata, bytesField(8, tensor)));
    const event = [doubleField(1, (at[i] as number) / 1000), integerField(2, step[i] as number)];
    records.push(tfRecord(message(...event, bytesField(5, summary))));
    metadata = message();
    if (records.length < PIECE_POINTS) continue;
    yield Buffer.concat(records);
    records = [];
  }
  if (records.length > 0) yield Buffer.concat(records);
}

/** `which`: fields 3 and 4 of the plugin's message. */
function hparamsRecord(at: number, which: "start" | "end", info: Buffer): Buffer {
  const tag = `_hparams_/session_${which}_info`;
  const data = message(integerField(1, 0), bytesField(which === "start" ? 3 : 4, info));
  const metadata = bytesField(1, message(textField(1, "hparams"), bytesField(2, data)));
  // A value must hold something: a tensor without elements.
  const tensor = message(integerField(1, FLOAT), bytesField(2, bytesField(2, integerField(1, 0))));
  const value = message(textField(1, tag), bytesField(9, metadata), bytesField(8, tensor));
  return tfRecord(message(doubleField(1, at), bytesField(5, bytesField(1, value))));
}

function startInfo(facts: ExportedFacts, began: number): Buffer {
  const entries = flatConfig(facts.config).flatMap(([key, value]) => {
    const wire = hparamOf(value);
    return wire ? [bytesField(1, message(textField(1, key), bytesField(2, wire)))] : [];
  });
  const group = facts.group === undefined ? [] : [textField(4, facts.group)];
  return message(
    ...entries,
    ...(group.length > 0 ? [] : [textField(4, facts.id)]),
    ...group,
    doubleField(5, began),
  );
}

const SUCCESS = 1;
const FAILURE = 2;

function endInfo({ status }: ExportedFacts, ended: number): Buffer {
  return message(integerField(1, status === "succeeded" ? SUCCESS : FAILURE), doubleField(2, ended));
}

/** What hyperparameters can be: numbers, truth values and texts. */
function hparamOf(value: Json): Buffer | undefined {
  if (value === null) return undefined;
  if (typeof value === "number") return doubleField(2, value);
  if (typeof value === "boolean") return integerField(4, value ? 1 : 0);
  return textField(3, typeof value === "string" ? value : JSON.stringify(value));
}
