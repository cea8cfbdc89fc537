import type { Writable } from "node:stream";
import type { LogLevel } from "../domain/call-context.ts";
import type { JsonObject } from "../util/json.ts";

/** One record of the engine's log: a line on stderr, and the params of `$/logMessage`. */
export interface LogRecord {
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: JsonObject;
}

export type LogSink = (record: LogRecord) => void;

export type Log = (level: LogLevel, message: string, fields?: JsonObject) => void;

const RANK: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };
/** Log text that stderr's reader has not taken yet: above this many bytes records are counted, not kept. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** The level a text names; `warn` for anything else. */
export function parseLogLevel(text: string | undefined): LogLevel {
  return text !== undefined && Object.hasOwn(RANK, text) ? (text as LogLevel) : "warn";
}

export class Logger {
  readonly #rank: number;
  readonly #sinks: LogSink[];

  constructor(level: LogLevel, sink: LogSink) {
    this.#rank = RANK[level];
    this.#sinks = [sink];
  }

  readonly log: Log = (level, message, fields) => {
    if (RANK[level] > this.#rank) return;
    const record = {
      at: new Date().toISOString(),
      level,
      message,
      ...(fields === undefined ? {} : { fields }),
    };
    for (const sink of this.#sinks) sink(record);
  };

  addSink(sink: LogSink): void {
    this.#sinks.push(sink);
  }
}

/** Writes one JSON object per line. A reader that does not read costs a bounded amount of memory. */
export function lineSink(output: () => Writable): LogSink {
  let dropped = 0;
  return (record) => {
    const stream = output();
    if (stream.writableLength > MAX_WAITING_BYTES) {
      dropped++;
      return;
    }
    const line = dropped === 0 ? record : { ...record, droppedBefore: dropped };
    dropped = 0;
    stream.write(`${JSON.stringify(line)}\n`);
  };
}
