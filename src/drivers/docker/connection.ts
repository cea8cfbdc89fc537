import { Agent } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { inspect } from "node:util";
import type Dockerode from "dockerode";
import { DatmoError, errors } from "../../protocol/errors.ts";
import { defaultSockets, type Endpoint, findEndpoints, parseEndpoint } from "./endpoints.ts";
import { type EngineError, reasonOf } from "./engine-errors.ts";
import { askHead, askJson, type Head } from "./raw-http.ts";

/** The newest API that was tried, and the oldest that has what is used (device requests). */
const NEWEST_API = "1.47";
const OLDEST_API = "1.40";

/** How long what an engine says of itself holds, milliseconds: one start asks for it in several places. */
const INFO_MS = 2000;

/** What is used of an engine's words about itself. */
export interface EngineInfo {
  readonly ServerVersion?: string;
  readonly SecurityOptions?: readonly string[] | null;
  readonly NCPU?: number;
  readonly MemTotal?: number;
  readonly CDISpecDirs?: readonly string[] | null;
  readonly DiscoveredDevices?: readonly { readonly Source?: string; readonly ID?: string }[] | null;
  readonly Runtimes?: Readonly<Record<string, unknown>>;
}

/** An engine that answers. */
export interface Connection {
  /** The client library, for what streams. */
  library(): Promise<Dockerode>;
  /** A plain request, its path from behind the version on; what `askJson` answers and throws. */
  ask(
    method: "GET" | "POST" | "DELETE",
    path: string,
    more?: { readonly body?: unknown; readonly signal?: AbortSignal | undefined },
  ): Promise<unknown>;
  readonly endpoint: Endpoint;
  readonly product: "docker" | "podman";
  /** Version that both sides speak; sent with every request. */
  readonly apiVersion: string;
  /** The builder that the engine itself would use. */
  readonly prefersBuildKit: boolean;
  info(): Promise<EngineInfo>;
  /** Where the user's logins at registries are looked up. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  close(): void;
}

export interface ConnectionOptions {
  /** Where DOCKER_HOST, DOCKER_CONTEXT, HOME and the like are looked up; default this process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Connects to the engine that the user means, or to the one named. Throws errors of the container category. */
export async function connect(options: ConnectionOptions, named?: string): Promise<Connection> {
  const variables = options.environment ?? process.env;
  const endpoints = named === undefined ? findEndpoints(variables) : [namedEndpoint(named, variables)];
  let failure: DatmoError | undefined;
  for (const endpoint of endpoints) {
    try {
      return await probe(endpoint, variables);
    } catch (error) {
      const told = connectionError(error, endpoint.name);
      // An engine that may not be used says more than a dead socket further down.
      if (!failure || (told.kind === "CONTAINER_ENGINE_DENIED" && failure.kind !== told.kind)) failure = told;
    }
  }
  const places = defaultSockets(variables).join(", ");
  throw failure ?? errors.CONTAINER_ENGINE_MISSING({ reason: `nothing listens at ${places}` });
}

/** One that was found knows its keys, when it came with a docker context. */
function namedEndpoint(name: string, variables: Readonly<Record<string, string | undefined>>): Endpoint {
  try {
    const known = findEndpoints(variables).find((endpoint) => endpoint.name === name);
    if (known) return known;
  } catch {
    // The user's choice of today is unusable; the run's engine is another.
  }
  return parseEndpoint(name, variables);
}

/** Errors of reaching an engine, by what the system said. */
export function connectionError(error: unknown, endpoint: string): DatmoError {
  if (error instanceof DatmoError) return error;
  const { code } = error as EngineError;
  const reason = reasonOf(error);
  if (code === "EACCES" || code === "EPERM") {
    return errors.CONTAINER_ENGINE_DENIED({ endpoint }, { cause: error });
  }
  if (code === "ENOENT") {
    return errors.CONTAINER_ENGINE_MISSING({ reason: `there is no ${endpoint}` }, { cause: error });
  }
  return errors.CONTAINER_ENGINE_STOPPED({ endpoint, reason }, { cause: error });
}

async function probe(endpoint: Endpoint, variables: Connection["variables"]): Promise<Connection> {
  const head = await askHead(endpoint, "GET", "/_ping");
  const offered = String(head.headers["api-version"] ?? "");
  if (head.status !== 200 || !/^\d+\.\d+$/.test(offered)) throw notAnEngine(endpoint, head);
  const apiVersion = older(offered, NEWEST_API);
  if (apiVersion !== OLDEST_API && older(apiVersion, OLDEST_API) === apiVersion) {
    const reason = `it speaks API ${offered}, and ${OLDEST_API} is needed`;
    throw errors.CONTAINER_ENGINE_UNUSABLE({ endpoint: endpoint.name, reason });
  }
  const agents: Agent[] = [];
  const ask: Connection["ask"] = (method, path, more) =>
    askJson(endpoint, method, `/v${apiVersion}${path}`, more);
  return {
    library: once(() => openLibrary(endpoint, apiVersion, agents)),
    ask,
    endpoint,
    product: head.headers["libpod-api-version"] === undefined ? "docker" : "podman",
    apiVersion,
    prefersBuildKit: head.headers["builder-version"] === "2",
    variables,
    info: remembered(() => ask("GET", "/info") as Promise<EngineInfo>),
    close: () => {
      for (const agent of agents) agent.destroy();
    },
  };
}

async function openLibrary(endpoint: Endpoint, apiVersion: string, agents: Agent[]): Promise<Dockerode> {
  const { default: Docker } = await import("dockerode");
  // A new connection for each request: a kept one fails on its next use when the engine was restarted.
  const agent = endpoint.tls ? new SecureAgent({ keepAlive: false }) : new Agent({ keepAlive: false });
  // For a log that nobody reads, the library makes a text of each request and all that hangs on it: 5 ms a time.
  Object.assign(agent, { [inspect.custom]: () => "agent" });
  agents.push(agent);
  return new Docker({
    // Named although undefined: the library would take them from the process's environment.
    socketPath: endpoint.socketPath,
    host: endpoint.host,
    port: endpoint.port,
    protocol: endpoint.tls ? "https" : "http",
    ...endpoint.tls,
    version: `v${apiVersion}`,
    agent,
  } as Dockerode.DockerOptions);
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

/** No more than one question at a time, and none soon after the last; a failure is forgotten. */
function remembered<T>(ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly answer: Promise<T>; readonly at: number } | undefined;
  return () => {
    if (last && performance.now() - last.at < INFO_MS) return last.answer;
    const asked = { answer: ask(), at: performance.now() };
    last = asked;
    asked.answer.catch(() => {
      if (last === asked) last = undefined;
    });
    return asked.answer;
  };
}

function notAnEngine(endpoint: Endpoint, head: Head): Error {
  const reason = `what answers there is no container engine (status ${head.status})`;
  return errors.CONTAINER_ENGINE_UNUSABLE({ endpoint: endpoint.name, reason });
}

function older(left: string, right: string): string {
  const [a = 0, b = 0] = left.split(".").map(Number);
  const [c = 0, d = 0] = right.split(".").map(Number);
  return a < c || (a === c && b <= d) ? left : right;
}
