import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errors } from "../../protocol/errors.ts";

/** Where a container engine listens. */
export interface Endpoint {
  /** As DOCKER_HOST would have it: `unix:///var/run/docker.sock`, `tcp://host:2376`. */
  readonly name: string;
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
  readonly tls?: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Where an engine may be, most wanted first: what DOCKER_HOST or the chosen docker context says and nothing else,
 * or the sockets that exist of Docker, rootless Docker, Docker Desktop, Colima and Podman.
 * Throws CONTAINER_ENGINE_UNUSABLE for an address that cannot be used.
 */
export function findEndpoints(variables: Variables): readonly Endpoint[] {
  const host = variables["DOCKER_HOST"];
  if (host) return [parseEndpoint(host, variables)];
  const context = chosenContext(variables);
  if (context !== undefined) return [contextEndpoint(context, variables)];
  return defaultSockets(variables)
    .filter((path) => existsSync(path))
    .map((path) => ({ name: `unix://${path}`, socketPath: path }));
}

/** Everywhere a socket is looked for when nobody named one. */
export function defaultSockets(variables: Variables): readonly string[] {
  const home = variables["HOME"] ?? "/";
  const runtime = variables["XDG_RUNTIME_DIR"];
  return [
    "/var/run/docker.sock",
    ...(runtime ? [join(runtime, "docker.sock")] : []),
    join(home, ".docker", "run", "docker.sock"),
    join(home, ".docker", "desktop", "docker.sock"),
    join(home, ".colima", "default", "docker.sock"),
    ...(runtime ? [join(runtime, "podman", "podman.sock")] : []),
    "/run/podman/podman.sock",
  ];
}

/** Reads an address as DOCKER_HOST has it. */
export function parseEndpoint(name: string, variables: Variables, tlsFolder?: string): Endpoint {
  const socket = /^unix:\/\/(\/.+)$/.exec(name)?.[1];
  if (socket) return { name, socketPath: socket };
  const url = URL.canParse(name) ? new URL(name) : undefined;
  if (url?.protocol === "ssh:") {
    throw unusable(name, "it is reached by ssh, and a container there cannot see this machine's folders");
  }
  if (!url || !["tcp:", "http:", "https:"].includes(url.protocol) || url.hostname === "") {
    throw unusable(name, "its address is not understood; unix:///path and tcp://host:port are");
  }
  const wantsTls = url.protocol === "https:" || !!variables["DOCKER_TLS_VERIFY"] || tlsFolder !== undefined;
  const port = url.port === "" ? (wantsTls ? 2376 : 2375) : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const folder = tlsFolder ?? variables["DOCKER_CERT_PATH"] ?? join(variables["HOME"] ?? "/", ".docker");
  return { name, host, port, ...(wantsTls ? { tls: readTls(folder) } : {}) };
}

/** The context that the docker command would use; undefined for its default. */
function chosenContext(variables: Variables): string | undefined {
  const named = variables["DOCKER_CONTEXT"];
  const chosen = named || readJson(join(configFolder(variables), "config.json"))?.["currentContext"];
  return typeof chosen === "string" && chosen !== "" && chosen !== "default" ? chosen : undefined;
}

function contextEndpoint(context: string, variables: Variables): Endpoint {
  const key = createHash("sha256").update(context).digest("hex");
  const folder = join(configFolder(variables), "contexts");
  const meta = readJson(join(folder, "meta", key, "meta.json"));
  const endpoints = meta?.["Endpoints"] as { docker?: { Host?: unknown } } | undefined;
  const host = endpoints?.docker?.Host;
  if (typeof host !== "string" || host === "") {
    throw unusable(context, "there is no docker context of this name");
  }
  const tls = join(folder, "tls", key, "docker");
  return parseEndpoint(host, variables, existsSync(tls) ? tls : undefined);
}

function configFolder(variables: Variables): string {
  return variables["DOCKER_CONFIG"] ?? join(variables["HOME"] ?? "/", ".docker");
}

function readTls(folder: string): NonNullable<Endpoint["tls"]> {
  const [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map((name) => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path) : undefined;
  });
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function readJson(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function unusable(endpoint: string, reason: string): Error {
  return errors.CONTAINER_ENGINE_UNUSABLE({ endpoint, reason });
}
