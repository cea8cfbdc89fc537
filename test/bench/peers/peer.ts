import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A tool that datmo is compared with. */
export interface Peer {
  readonly name: string;
  /** Pinned packages, as pip takes them; none: the machine's own program. */
  readonly packages: readonly string[];
  /** Name of the environment that it shares with another. Absent: its own. */
  readonly environment?: string;
  /** Keeps files only; no adapter. */
  readonly files?: boolean;
}

export const OURS: Peer = { name: "datmo", packages: [] };

/** Ours first, then those in `peers.json`. */
export function allPeers(): Peer[] {
  const listed = JSON.parse(readFileSync(join(import.meta.dirname, "peers.json"), "utf8")) as Peer[];
  return [OURS, ...listed];
}

/** What a tool's adapter says of itself. */
export interface About {
  readonly import: string;
  /** How it is used here. */
  readonly how: string;
  readonly offers: readonly string[];
  /** The only groups that it is measured for. */
  readonly rows: readonly string[] | null;
}

/** A peer that can be measured. */
export interface ReadyPeer extends Peer {
  readonly version: string;
  /** Its Python; empty for programs of the machine. */
  readonly python: string;
  readonly about: About | undefined;
}
