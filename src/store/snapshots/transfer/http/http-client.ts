import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DatmoError, errors } from "../../../../protocol/errors.ts";
import { errorCode } from "../../files/file-system.ts";
import { words } from "../git/git-problem.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes, or a stream of them; `length` when it is known. */
  readonly body?: Uint8Array | { readonly chunks: AsyncIterable<Uint8Array>; readonly length?: number };
  /** Follow the remote elsewhere; never from https to http. Only without a body. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** Where it came from in the end. */
  readonly url: string;
  /** To be read to its end or destroyed. */
  readonly body: IncomingMessage;
}

const MOST_REDIRECTS = 5;
/** A server that says nothing for so long is gone. */
const IDLE_MS = 300_000;
const NOT_THERE = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENODATA",
]);

/** One exchange over http or https. Throws what the system or the connection says; `httpProblem` puts it in words. */
export async function exchange(request: HttpRequest): Promise<HttpResponse> {
  let { url, headers = {} } = request;
  for (let hops = 0; ; hops++) {
    const body = await once({ ...request, url, headers });
    const status = body.statusCode ?? 0;
    const { location } = body.headers;
    if (!request.follow || ![301, 302, 303, 307, 308].includes(status) || !location) {
      return { status, headers: body.headers, url, body };
    }
    body.destroy();
    if (hops === MOST_REDIRECTS) throw new Error("it sends us round in circles");
    const next = new URL(location, url);
    const from = new URL(url);
    if (!/^https?:$/.test(next.protocol) || (from.protocol === "https:" && next.protocol === "http:")) {
      throw new Error(`it sends us to ${next.protocol}//${next.host}`);
    }
    if (next.origin !== from.origin) headers = withoutLogin(headers);
    url = next.href;
  }
}

/** Reads a short answer. Throws when it is longer than `limit` bytes. */
export async function readAll(body: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limit) throw new Error("the answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What an exchange that failed comes to. Errors of the product pass. */
export function httpProblem(remote: string, error: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return errors.CANCELLED({});
  if (error instanceof DatmoError) return error;
  const code = errorCode(error);
  const said = words(remote, (error as Error).message || code);
  if (NOT_THERE.has(code)) return errors.REMOTE_NOT_FOUND(said, { cause: error });
  const isTrust = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|ERR_TLS/.test(code);
  return isTrust
    ? errors.REMOTE_REFUSED(said, { cause: error })
    : errors.REMOTE_BROKEN(said, { cause: error });
}

/** What an answer that is not 200 means. */
export async function statusProblem(remote: string, response: HttpResponse): Promise<DatmoError> {
  const text = (await readAll(response.body, 64 * 1024).catch(() => Buffer.alloc(0))).toString("utf8");
  const plain = text.trim() !== "" && !/[<{]/.test(text) ? `: ${text.trim()}` : "";
  const said = words(remote, `HTTP ${response.status}${plain}`);
  if ([404, 410].includes(response.status)) return errors.REMOTE_NOT_FOUND(said);
  return response.status >= 500 || response.status === 429
    ? errors.REMOTE_BROKEN(said)
    : errors.REMOTE_REFUSED(said);
}

async function once(request: HttpRequest): Promise<IncomingMessage> {
  const { request: start } = request.url.startsWith("https:")
    ? await import("node:https")
    : await import("node:http");
  const { body, signal } = request;
  const length = body instanceof Uint8Array ? body.length : body?.length;
  const options: RequestOptions = {
    method: request.method,
    headers: {
      "user-agent": "git/2.40 (datmo)",
      "accept-encoding": "identity",
      ...request.headers,
      ...(length === undefined ? {} : { "content-length": String(length) }),
    },
    ...(signal ? { signal } : {}),
  };
  return new Promise((resolve, reject) => {
    const outgoing: ClientRequest = start(request.url, options);
    outgoing.setTimeout(IDLE_MS, () => outgoing.destroy(new Error("it does not answer")));
    outgoing.on("error", reject);
    outgoing.on("response", resolve);
    if (body instanceof Uint8Array || body === undefined) outgoing.end(body);
    // A server may answer and close before it has read everything: its answer counts.
    else pipeline(Readable.from(body.chunks, { objectMode: false }), outgoing).catch(reject);
  });
}

function withoutLogin(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(authorization|cookie)$/i.test(name)),
  );
}
