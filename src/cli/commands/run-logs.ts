import type { RunLogsResult } from "../../protocol/types.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { EXIT } from "../exit-codes.ts";
import { countOption } from "../options/values.ts";

interface Options {
  readonly follow?: boolean;
  readonly lines?: number;
}

/** Bytes asked for at once. */
const READ_BYTES = 1024 * 1024;
/** Time between two looks at a run that goes on, milliseconds. */
const POLL_MS = 150;
const NEWLINE = 10;

export const runLogs: CommandModule = {
  define(command) {
    command
      .argument("<run>", "id, name or unique beginning of an id")
      .option("-f, --follow", "go on until the run has ended")
      .option("-n, --lines <n>", "only the last n lines", countOption);
  },
  async run(call) {
    const { follow, lines } = call.options<Options>();
    const id = call.args[0] ?? "";
    const from = lines === undefined ? 0 : await startOfLines(call, id, lines);
    if (call.json) {
      const result = await call.request("run.logs", { id, offset: from });
      await call.answer(result, () => "");
      return EXIT.ok;
    }
    return copyLog(call, id, from, follow === true);
  },
};

/** Output as it is, byte for byte. */
async function copyLog(call: Call, id: string, from: number, follow: boolean): Promise<number> {
  const interrupt = abortOnSignal(call.host);
  let offset = from;
  try {
    while (!interrupt.signal.aborted && !call.stdout.gone) {
      const part = await readLog(call, id, offset);
      if (part.nextOffset > offset) await call.stdout.write(Buffer.from(part.text, "base64"));
      offset = part.nextOffset;
      if (offset < part.size) continue;
      if (!follow || part.ended) return EXIT.ok;
      await sleep(POLL_MS, interrupt.signal);
    }
    return interrupt.signal.aborted ? EXIT.interrupted : EXIT.ok;
  } finally {
    interrupt.end();
  }
}

function readLog(call: Call, id: string, offset: number): Promise<RunLogsResult> {
  return call.request("run.logs", { id, offset, limit: READ_BYTES, encoding: "base64" });
}

/** Byte at which the last `lines` lines begin: looked for from the end, block by block. */
async function startOfLines(call: Call, id: string, lines: number): Promise<number> {
  const { size } = await call.request("run.logs", { id, offset: 0, limit: 1, encoding: "base64" });
  let left = lines;
  let end = size;
  while (end > 0) {
    const start = Math.max(0, end - READ_BYTES);
    const { text } = await call.request("run.logs", {
      id,
      offset: start,
      limit: end - start,
      encoding: "base64",
    });
    const bytes = Buffer.from(text, "base64");
    for (let at = bytes.length - 1; at >= 0; at--) {
      if (bytes[at] !== NEWLINE || start + at === size - 1) continue;
      left--;
      if (left === 0) return start + at + 1;
    }
    end = start;
  }
  return 0;
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}
