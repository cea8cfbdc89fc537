import type { DriverFetchResult, DriverStartParams } from "../../../protocol/types.ts";
import type { Datmo } from "../types.ts";
import type { Kind } from "./kind.ts";

/** What is to be carried out. */
export type DriverTask = Omit<DriverStartParams, "name">;

export interface DriverState {
  /** Bytes of the output (standard output and error in one) from the asked byte on; at most 1 MiB. */
  readonly output: Uint8Array;
  /** 128 + n when signal n ended it. Absent: it runs. */
  readonly exitCode?: number;
}

/** A file, or a part of one, that a command left. */
export interface DriverFile extends Omit<DriverFetchResult["files"][number], "content"> {
  readonly content: Uint8Array;
}

/** Carries out the commands of runs somewhere else: `datmo run --on NAME`. */
export interface PluginDriver {
  /** Starts it; what is answered must be enough to find it again, also for another process of the plugin. */
  start(task: DriverTask, datmo: Datmo): Promise<string> | string;
  /** What came since; may wait up to `waitMs` for it. All output comes before the exit code. */
  poll(handle: string, from: { outputFrom: number; waitMs: number }, datmo: Datmo): Promise<DriverState>;
  /** To the command and everything that it started. */
  signal(handle: string, signal: "SIGINT" | "SIGTERM" | "SIGKILL", datmo: Datmo): Promise<void>;
  /** A page of the files that it left. Absent: none. */
  fetch?(
    handle: string,
    cursor: string | undefined,
    datmo: Datmo,
  ): Promise<{ readonly files: readonly DriverFile[]; readonly cursor?: string }>;
  /** Nothing of it is needed any more. Absent: there is nothing to do. */
  remove?(handle: string, datmo: Datmo): Promise<void>;
}

export const driver: Kind = {
  provided: ({ drivers = {} }) => Object.keys(drivers).map((name) => `driver ${name}`),
  answers({ drivers = {} }, datmo) {
    const named = (name: string): PluginDriver => {
      const found = drivers[name];
      if (!found) throw new Error(`there is no driver ${name}`);
      return found;
    };
    return {
      async "driver.start"({ name, ...task }) {
        return { handle: await named(name).start(task, datmo) };
      },
      async "driver.poll"({ name, handle, ...from }) {
        const { output, exitCode } = await named(name).poll(handle, from, datmo);
        return { output: base64(output), ...(exitCode === undefined ? {} : { exitCode }) };
      },
      async "driver.signal"({ name, handle, signal }) {
        await named(name).signal(handle, signal, datmo);
        return {};
      },
      async "driver.fetch"({ name, handle, cursor }) {
        const page = (await named(name).fetch?.(handle, cursor, datmo)) ?? { files: [] };
        const files = page.files.map((file) => ({ ...file, content: base64(file.content) }));
        return { files, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
      },
      async "driver.remove"({ name, handle }) {
        await named(name).remove?.(handle, datmo);
        return {};
      },
    };
  },
};

/** In pieces: a call with a million arguments is too much for an engine. */
function base64(bytes: Uint8Array): string {
  const piece = 0x8000;
  let text = "";
  for (let from = 0; from < bytes.length; from += piece)
    text += String.fromCharCode(...bytes.subarray(from, from + piece));
  return btoa(text);
}
