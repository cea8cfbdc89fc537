import { errors } from "../../../../protocol/errors.ts";
import type { RefUpdate, RemoteRef } from "../../../../services/ports/sharing.ts";
import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import type { ObjectStore } from "../../objects/object-store.ts";
import { isSharedRef } from "../folder/folder-refs.ts";
import { words } from "../git/git-problem.ts";
import { refusal } from "../git/pushed-refs.ts";
import { Staging } from "../git/staging.ts";
import { indexPack } from "../intake/index-pack.ts";
import { ObjectSource } from "../intake/object-source.ts";
import { savePack } from "../intake/save-pack.ts";
import type { RefusedRef, RemoteLink, SentRefs } from "../remote-link.ts";
import { type HttpResponse, httpProblem, statusProblem } from "./http-client.ts";
import type { HttpSession } from "./http-login.ts";
import { type OutgoingObject, outgoingObjects, packStream } from "./outgoing.ts";
import { FLUSH, PktReader, pkt } from "./pkt-line.ts";

type Service = "git-upload-pack" | "git-receive-pack";

interface Advertised {
  readonly refs: ReadonlyMap<string, string>;
  readonly abilities: ReadonlySet<string>;
  /** The repository's address, also when the server sent us elsewhere. */
  readonly base: string;
}

const ZERO = "0".repeat(40);
/** More are not told: they only save transfer. */
const MOST_HAVES = 1000;
const AGENT = "agent=datmo";
/** Up to this a request is sent in one piece, which every server takes. */
const ONE_PIECE = 1024 * 1024;

/** A remote over http without git: git's protocol, version 0, in one request and one answer. */
export class HttpLink implements RemoteLink {
  readonly #store: ObjectStore;
  readonly #session: HttpSession;
  readonly #url: string;
  readonly #shown: string;

  constructor(
    store: ObjectStore,
    session: HttpSession,
    address: { readonly url: string; readonly shown: string },
  ) {
    this.#store = store;
    this.#session = session;
    this.#url = address.url;
    this.#shown = address.shown;
  }

