import { type DatmoError, errors } from "../../../../protocol/errors.ts";
import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import type { LfsPointer } from "../../lfs/lfs-pointer.ts";
import { words } from "../git/git-problem.ts";
import {
  type HttpRequest,
  type HttpResponse,
  httpProblem,
  readAll,
  statusProblem,
} from "../http/http-client.ts";
import type { HttpSession } from "../http/http-login.ts";

/** Where a remote's git-lfs server is. */
export interface LfsServer {
  /** Up to `/objects/batch`. */
  readonly url: string;
  readonly session: HttpSession;
  /** Told with every request for a list. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface LfsAction {
  readonly href: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LfsActions {
  readonly download?: LfsAction;
  readonly upload?: LfsAction;
  readonly verify?: LfsAction;
}

export interface LfsObject {
  readonly pointer: LfsPointer;
  readonly actions: LfsActions;
}

const MEDIA_TYPE = "application/vnd.git-lfs+json";
const LONGEST_ANSWER = 16 * 1024 * 1024;

/** Asks a git-lfs server where objects are, or where they should go. */
export class LfsBatch {
  readonly #shown: string;
  readonly #server: LfsServer;

  constructor(shown: string, server: LfsServer) {
    this.#shown = shown;
    this.#server = server;
  }

  /** One answer per pointer, in their order. Throws when the server has none of its own for one. */
  async ask(
    operation: "upload" | "download",
    pointers: readonly LfsPointer[],
    refName: string | undefined,
    options: WorkOptions,
  ): Promise<LfsObject[]> {
    const body = Buffer.from(
      JSON.stringify({
        operation,
        transfers: ["basic"],
        ...(refName ? { ref: { name: refName } } : {}),
        objects: pointers.map(({ sha256, bytes }) => ({ oid: sha256, size: bytes })),
        hash_algo: "sha256",
      }),
    );
    const headers = { accept: MEDIA_TYPE, "content-type": MEDIA_TYPE, ...this.#server.headers };
    const url = `${this.#server.url}/objects/batch`;
    const answer = await this.exchange({ method: "POST", url, headers, body }, options, async (response) => {
      if ([404, 405, 410, 501].includes(response.status)) throw this.#noServer(response);
      if (response.status !== 200) throw await this.problem(response);
      return JSON.parse((await readAll(response.body, LONGEST_ANSWER)).toString("utf8")) as unknown;
    });
    const objects = listed(answer);
    return pointers.map((pointer) => this.#object(pointer, objects.get(pointer.sha256)));
  }

  /** Tells the server that an object has come, when it wants to know. */
  async verify(pointer: LfsPointer, action: LfsAction, options: WorkOptions): Promise<void> {
    const body = Buffer.from(JSON.stringify({ oid: pointer.sha256, size: pointer.bytes }));
    const headers = { accept: MEDIA_TYPE, "content-type": MEDIA_TYPE, ...action.headers };
    await this.exchange({ method: "POST", url: action.href, headers, body }, options, async (response) => {
      if (response.status >= 300) throw await this.problem(response);
    });
  }

  /** A request in the name of whoever the server knows; errors are in the product's words. */
  async exchange<T>(
    request: HttpRequest,
    options: WorkOptions,
    use: (response: HttpResponse) => Promise<T>,
  ): Promise<T> {
    try {
      const response = await this.#server.session.request(request, options);
      try {
        return await use(response);
      } finally {
        response.body.destroy();
      }
    } catch (error) {
      throw httpProblem(this.#shown, error, options.signal);
    }
  }

  /** What an answer that was not expected means. */
  problem(response: HttpResponse): Promise<DatmoError> {
    return statusProblem(this.#shown, response);
  }

  noAction(pointer: LfsPointer, why: string): DatmoError {
    return errors.REMOTE_BROKEN({
      remote: this.#shown,
      reason: `the big file ${pointer.sha256.slice(0, 12)}… cannot be had: ${why}`,
    });
  }

  #noServer(response: HttpResponse): DatmoError {
    response.body.destroy();
    const reason = `it keeps no big files (no git-lfs at ${this.#server.url})`;
    return errors.REMOTE_REFUSED(words(this.#shown, reason));
  }

  #object(pointer: LfsPointer, found: Record<string, unknown> | undefined): LfsObject {
    const problem = found?.["error"];
    if (isObject(problem)) {
      const said = words(this.#shown, String(problem["message"] ?? problem["code"] ?? "no reason"));
      throw this.noAction(pointer, said.reason);
    }
    const actions = isObject(found?.["actions"]) ? found["actions"] : {};
    const result: Record<string, LfsAction> = {};
    for (const name of ["download", "upload", "verify"]) {
      if (isObject(actions[name])) result[name] = this.#action(pointer, actions[name]);
    }
    return { pointer, actions: result };
  }

  /** Only to http and https, and from https never to http. */
  #action(pointer: LfsPointer, value: Record<string, unknown>): LfsAction {
    const href = String(value["href"] ?? "");
    const from = new URL(this.#server.url).protocol;
    const isFollowed = /^https:\/\//i.test(href) || (from === "http:" && /^http:\/\//i.test(href));
    if (!isFollowed || !URL.canParse(href))
      throw this.noAction(pointer, "the server names an address that is not followed");
    const headers = isObject(value["header"]) ? value["header"] : {};
    const pairs = Object.entries(headers).filter(
      ([name, text]) => /^[\w-]+$/.test(name) && /^[\x20-\x7e]*$/.test(String(text)),
    );
    return {
      href,
      headers: Object.fromEntries(pairs.map(([name, text]) => [name.toLowerCase(), String(text)])),
    };
  }
}

function listed(answer: unknown): Map<string, Record<string, unknown>> {
  const objects = isObject(answer) ? answer["objects"] : undefined;
  if (!Array.isArray(objects)) throw new Error("the answer is not what a git-lfs server sends");
  const found = new Map<string, Record<string, unknown>>();
  for (const object of objects as unknown[]) {
    if (isObject(object)) found.set(String(object["oid"]), object);
  }
  return found;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
