import { spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import { provisionsOf } from "../domain/plugin-manifest.ts";
import { permissionsToWire } from "../domain/plugin-permissions.ts";
import { errors } from "../protocol/errors.ts";
import { type PluginCall, type PluginCallMap, protocolVersion } from "../protocol/methods.ts";
import type { AnswerPlugin, PluginCallOptions, RunnablePlugin } from "../services/ports/plugins.ts";
import type { Json, JsonObject } from "../util/json.ts";
import { jsonProblem } from "../util/json-limits.ts";
import { timeLimit } from "../util/time-limit.ts";
import { version } from "../util/version.ts";
import type { Launch } from "./launch.ts";
import { Peer, PeerError, type PluginChild } from "./peer.ts";

/** From the start of the process to its answer to `initialize`. */
const START_MS = 15_000;
/** After its input was closed, and after a call was cancelled; then it is killed. */
const GRACE_MS = 2_000;
/** What it may print while it does not answer. */
const MOST_PRINTED = 4 * 1024 * 1024;
const KEPT_CHARACTERS = 2_000;
/** Longest wait for its last words when it has ended. */
const WORDS_MS = 200;
/** Calls of one process that are denied; a plugin that has not learned by then tries to be a nuisance. */
const MOST_DENIED = 1_000;

/** One running process of a plugin. */
export class PluginProcess {
  readonly plugin: RunnablePlugin;
  /** Resolves with the reason when it has ended. */
  readonly ended: Promise<string>;
  readonly #child: PluginChild;
  readonly #peer: Peer;
  readonly #heard: ((name: string, text: string) => void) | undefined;
  readonly #decoder = new StringDecoder("utf8");
  #openCalls = 0;
  #printed = 0;
  #words = "";
  #denied = 0;
  #reason: string | undefined;
  #tellEnded: (reason: string) => void = () => {};

  constructor(
    plugin: RunnablePlugin,
    launch: Launch,
    {
      answer,
      heard,
    }: { readonly answer: AnswerPlugin; readonly heard?: (name: string, text: string) => void },
  ) {
    this.plugin = plugin;
    this.#heard = heard;
    this.ended = new Promise((resolve) => {
      this.#tellEnded = resolve;
    });
    // A group of its own: Ctrl-C in the terminal is not for it, and everything it starts ends with it.
    this.#child = spawn(launch.file, [...launch.words], {
      cwd: launch.directory,
      env: { ...launch.env },
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child.once("error", (error) => this.#leave(`it could not be started: ${error.message}`));
    this.#child.once("exit", (code, signal) => this.#wordsThen(() => this.#leave(endText(code, signal))));
    this.#child.stderr.on("data", (chunk: Buffer) => this.#hear(chunk));
    this.#child.stderr.on("error", () => undefined);
    this.#peer = new Peer(this.#child, {
      answer: (method, params, signal) => this.#answer(answer, method, params, signal),
      broken: (reason) => this.kill(reason),
    });
  }

  get isAlive(): boolean {
    return this.#reason === undefined;
  }

  /** Calls that have no answer. */
  get openCalls(): number {
    return this.#openCalls;
  }

  /** The handshake. Throws PLUGIN_INVALID when it does not do what its manifest says, else as `call`. */
  async begin(projectDirectory: string): Promise<void> {
    const { manifest } = this.plugin.content;
    const answer = (await this.#ask(
      "initialize",
      {
        protocolVersion,
        engine: { name: "datmo", version },
        plugin: { name: manifest.name, version: manifest.version },
        projectDirectory,
        granted: permissionsToWire(this.plugin.permissions) as unknown as Json,
      },
      { timeoutMs: START_MS },
    )) as { readonly provides?: unknown } | null;
    const there = texts(answer?.provides);
    const missing = provisionsOf(manifest.provides).find((provision) => !there.includes(provision));
    if (missing === undefined) return;
    const reason = `its manifest provides the ${missing}, and its code does not`;
    this.kill(reason);
    const hint = `"provides" in datmo-plugin.json and what ${manifest.main} defines have to be the same.`;
    throw errors.PLUGIN_INVALID({ name: manifest.name, reason }, { hint });
  }

  /** Throws PLUGIN_CRASHED, PLUGIN_TIMEOUT, PLUGIN_FAILED, PLUGIN_LIMIT, PLUGIN_ANSWER and CANCELLED. */
  async call<C extends PluginCall>(
    call: C,
    params: PluginCallMap[C]["params"],
    options: PluginCallOptions,
  ): Promise<PluginCallMap[C]["result"]> {
    const answer = await this.#ask(call, params as unknown as JsonObject, options);
    const { validatePluginAnswer } = await import("../protocol/plugin-validators.js");
    const validate = validatePluginAnswer[call];
    if (validate(answer)) return answer as unknown as PluginCallMap[C]["result"];
    const { instancePath = "", message = "" } = validate.errors?.[0] ?? {};
    const { name } = this.plugin.content.manifest;
    throw errors.PLUGIN_ANSWER({ name, call, problem: `${instancePath} ${message}`.trim() });
  }

  /** Closes its input and waits for its end; what does not end is killed. */
  async stop(): Promise<void> {
    if (!this.isAlive) return;
    this.#peer.close(this.#crash("it was stopped"));
    await timeLimit(GRACE_MS, this.ended, new Error("too late")).catch(() => this.kill("it did not end"));
    await this.ended;
  }

  /** Ends it, and everything that it started, at once. */
  kill(reason: string): void {
    this.#peer.close(this.#crash(reason));
    this.#reason ??= reason;
    try {
      process.kill(-(this.#child.pid ?? 0) || Number.NaN, "SIGKILL");
    } catch {
      this.#child.kill("SIGKILL");
    }
  }

  async #ask(method: string, params: JsonObject, options: PluginCallOptions): Promise<Json> {
    const { name } = this.plugin.content.manifest;
    const what = method === "command.call" ? `the command ${params["name"]}` : method;
    const { timeoutMs, signal } = options;
    if (signal?.aborted) throw errors.CANCELLED();
    const { id, answer } = this.#peer.request(method, params);
    const tooLate = errors.PLUGIN_TIMEOUT({ name, what, seconds: timeoutMs / 1000 });
    this.#openCalls++;
    const cancelled = cancellation(signal, () => this.#giveUp(id, answer));
    try {
      const result = await timeLimit(timeoutMs, Promise.race([answer, cancelled.wait]), tooLate);
      this.#printed = 0;
      const problem = jsonProblem(result);
      if (problem !== undefined) throw errors.PLUGIN_LIMIT({ name, reason: problem });
      return result;
    } catch (error) {
      if (error === tooLate) this.kill(tooLate.message);
      if (!(error instanceof PeerError)) throw error;
      throw errors.PLUGIN_FAILED({ name, message: withKind(error) });
    } finally {
      cancelled.end();
      this.#openCalls--;
    }
  }

  /** It may tidy up; when it does not, it is killed. */
  #giveUp(id: number, answer: Promise<Json>): void {
    this.#peer.cancel(id);
    const tooLate = new Error("too late");
    timeLimit(GRACE_MS, answer, tooLate).catch((error: unknown) => {
      if (error === tooLate) this.kill("it went on with a call that was cancelled");
    });
  }

  async #answer(answer: AnswerPlugin, method: string, params: unknown, signal: AbortSignal): Promise<object> {
    try {
      return await answer(this.plugin, method, params, signal);
    } catch (error) {
      const denied = (error as { readonly kind?: unknown }).kind === "PLUGIN_PERMISSION_DENIED";
      if (denied && ++this.#denied > MOST_DENIED) this.kill(`it was denied more than ${MOST_DENIED} calls`);
      throw error;
    }
  }

  #hear(chunk: Buffer): void {
    this.#printed += chunk.length;
    const text = this.#decoder.write(chunk);
    this.#words = (this.#words + text).slice(-KEPT_CHARACTERS);
    this.#heard?.(this.plugin.content.manifest.name, text);
    if (this.#printed > MOST_PRINTED && this.isAlive)
      this.kill(`it printed more than ${MOST_PRINTED / 1024 / 1024} MiB`);
  }

  /** What it said last may come after its end, and a program that it started may hold its streams open. */
  #wordsThen(leave: () => void): void {
    const { stderr } = this.#child;
    if (stderr.closed || stderr.readableEnded) {
      leave();
      return;
    }
    const timer = setTimeout(leave, WORDS_MS);
    stderr.once("close", () => {
      clearTimeout(timer);
      leave();
    });
  }

  #leave(reason: string): void {
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.destroy();
    const words = this.#words.trim();
    const text = words === "" ? reason : `${reason}; its last words: ${lastWords(words)}`;
    this.#reason ??= text;
    this.#peer.close(this.#crash(this.#reason));
    this.#tellEnded(this.#reason);
  }

  #crash(reason: string): Error {
    const { name } = this.plugin.content.manifest;
    return errors.PLUGIN_CRASHED({ name, reason: reason.replace(/\.+$/, "") });
  }
}

function endText(code: number | null, signal: string | null): string {
  return signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
}

/** An uncaught error of Deno's begins with this word; what follows is a stack. */
function lastWords(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  return (lines.find((line) => line.startsWith("error:")) ?? lines.at(-1) ?? "").slice(0, 500);
}

function withKind({ kind, message }: PeerError): string {
  return kind === "Error" ? message : `${kind}: ${message}`;
}

function texts(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function cancellation(
  signal: AbortSignal | undefined,
  cancelled: () => void,
): { readonly wait: Promise<never>; end(): void } {
  let end = (): void => {};
  const wait = new Promise<never>((_, reject) => {
    const abort = (): void => {
      cancelled();
      reject(errors.CANCELLED());
    };
    signal?.addEventListener("abort", abort, { once: true });
    end = () => signal?.removeEventListener("abort", abort);
  });
  wait.catch(() => undefined);
  return { wait, end };
}
