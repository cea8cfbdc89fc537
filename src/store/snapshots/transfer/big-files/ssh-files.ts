import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, unlink } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { errors } from "../../../../protocol/errors.ts";
import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import { requireSpace } from "../../files/free-space.ts";
import type { LfsPointer } from "../../lfs/lfs-pointer.ts";
import { DamagedObject } from "../../objects/damaged-object.ts";
import type { ObjectStore } from "../../objects/object-store.ts";
import { gitProblem } from "../git/git-problem.ts";
import { readAll } from "../http/http-client.ts";
import { HttpSession } from "../http/http-login.ts";
import { type BigFilePlace, MovedCount, type MovedFiles } from "./big-file-place.ts";
import type { LfsServer } from "./lfs-batch.ts";
import { LfsFiles } from "./lfs-files.ts";
import { quoted, type SshCommand } from "./ssh-command.ts";

const LONGEST_ANSWER = 1024 * 1024;
/** Names on one command line. */
const BATCH = 200;

/**
 * Big files of a server that is reached over ssh: through its git-lfs service where it has one, else as plain files
 * in the repository, where git-lfs keeps them.
 */
export class SshFiles implements BigFilePlace {
  readonly #store: ObjectStore;
  readonly #shown: string;
  readonly #path: string;
  readonly #ssh: SshCommand;

  constructor(
    store: ObjectStore,
    remote: { readonly shown: string; readonly path: string },
    ssh: SshCommand,
  ) {
    this.#store = store;
    this.#shown = remote.shown;
    this.#path = remote.path;
    this.#ssh = ssh;
  }