  list(options: WorkOptions): Promise<RemoteRef[]> {
    return this.#inWords(options, async () => {
      const { refs } = await this.#discover("git-upload-pack", options);
      return [...refs].flatMap(([name, commit]) => (isSharedRef(name) ? [{ name, commit }] : []));
    });
  }

  receive(
    refs: readonly RemoteRef[],
    have: readonly RemoteRef[],
    take: (source: ObjectSource) => Promise<void>,
    options: WorkOptions,
  ): Promise<void> {
    return this.#inWords(options, async () => {
      const remote = await this.#discover("git-upload-pack", options);
      // A reference may have moved on since it was listed; what it named before then comes along.
      const wants = new Set(refs.flatMap(({ name }) => remote.refs.get(name) ?? []));
      if (wants.size === 0) throw new Error("its references have gone meanwhile");
      const staging = await Staging.make(this.#store, "");
      try {
        const response = await this.#post(
          `${remote.base}/git-upload-pack`,
          "git-upload-pack",
          Buffer.concat([...wanted(remote.abilities, wants, have)]),
          options,
        );
        const path = staging.path("objects", "pack", "tmp_pack");
        await savePack(response.body, path, options);
        await indexPack(this.#store.fs, path, staging.path("objects", "pack"), options);
        const source = new ObjectSource(this.#store.fs, staging.directory, { alternates: false });
        try {
          await take(source);
        } finally {
          source.close();
        }
      } finally {
        staging.remove();
      }
    });
  }

  send(updates: readonly RefUpdate[], options: WorkOptions): Promise<SentRefs> {
    return this.#inWords(options, async () => {
      const remote = await this.#discover("git-receive-pack", options);
      const refused: RefusedRef[] = [];
      const accepted: string[] = [];
      const commands: RefUpdate[] = [];
      for (const update of updates) {
        const now = remote.refs.get(update.name);
        if (now === update.commit) accepted.push(update.name);
        else if (now !== update.expected) refused.push(refusal(update.name, "stale info", []));
        else commands.push(update);
      }
      if (commands.length === 0) return { objects: 0, accepted, refused };
      const commits = commands.flatMap(({ commit }) => commit ?? []);
      const objects = await outgoingObjects(this.#store, commits, remote.refs.values(), options);
      const body = this.#pushBody(
        commands,
        remote.abilities,
        commits.length > 0 ? objects : undefined,
        options,
      );
      const report = await this.#report(`${remote.base}/git-receive-pack`, body, options);
      for (const { name } of commands) {
        const reason = report.refs.get(name);
        if (reason === "") accepted.push(name);
        else refused.push(refusal(name, `(${reason ?? "it was not told why"})`, report.said));
      }
      return { objects: objects.length, accepted, refused };
    });
  }

  async *#pushBody(
    commands: readonly RefUpdate[],
    abilities: ReadonlySet<string>,
    objects: readonly OutgoingObject[] | undefined,
    options: WorkOptions,
  ): AsyncGenerator<Uint8Array> {
    if (!abilities.has("report-status")) throw new Error("the server is too old to say what it did");
    const asked = ["report-status", "side-band-64k", "delete-refs"].filter((name) => abilities.has(name));
    const lines = commands.map(({ name, commit, expected }, i) =>
      pkt(`${expected ?? ZERO} ${commit ?? ZERO} ${name}${i === 0 ? `\0 ${asked.join(" ")} ${AGENT}` : ""}`),
    );
    yield Buffer.concat([...lines, FLUSH]);
    if (objects) yield* packStream(this.#store, objects, options);
  }

  async #report(
    url: string,
    body: AsyncGenerator<Uint8Array>,
    options: WorkOptions,
  ): Promise<{ refs: Map<string, string>; said: string[] }> {
    const response = await this.#post(url, "git-receive-pack", body, options);
    const { status, said } = await readBands(response.body);
    const refs = new Map<string, string>();
    let unpacked = "";
    for (const line of status) {
      const match = /^(?:unpack (.*)|ok (\S+)|ng (\S+) (.*))$/.exec(line);
      if (match?.[1] !== undefined) unpacked = match[1];
      else if (match?.[2]) refs.set(match[2], "");
      else if (match?.[3]) refs.set(match[3], match[4] ?? "");
    }
    if (unpacked !== "ok") {
      const reason = said[0] ?? (unpacked || "it did not say whether it took the objects");
      throw errors.REMOTE_BROKEN(words(this.#shown, reason));
    }
    return { refs, said };
  }

  async #discover(service: Service, options: WorkOptions): Promise<Advertised> {
    const url = `${this.#url}/info/refs?service=${service}`;
    const response = await this.#session.request({ method: "GET", url, follow: true }, options);
    if (response.status !== 200) throw await statusProblem(this.#shown, response);
    if (response.headers["content-type"] !== `application/x-${service}-advertisement`) {
      response.body.destroy();
      throw errors.REMOTE_NOT_FOUND({ remote: this.#shown, reason: "it is not a git repository" });
    }
    return { ...(await readAdvertised(response)), base: response.url.replace(/\/info\/refs\?.*$/, "") };
  }

  async #post(
    url: string,
    service: Service,
    body: Buffer | AsyncGenerator<Uint8Array>,
    options: WorkOptions,
  ): Promise<HttpResponse> {
    const headers = {
      "content-type": `application/x-${service}-request`,
      accept: `application/x-${service}-result`,
    };
    const sent = body instanceof Uint8Array ? body : await smallOrStream(body);
    const response = await this.#session.request({ method: "POST", url, headers, body: sent }, options);
    if (response.status !== 200) throw await statusProblem(this.#shown, response);
    return response;
  }

  async #inWords<T>(options: WorkOptions, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw httpProblem(this.#shown, error, options.signal);
    }
  }
}

async function readAdvertised(response: HttpResponse): Promise<Omit<Advertised, "base">> {
  const refs = new Map<string, string>();
  const abilities = new Set<string>();
  const reader = new PktReader(response.body);
  for (let packet = await reader.next(); packet !== undefined; packet = await reader.next()) {
    if (packet === null) continue;
    const [line = "", more = ""] = packet.toString("utf8").split("\0");
    if (line.startsWith("ERR ")) throw new Error(line.slice(4).trim());
    for (const ability of more.trim().split(" ")) abilities.add(ability);
    const match = /^([0-9a-f]{40}) (\S+)\n?$/.exec(line);
    if (match?.[1] && match[2] && match[1] !== ZERO && !match[2].endsWith("^{}"))
      refs.set(match[2], match[1]);
  }
  return { refs, abilities };
}

/** What is wanted and what is here; without `multi_ack` one answer follows. */
function* wanted(
  abilities: ReadonlySet<string>,
  wants: ReadonlySet<string>,
  have: readonly RemoteRef[],
): Generator<Buffer> {
  const asked = ["side-band-64k", "ofs-delta"].filter((name) => abilities.has(name));
  let first = true;
  for (const commit of wants) {
    yield pkt(`want ${commit}${first ? ` ${[...asked, AGENT].join(" ")}` : ""}\n`);
    first = false;
  }
  yield FLUSH;
  // The longest first: what is not told of a chain is sent again as a whole.
  const isChain = ({ name }: RemoteRef): number => Number(name.startsWith("refs/datmo/ops/"));
  const newest = [...have].reverse().sort((a, b) => isChain(b) - isChain(a));
  const told = new Set(newest.map(({ commit }) => commit));
  for (const commit of [...told].slice(0, MOST_HAVES)) yield pkt(`have ${commit}\n`);
  yield pkt("done\n");
}

/** The report, which comes by itself or within side bands, and what the server says to people. */
async function readBands(body: AsyncIterable<Uint8Array>): Promise<{ status: string[]; said: string[] }> {
  const status: Buffer[] = [];
  const said: Buffer[] = [];
  const lines: string[] = [];
  const reader = new PktReader(body);
  for (let packet = await reader.next(); packet !== undefined; packet = await reader.next()) {
    if (packet === null) continue;
    if (packet[0] === 1) status.push(packet.subarray(1));
    else if (packet[0] === 2 || packet[0] === 3) said.push(packet.subarray(1));
    else lines.push(packet.toString("utf8").trimEnd());
  }
  async function* inner(): AsyncGenerator<Uint8Array> {
    yield* status;
  }
  const within = new PktReader(inner());
  for (let packet = await within.next(); packet !== undefined; packet = await within.next()) {
    if (packet !== null) lines.push(packet.toString("utf8").trimEnd());
  }
  const text = Buffer.concat(said)
    .toString("utf8")
    .split(/[\r\n]+/);
  return { status: lines, said: text.filter((line) => line.trim() !== "").map((line) => `remote: ${line}`) };
}

/** A short stream becomes one piece with a known length. */
async function smallOrStream(
  chunks: AsyncGenerator<Uint8Array>,
): Promise<Uint8Array | { chunks: AsyncIterable<Uint8Array> }> {
  const first: Uint8Array[] = [];
  let bytes = 0;
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    first.push(next.value);
    bytes += next.value.length;
    if (bytes <= ONE_PIECE) continue;
    const all = async function* (): AsyncGenerator<Uint8Array> {
      yield* first;
      yield* chunks;
    };
    return { chunks: all() };
  }
  return Buffer.concat(first);
}
