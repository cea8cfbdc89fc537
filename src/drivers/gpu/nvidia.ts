import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { GpuProbe, GpuReading, GpuUse } from "../../services/ports/usage.ts";

/** Columns of a line, in this order. */
const QUERY = "index,utilization.gpu,memory.used,power.draw,temperature.gpu";
/** Time between two lines of one GPU, seconds. The driver itself averages over one at most. */
const EVERY_S = 2;
/** How often a program that ended by itself is started again. */
const MOST_RESTARTS = 3;
const MEBIBYTE = 2 ** 20;
const LONGEST_LINE = 1_000;

export interface NvidiaOptions {
  /** Path of nvidia-smi. */
  readonly program: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * Watches NVIDIA's GPUs by one nvidia-smi that goes on telling. It ends with this process: nobody reads its pipe then.
 * What it has said since the last reading is put together: the mean of utilization and power, the most memory.
 */
export function watchNvidia({ program, variables }: NvidiaOptions, { ids }: GpuUse): GpuProbe {
  const seen = new Map<number, Gathered>();
  let child: ChildProcess | undefined;
  let starts = 0;
  let isClosed = false;

  function start(): void {
    starts++;
    const which = ids ? ["-i", ids.join(",")] : [];
    const words = [...which, `--query-gpu=${QUERY}`, "--format=csv,noheader,nounits", "-l", String(EVERY_S)];
    const started = spawn(program, words, {
      env: { ...variables, LC_ALL: "C" },
      stdio: ["ignore", "pipe", "ignore"],
      windowsHide: true,
    });
    const ended = (): void => {
      if (child === started) child = undefined;
    };
    started.on("error", ended);
    started.on("exit", ended);
    // Where this process may open no more files, there is no program and no pipe either.
    if (!started.stdout) return;
    child = started;
    started.unref();
    (started.stdout as Socket).unref();
    started.stdout.on("error", () => undefined);
    let rest = "";
    started.stdout.setEncoding("latin1").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      // Whatever it says without ever ending a line is nothing.
      rest = (lines.pop() ?? "").slice(0, LONGEST_LINE);
      for (const line of lines) gather(seen, parseLine(line));
    });
  }

  try {
    start();
  } catch {
    starts = MOST_RESTARTS + 1;
  }
  return {
    read() {
      const readings = [...seen.values()].map(together).sort((a, b) => a.index - b.index);
      seen.clear();
      if (!child && !isClosed && starts <= MOST_RESTARTS) {
        try {
          start();
        } catch {
          starts = MOST_RESTARTS + 1;
        }
      }
      return readings;
    },
    close() {
      isClosed = true;
      child?.kill();
      child?.stdout?.destroy();
    },
  };
}

/** A line such as `0, 97, 40321, 612.31, 58`. What a GPU does not tell is `[N/A]` or the like, and left out. */
export function parseLine(line: string): GpuReading | undefined {
  const cells = line.split(",").map((cell) => cell.trim());
  if (cells.length !== QUERY.split(",").length || !/^\d{1,4}$/.test(cells[0] ?? "")) return undefined;
  const [index = 0, utilization, mebibytes, power, temperature] = cells.map((cell) =>
    /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : undefined,
  );
  return {
    index,
    ...(utilization === undefined ? {} : { utilizationPercent: utilization }),
    ...(mebibytes === undefined ? {} : { memoryBytes: mebibytes * MEBIBYTE }),
    ...(power === undefined ? {} : { powerWatts: power }),
    ...(temperature === undefined ? {} : { temperatureCelsius: temperature }),
  };
}

/** All that was told of one GPU since the last reading. */
type Gathered = GpuReading[];

/** Readings of one GPU that are kept at most: more than come between two samples. */
const MOST_GATHERED = 4_096;

function gather(seen: Map<number, Gathered>, reading: GpuReading | undefined): void {
  if (!reading) return;
  const known = seen.get(reading.index);
  if (!known) seen.set(reading.index, [reading]);
  else if (known.length < MOST_GATHERED) known.push(reading);
}

function together(readings: Gathered): GpuReading {
  const [utilizationPercent, powerWatts] = [mean("utilizationPercent"), mean("powerWatts")];
  const [memoryBytes, temperatureCelsius] = [most("memoryBytes"), most("temperatureCelsius")];
  return {
    index: readings[0]?.index ?? 0,
    ...(utilizationPercent === undefined ? {} : { utilizationPercent }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(powerWatts === undefined ? {} : { powerWatts }),
    ...(temperatureCelsius === undefined ? {} : { temperatureCelsius }),
  };

  function values(key: keyof GpuReading): number[] {
    return readings.flatMap((reading) => reading[key] ?? []);
  }

  function mean(key: keyof GpuReading): number | undefined {
    const all = values(key);
    return all.length === 0 ? undefined : all.reduce((sum, value) => sum + value, 0) / all.length;
  }

  function most(key: keyof GpuReading): number | undefined {
    const all = values(key);
    return all.length === 0 ? undefined : Math.max(...all);
  }
}
