import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { get, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ENGINE_KIND, type EngineKind, engineScript, missingForKind } from "./engine-kinds.ts";

/** A container engine of the tests' own: socket, images, network and processes are nobody else's. */
export interface TestEngine {
  /** As DOCKER_HOST has it. */
  readonly host: string;
  readonly socket: string;
  readonly directory: string;
  /** Ends it and starts it again, on the same data. */
  restart(signal?: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}

const HOST_IMAGE = fileURLToPath(new URL("hostimage.py", import.meta.url));

export interface EngineOptions {
  /** Comes before the engine's PATH: programs that it looks for at its start. */
  readonly path?: string;
  /** Folders with CDI specifications, for an engine that knows CDI. */
  readonly cdi?: readonly string[];
  /** Default: the kind that the whole part runs on. */
  readonly kind?: EngineKind;
}

/** What is missing to start an engine here, and how to get it; undefined when nothing is. */
export function missingForEngine(kind: EngineKind = ENGINE_KIND): string | undefined {
  if (process.getuid?.() !== 0)
    return "root, to start a container engine of the tests' own (run them with sudo)";
  return missingForKind(kind);
}

/** Starts an engine with the busybox image. */
export async function startEngine(options: EngineOptions = {}): Promise<TestEngine> {
  const directory = mkdtempSync(join(tmpdir(), "datmo-dockerd-"));
  const socket = join(directory, "d.sock");
  let child = await launch(directory, socket, options);
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
    const pid = Number(readFileSync(join(directory, "d.pid"), "utf8"));
    const ended = once(child, "exit");
    process.kill(pid, signal);
    await ended;
    if (signal !== "SIGKILL") return;
    // Killed the hard way it leaves these. Where nobody collects orphans, the old containerd even seems to run.
    for (const name of ["d.pid", "exec/containerd/containerd.pid"])
      rmSync(join(directory, name), { force: true });
  };
  // A test process that is ended before its hooks run must not leave an engine behind.
  const end = (): void => void spawnSync("kill", [readFileSync(join(directory, "d.pid"), "utf8")]);
  process.once("exit", end);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(130));
  const engine: TestEngine = {
    host: `unix://${socket}`,
    socket,
    directory,
    async restart(signal = "SIGTERM") {
      await stop(signal);
      child = await launch(directory, socket, options);
    },
    async stop() {
      process.off("exit", end);
      await stop().catch(() => {});
      removeData(directory);
    },
  };
  await importImage(engine, "datmo-busybox:test", []);
  return engine;
}

/** Makes an image out of this machine's own files. */
export async function importImage(
  engine: TestEngine,
  name: string,
  files: readonly string[],
  changes: readonly string[] = ["ENV PATH=/usr/bin:/bin"],
): Promise<void> {
  const tar = spawn("python3", [HOST_IMAGE, ...files], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(tar, "close") as Promise<[number]>;
  await importTar(engine, name, tar.stdout, changes);
  const [code] = await ended;
  if (code !== 0) throw new Error(`image ${name}: code ${code}`);
}

/** Makes an image out of the tar of a root file system. */
export async function importTar(
  engine: TestEngine,
  name: string,
  tar: Readable,
  changes: readonly string[] = ["ENV PATH=/usr/bin:/bin"],
): Promise<void> {
  // With its tag: Podman looks at no other word for it.
  const query = new URLSearchParams({ fromSrc: "-", repo: name });
  for (const change of changes) query.append("changes", change);
  const answer = await send(engine.socket, `/images/create?${query}`, tar);
  if (/"error"/.test(answer)) throw new Error(`image ${name}: ${answer}`);
}

/** The image with Python and its standard library; made at most once an engine. */
export async function importPython(engine: TestEngine): Promise<string> {
  const name = "datmo-python:test";
  if ((await ask(engine.socket, `/images/${name}/json`)).status === 200) return name;
  const text = spawnSync("/usr/bin/python3", ["--version"], { encoding: "utf8" }).stdout;
  const version = /(\d+\.\d+)/.exec(text)?.[1];
  const packages = [`libpython${version}-minimal`, `libpython${version}-stdlib`, `python${version}-minimal`];
  const words = [...packages, "libc-bin"].flatMap((one) => ["-p", one]);
  await importImage(engine, name, [...words, "-b", "/usr/bin/python3"]);
  return name;
}

/** Status and body of a plain request. */
export function ask(socketPath: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    }).on("error", reject);
  });
}

async function launch(directory: string, socket: string, options: EngineOptions): Promise<ChildProcess> {
  const { path, cdi, kind = ENGINE_KIND } = options;
  const log = openSync(join(directory, "log"), "a");
  const script = engineScript(kind, { directory, socket, ...(cdi ? { cdi } : {}) });
  // A network of its own: a second engine in the same one would take away the first one's bridge.
  const child = spawn("unshare", ["-n", "sh", "-c", script], {
    stdio: ["ignore", log, log],
    env: { ...process.env, PATH: `${path ? `${path}:` : ""}${process.env["PATH"]}` },
    detached: true,
  });
  for (;;) {
    if (existsSync(socket)) {
      const answer = await ask(socket, "/_ping").catch(() => undefined);
      if (answer?.status === 200) return child;
    }
    if (child.exitCode !== null) {
      throw new Error(`the engine ended: ${readFileSync(join(directory, "log"), "utf8").slice(-2000)}`);
    }
    await sleep(20);
  }
}

function removeData(directory: string): void {
  // Mounts of containers that were killed with their engine.
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  const inside = mounts
    .map((line) => line.split(" ")[1] ?? "")
    .filter((path) => path.startsWith(`${directory}/`));
  for (const path of inside.reverse()) spawnSync("umount", ["-l", path]);
  rmSync(directory, { recursive: true, force: true });
}

function send(socketPath: string, path: string, body: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/x-tar" };
    const sending = request({ socketPath, path, method: "POST", headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    });
    sending.on("error", reject);
    body.pipe(sending);
  });
}
