/* Connects a plugin with the engine that started it. Imported before the plugin itself. */
import { readFrames, writeFrame } from "./frames.ts";
import { KINDS } from "./kinds/all.ts";
import { type CallContext, type Datmo, DatmoError, type PluginDefinition } from "./types.ts";

declare const Deno: { exit(code: number): never };

// Standard output belongs to the protocol.
globalThis.console.log = console.error;
globalThis.console.info = console.error;
globalThis.console.debug = console.error;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: {
      readonly kind: string;
      readonly details?: Record<string, unknown>;
      readonly hint?: string;
    };
  };
}
type Params = Readonly<Record<string, unknown>>;
type AnyAnswer = (params: Params, context: CallContext) => unknown;

/** Answers the engine until it closes the input. */
export async function serve(plugin: PluginDefinition): Promise<void> {
  const { datmo, settle } = engineSide();
  const answers = answersOf(plugin, datmo);
  const open = new Map<number, AbortController>();
  await readFrames((value) => {
    const message = value as Message;
    if (message.method === "$/cancelRequest") open.get(message.params?.["id"] as number)?.abort();
    else if (message.method === undefined) settle(message);
    else if (message.id !== undefined) void answer(message.id, message.method, message.params ?? {});
  });
  Deno.exit(0);

  async function answer(id: number, method: string, params: Params): Promise<void> {
    const controller = new AbortController();
    open.set(id, controller);
    try {
      const give = answers[method];
      if (!give) throw new Error(`this SDK does not know ${method}`);
      await writeFrame({
        jsonrpc: "2.0",
        id,
        result: (await give(params, { signal: controller.signal })) ?? null,
      });
    } catch (error) {
      await writeFrame({ jsonrpc: "2.0", id, error: wireError(error) });
    } finally {
      open.delete(id);
    }
  }
}

type Settings = { -readonly [K in keyof Datmo]: Datmo[K] };

function engineSide(): { readonly datmo: Settings; settle(message: Message): void } {
  const pending = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let last = 0;
  const request = (method: string, params: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      last++;
      pending.set(last, { resolve, reject });
      void writeFrame({ jsonrpc: "2.0", id: last, method, params });
    });
  return {
    datmo: { request: request as Datmo["request"], projectDirectory: "", granted: {} },
    settle({ id, result, error }) {
      const waiting = pending.get(id as number);
      pending.delete(id as number);
      if (!error) waiting?.resolve(result);
      else {
        const { kind = "INTERNAL_ERROR", details, hint } = error.data ?? {};
        waiting?.reject(
          new DatmoError(error.message, {
            kind,
            code: error.code,
            ...(details ? { details } : {}),
            ...(hint === undefined ? {} : { hint }),
          }),
        );
      }
    },
  };
}

function answersOf(plugin: PluginDefinition, datmo: Settings): Readonly<Record<string, AnyAnswer>> {
  return {
    initialize(params) {
      datmo.projectDirectory = params["projectDirectory"] as string;
      datmo.granted = params["granted"] as Datmo["granted"];
      return { provides: KINDS.flatMap((kind) => kind.provided(plugin)) };
    },
    ...Object.assign({}, ...KINDS.map((kind) => kind.answers(plugin, datmo))),
  };
}

function wireError(error: unknown): object {
  const { name = "Error", message = String(error) } = error instanceof Error ? error : {};
  const kind = error instanceof DatmoError ? error.kind : name;
  return { code: 1, message: message.slice(0, 4000), data: { kind } };
}
