import { type ClientRequest, type IncomingMessage, request as plain, type RequestOptions } from "node:http";
import { request as secure } from "node:https";
import type { Duplex } from "node:stream";
import type { Endpoint } from "./endpoints.ts";

/*
 * Requests that the client library cannot make: answers whose headers matter, and connections that become a stream
 * without a request body (the library's body lands in the standard input of a container of Podman's). And the plain
 * ones of every run: loading the library takes 30 ms, and each of its requests 3 ms more.
 */

/** Status and headers of an answer without a body worth reading. */
export interface Head {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
}

/** Longest wait for an engine to say anything, milliseconds. */
const ANSWER_MS = 10_000;

export function askHead(endpoint: Endpoint, method: "GET" | "HEAD", path: string): Promise<Head> {
  return new Promise((resolve, reject) => {
    const request = open(endpoint, { method, path, timeout: ANSWER_MS });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
    request.on("error", reject);
    request.on("response", (response) => {
      response.resume();
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
    });
    request.end();
  });
}

/**
 * A request whose answer is JSON, or empty: then undefined. Rejects with `statusCode` and the engine's words when it
 * refuses, with `code` when it does not answer or goes away in the middle.
 */
export function askJson(
  endpoint: Endpoint,
  method: "GET" | "POST" | "DELETE",
  path: string,
  more: { readonly body?: unknown; readonly signal?: AbortSignal | undefined } = {},
): Promise<unknown> {
  const text = more.body === undefined ? undefined : JSON.stringify(more.body);
  const headers = text === undefined ? {} : { "Content-Type": "application/json" };
  return new Promise((resolve, reject) => {
    const { signal } = more;
    const request = open(endpoint, { method, path, headers, ...(signal ? { signal } : {}) });
    request.on("error", reject);
    request.on("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode = 0 } = response;
        const answer = Buffer.concat(parts).toString("utf8");
        if (statusCode >= 400) reject(Object.assign(new Error(answer.trim()), { statusCode }));
        else resolve(parsed(answer));
      });
    });
    request.end(text);
  });
}

/** A two-way stream with a container. Rejects with `statusCode` and the engine's words when it refuses. */
export function upgrade(endpoint: Endpoint, path: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const headers = { Connection: "Upgrade", Upgrade: "tcp", "Content-Length": "0" };
    const request = open(endpoint, { method: "POST", path, headers });
    request.on("error", reject);
    request.on("upgrade", (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        reject(Object.assign(new Error(text.trim()), { statusCode: response.statusCode }));
      });
    });
    request.end();
  });
}

function open(endpoint: Endpoint, options: RequestOptions): ClientRequest {
  const { socketPath, host, port, tls } = endpoint;
  const where = socketPath === undefined ? { host, port } : { socketPath };
  const headers = { Host: "docker", ...options.headers };
  // Without a server name given, Node asks itself whether the host is an address: 10 ms the first time.
  const unnamed: RequestOptions & { servername?: string } = tls ? {} : { servername: "" };
  const all = { ...where, ...options, ...unnamed, agent: false, headers };
  return tls ? secure({ ...all, ...tls }) : plain(all);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
