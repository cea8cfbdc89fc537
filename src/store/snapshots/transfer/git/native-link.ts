import { errors } from "../../../../protocol/errors.ts";
import type { RefUpdate, RemoteRef } from "../../../../services/ports/sharing.ts";
import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import type { ObjectStore } from "../../objects/object-store.ts";
import { isSharedRef } from "../folder/folder-refs.ts";
import { ObjectSource } from "../intake/object-source.ts";
import type { RemoteAddress } from "../remote-address.ts";
import type { RemoteLink, SentRefs } from "../remote-link.ts";
import { gitEnvironment, localService, stagingConfig, type Variables } from "./git-environment.ts";
import { gitProblem } from "./git-problem.ts";
import { parsePushed } from "./pushed-refs.ts";
import { type GitOutcome, runGit } from "./run-git.ts";
import { Staging } from "./staging.ts";

/** Remotes are named in the configuration of the staging directory: a password is then on no command line. */
const REMOTE = "datmo-share";
/** Bytes of arguments for one git. */
const MOST_ARGUMENTS = process.platform === "win32" ? 20_000 : 90_000;

/** A remote that the system's git talks to. */
export class NativeLink implements RemoteLink {
  readonly #store: ObjectStore;
  readonly #address: RemoteAddress;
  readonly #program: string;
  readonly #variables: Variables;

  /** For a folder, `address.path` is the git directory itself. */
  constructor(store: ObjectStore, address: RemoteAddress, program: string, variables: Variables) {
    this.#store = store;
    this.#address = address;
    this.#program = program;
    this.#variables = variables;
  }

  list(options: WorkOptions): Promise<RemoteRef[]> {
    return this.#staged(async (staging) => {
      const args = ["ls-remote", "--refs", ...this.#service("upload-pack"), "--", REMOTE, "refs/datmo/*"];
      const outcome = await this.#git(staging, args, options);
      if (outcome.code !== 0) throw gitProblem(this.#address.shown, outcome);
      return outcome.stdout.split("\n").flatMap((line) => {
        const match = /^([0-9a-f]{40})\t(\S+)$/.exec(line);
        return match?.[1] && match[2] && isSharedRef(match[2]) ? [{ commit: match[1], name: match[2] }] : [];
      });
    });
  }

  async receive(
    refs: readonly RemoteRef[],
    have: readonly RemoteRef[],
    take: (source: ObjectSource) => Promise<void>,
    options: WorkOptions,
  ): Promise<void> {
    await this.#staged(async (staging) => {
      staging.setReferences(have);
      for (const group of grouped(refs, ({ name }) => name.length * 2 + 20)) {
        const specs = group.map(({ name }) => `+${name}:${name}`);
        const how = ["--no-tags", "--progress", "--no-recurse-submodules", "--refmap="];
        const args = ["fetch", ...how, ...this.#service("upload-pack"), "--", REMOTE, ...specs];
        const outcome = await this.#git(staging, args, options);
        if (outcome.code !== 0) throw this.#fetchProblem(outcome);
      }
      const source = new ObjectSource(this.#store.fs, staging.directory, { alternates: false });
      try {
        await take(source);
      } finally {
        source.close();
      }
    });
  }

  async send(updates: readonly RefUpdate[], options: WorkOptions): Promise<SentRefs> {
    return this.#staged(async (staging) => {
      let objects = 0;
      const accepted: string[] = [];
      const refused: SentRefs["refused"][number][] = [];
      for (const group of grouped(updates, ({ name }) => name.length * 2 + 150)) {
        const outcome = await this.#git(staging, this.#pushArguments(group), options);
        const sent = parsePushed(group, outcome);
        if (!sent) throw gitProblem(this.#address.shown, outcome);
        objects += sent.objects;
        accepted.push(...sent.accepted);
        refused.push(...sent.refused);
      }
      return { objects, accepted, refused };
    });
  }

  #pushArguments(updates: readonly RefUpdate[]): string[] {
    const leases = updates.map(({ name, expected }) => `--force-with-lease=${name}:${expected ?? ""}`);
    const specs = updates.map(({ name, commit }) => `${commit ?? ""}:${name}`);
    const how = ["--porcelain", "--progress", "--no-verify", "--no-follow-tags", "--no-signed"];
    const more = ["--recurse-submodules=no", "--no-thin", ...this.#service("receive-pack")];
    return ["push", ...how, ...more, ...leases, "--", REMOTE, ...specs];
  }

  /** A disk that is full is this one, unless the remote says so. */
  #fetchProblem(outcome: GitOutcome): Error {
    const isFull = outcome.stderr.some(
      (line) => /No space left|Disk quota/.test(line) && !/^remote:/.test(line),
    );
    if (!isFull) return gitProblem(this.#address.shown, outcome);
    return errors.DISK_FULL({ operation: "what is pulled", directory: this.#store.gitDirectory });
  }

  #service(name: "upload-pack" | "receive-pack"): string[] {
    return this.#address.kind === "folder" ? [`--${name}=${localService(this.#program, name)}`] : [];
  }

  #git(staging: Staging, args: readonly string[], options: WorkOptions): Promise<GitOutcome> {
    return runGit({
      program: this.#program,
      args,
      environment: { ...gitEnvironment(this.#variables), GIT_DIR: staging.directory },
      directory: staging.directory,
      options,
    });
  }

  async #staged<T>(work: (staging: Staging) => Promise<T>): Promise<T> {
    const staging = await Staging.make(this.#store, stagingConfig(REMOTE, fullUrl(this.#address)));
    try {
      return await work(staging);
    } finally {
      staging.remove();
    }
  }
}

/** What git is told, password included. */
function fullUrl(address: RemoteAddress): string {
  if (address.kind === "folder") return address.path;
  if (address.kind !== "http" || !address.login) return address.url;
  const url = new URL(address.url);
  url.username = encodeURIComponent(address.login.user);
  url.password = encodeURIComponent(address.login.password);
  return url.href;
}

/** Lists that fit on one command line each. */
function* grouped<T>(items: readonly T[], bytes: (item: T) => number): Generator<T[]> {
  let group: T[] = [];
  let sum = 0;
  for (const item of items) {
    if (sum + bytes(item) > MOST_ARGUMENTS && group.length > 0) {
      yield group;
      group = [];
      sum = 0;
    }
    group.push(item);
    sum += bytes(item);
  }
  if (group.length > 0) yield group;
}
