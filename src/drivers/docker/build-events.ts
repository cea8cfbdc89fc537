import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** One line of what an engine says while it builds or pulls. */
export interface ProgressEvent {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly code?: number; readonly message?: string };
  readonly aux?: unknown;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

/** Longest line that is kept while its end has not come, characters. */
const MOST_LINE = 16 * 1024 * 1024;

/**
 * Reads the lines of a progress stream, whatever way the network cut them. A line that is no JSON is passed on as
 * text. Rejects when the stream breaks off; errors of the build are events.
 */
export async function readEvents(source: Readable, take: (event: ProgressEvent) => void): Promise<void> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of source) {
    rest += decoder.write(chunk as Buffer);
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) takeLine(line, take);
    if (rest.length > MOST_LINE) throw new Error("the engine sends no lines");
  }
  takeLine(rest + decoder.end(), take);
}

function takeLine(line: string, take: (event: ProgressEvent) => void): void {
  const text = line.trim();
  if (text === "") return;
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    event = undefined;
  }
  if (typeof event === "object" && event !== null) take(event as ProgressEvent);
  else take({ stream: `${text}\n` });
}