  async download(pointers: readonly LfsPointer[], options: WorkOptions): Promise<MovedFiles> {
    const server = await this.#server("download", options);
    if (server) return new LfsFiles(this.#store, this.#shown, async () => server).download(pointers, options);
    const total = pointers.reduce((sum, { bytes }) => sum + bytes, 0);
    requireSpace(this.#store.fs, this.#store.gitDirectory, total, "the big files");
    const count = new MovedCount("Fetching big files", pointers, options);
    for (const pointer of pointers) {
      await this.#fetch(pointer, options, count);
      count.moved(pointer);
    }
    return count.result;
  }

  async upload(pointers: readonly LfsPointer[], refName: string, options: WorkOptions): Promise<MovedFiles> {
    const server = await this.#server("upload", options);
    if (server) {
      return new LfsFiles(this.#store, this.#shown, async () => server).upload(pointers, refName, options);
    }
    const there = await this.#there(pointers, options);
    const missing = pointers.filter(({ sha256 }) => !there.has(sha256));
    const count = new MovedCount("Sending big files", missing, options);
    for (const pointer of missing) {
      await this.#send(pointer, options, count);
      count.moved(pointer);
    }
    return count.result;
  }

  /** Undefined when the server has no such service. */
  async #server(operation: string, options: WorkOptions): Promise<LfsServer | undefined> {
    const command = `git-lfs-authenticate ${quoted(this.#path)} ${operation}`;
    const { code, output } = await this.#ask(command, options);
    if (code !== 0) return undefined;
    try {
      const answer = JSON.parse(output) as { href?: string; header?: Record<string, string> };
      if (!answer.href || !/^https?:\/\//.test(answer.href)) return undefined;
      const url = answer.href.replace(/\/+$/, "");
      const session = new HttpSession({ shown: this.#shown, url }, undefined, {});
      return { url, session, headers: answer.header ?? {} };
    } catch {
      return undefined;
    }
  }

  async #there(pointers: readonly LfsPointer[], options: WorkOptions): Promise<Set<string>> {
    const there = new Set<string>();
    for (let at = 0; at < pointers.length; at += BATCH) {
      const names = pointers.slice(at, at + BATCH).map(({ sha256 }) => objectPath(sha256));
      const script = `for n in ${names.join(" ")}; do [ -f "$d/$n" ] && echo "$n"; done; echo complete`;
      const { code, output, said } = await this.#ask(this.#script(script), options);
      if (code !== 0 || !/^complete$/m.test(output)) throw this.#noPlace(said);
      for (const line of output.split("\n")) there.add(line.slice(-64));
    }
    return there;
  }

  async #fetch(pointer: LfsPointer, options: WorkOptions, count: MovedCount): Promise<void> {
    const temporary = this.#store.lfs.temporary();
    const file = await open(temporary, "wx", 0o600);
    try {
      const command = this.#script(`cat "$d/${objectPath(pointer.sha256)}"`);
      const run = await this.#ssh.start(command, options.signal);
      run.input.end();
      const hash = createHash("sha256");
      let bytes = 0;
      for await (const chunk of run.output as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > pointer.bytes) break;
        hash.update(chunk);
        await file.writeFile(chunk);
        count.add(chunk.length);
      }
      const { code, said } = await run.ended;
      if (bytes === 0 && code !== 0) {
        const isMissing = said.some((line) => /no such file/i.test(line));
        throw isMissing ? new DamagedObject(pointer.sha256, "(a big file) is missing") : this.#noPlace(said);
      }
      if (code !== 0) throw gitProblem(this.#shown, { code, stdout: "", stderr: said });
      if (bytes !== pointer.bytes || hash.digest("hex") !== pointer.sha256) {
        throw new DamagedObject(pointer.sha256, "(a big file) does not match its id");
      }
      await file.sync();
      await file.close();
      this.#store.lfs.adopt(temporary, pointer);
    } catch (error) {
      await file.close().catch(() => {});
      await unlink(temporary).catch(() => {});
      throw error;
    }
  }

  async #send(pointer: LfsPointer, options: WorkOptions, count: MovedCount): Promise<void> {
    const object = objectPath(pointer.sha256);
    const temporary = `lfs/tmp/${randomBytes(12).toString("hex")}`;
    const script = [
      `t="$d/${temporary}"`,
      `mkdir -p "$d/lfs/tmp" "$d/${object.slice(0, -65)}"`,
      "trap 'rm -f \"$t\"' EXIT",
      'cat > "$t"',
      // Where there is no such program the size alone is held against what it should be.
      `[ "$(wc -c < "$t")" -eq ${pointer.bytes} ]`,
      `if command -v sha256sum > /dev/null; then [ "$(sha256sum < "$t" | cut -c 1-64)" = ${pointer.sha256} ]; fi`,
      `chmod 444 "$t"; mv "$t" "$d/${object}"`,
    ];
    const run = await this.#ssh.start(this.#script(script.join("; ")), options.signal);
    run.output.resume();
    const source = createReadStream(this.#store.lfs.path(pointer.sha256));
    source.on("data", (chunk) => count.add(chunk.length));
    const [sent, outcome] = await Promise.allSettled([pipeline(source, run.input), run.ended]);
    if (outcome.status === "rejected") throw outcome.reason;
    const { code, said } = outcome.value;
    if (code !== 0) throw gitProblem(this.#shown, { code, stdout: "", stderr: said });
    if (sent.status === "rejected") throw sent.reason;
  }

  async #ask(
    command: string,
    options: WorkOptions,
  ): Promise<{ code: number; output: string; said: string[] }> {
    const run = await this.#ssh.start(command, options.signal);
    run.input.end();
    const output = (await readAll(run.output, LONGEST_ANSWER)).toString("utf8");
    return { ...(await run.ended), output };
  }

  /** A script for `sh`, whatever the login shell is; `$d` is the git directory. */
  #script(text: string): string {
    const home = /^~[A-Za-z0-9._-]*\/?/.exec(this.#path)?.[0] ?? "";
    const rest = this.#path.slice(home.length);
    const place = `d=${home}${rest === "" ? "" : quoted(rest)}; if [ -d "$d/.git" ]; then d="$d/.git"; fi; cd "$d"`;
    return `sh -c ${quoted(`set -e; ${place}; d=.; ${text}`)}`;
  }

  #noPlace(said: readonly string[]): Error {
    const why = said[0] ? `: ${said[0].trim()}` : "";
    const reason = `it takes no big files, neither by git-lfs-authenticate nor through a shell${why}`;
    return errors.REMOTE_REFUSED({ remote: this.#shown, reason });
  }
}

function objectPath(sha256: string): string {
  return `lfs/objects/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
}
