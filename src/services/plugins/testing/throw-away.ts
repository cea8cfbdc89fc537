import type { CallMethod } from "../engine-access.ts";

/** A project that is thrown away, with an engine of its own. */
export interface ThrowAway {
  readonly directory: string;
  readonly callMethod: CallMethod;
  close(): Promise<void>;
}

/** Places for one test of a plugin, all of which share the user's folders and are removed together. */
export interface ThrowAways {
  /** An empty folder. */
  folder(name: string): Promise<string>;
  /** An empty folder with an engine on it; `heard`: what its plugins print. */
  project(heard: (text: string) => void): Promise<ThrowAway>;
  remove(): Promise<void>;
}
