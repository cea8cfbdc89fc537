import { errors } from "../protocol/errors.ts";
import { createMemoryPair } from "../rpc/memory-transport.ts";
import type { Transport } from "../rpc/transport.ts";
import type { EngineLink } from "./engine-link.ts";

/** Puts the engine's end of a connection to work; `closed` resolves when it is done. */
export type StartEngine = (transport: Transport) => { readonly closed: Promise<unknown> };

/** An engine in this process: the same messages and checks as over a pipe, without a second process. */
export function startInMemory(start: StartEngine): EngineLink {
  const [ours, theirs] = createMemoryPair();
  const { closed } = start(theirs);
  return {
    transport: ours,
    setBusy: () => {},
    gone: async () => errors.ENGINE_GONE({ reason: "it was closed" }),
    ended: async () => void (await closed),
  };
}
