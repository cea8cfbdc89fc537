import { randomId } from "../../domain/ids.ts";
import { remoteKey } from "../../domain/remote-name.ts";
import type { ShareStore } from "../ports/sharing.ts";
import { decodeIndex, encodeIndex } from "./index-text.ts";
import type { RemoteIndex } from "./remote-index.ts";

/** The chain that this copy of the project writes on one remote. */
export interface OwnChain {
  /** Random id of this copy on this remote. */
  readonly sharer: string;
  /** Newest commit that the remote is known to have. */
  readonly tip?: string;
  /** Commit that was about to be pushed. */
  readonly next?: string;
}

/** What a copy of the project remembers about sharing; all of it may be lost. */
export interface ShareNotes {
  /** The remote of the last push or pull, without password. */
  lastRemote(): Promise<string | undefined>;
  rememberRemote(remote: string): Promise<void>;
  index(remote: string): Promise<RemoteIndex>;
  saveIndex(remote: string, index: RemoteIndex): Promise<void>;
  /**
   * The chain to go on with, given what the remote has: when that is not what this copy put there, the project
   * was copied, and the other copy has written on; then a chain of its own is begun.
   */
  chain(remote: string, remoteTip: (sharer: string) => string | undefined): Promise<OwnChain>;
  saveChain(remote: string, chain: OwnChain): Promise<void>;
}

export function createShareNotes(store: ShareStore): ShareNotes {
  async function json<T>(name: string): Promise<T | undefined> {
    const text = await store.readNote(name);
    try {
      return JSON.parse(text ?? "") as T;
    } catch {
      return undefined;
    }
  }

  return {
    async lastRemote() {
      const note = await json<{ remote?: unknown }>(LAST);
      return typeof note?.remote === "string" ? note.remote : undefined;
    },
    async rememberRemote(remote) {
      const note = `${JSON.stringify({ v: 1, remote })}\n`;
      if ((await store.readNote(LAST)) !== note) await store.writeNote(LAST, note);
    },
    index: async (remote) => decodeIndex(await store.readNote(`${remoteKey(remote)}.index`)),
    async saveIndex(remote, index) {
      if (index.changed) await store.writeNote(`${remoteKey(remote)}.index`, encodeIndex(index));
    },
    async chain(remote, remoteTip) {
      const known = await json<OwnChain>(`${remoteKey(remote)}.chain`);
      if (!known) return { sharer: randomId() };
      const there = remoteTip(known.sharer);
      if (there === undefined) return { sharer: known.tip === undefined ? known.sharer : randomId() };
      const isOurs = there === known.tip || there === known.next;
      return isOurs ? { sharer: known.sharer, tip: there } : { sharer: randomId() };
    },
    async saveChain(remote, chain) {
      await store.writeNote(`${remoteKey(remote)}.chain`, `${JSON.stringify({ v: 1, ...chain })}\n`);
    },
  };
}

const LAST = "remote.json";
