import { errors } from "../protocol/errors.ts";
import type { InitializeParams } from "../protocol/types.ts";
import { readInitialize } from "./handshake.ts";

export interface EngineInfo {
  readonly name: string;
  readonly version: string;
}

/** `new` until `initialize`, `stopping` from `shutdown` or the end of the input on. */
export type Phase = "new" | "ready" | "stopping";

/** Which requests are in order when, as in LSP. */
export class Lifecycle {
  readonly #engine: EngineInfo;
  readonly #protocolVersion: number;
  phase: Phase = "new";
  initialize: InitializeParams | undefined;

  constructor(engine: EngineInfo, protocolVersion: number) {
    this.#engine = engine;
    this.#protocolVersion = protocolVersion;
  }

  /** Throws what a request for `method` must be answered with when it is not in order now. */
  admit(method: string): void {
    if (this.phase === "new" && method !== "initialize") throw errors.NOT_INITIALIZED();
    if (this.phase === "stopping") throw errors.INVALID_REQUEST({ reason: "the engine is shutting down" });
    if (this.phase === "ready" && method === "initialize") {
      throw errors.INVALID_REQUEST({ reason: "a second initialize" });
    }
  }

  /** The answer to `initialize`. Throws INVALID_PARAMS or PROTOCOL_VERSION_UNSUPPORTED; then it may be tried again. */
  begin(params: unknown): object {
    this.initialize = readInitialize(params, this.#protocolVersion);
    this.phase = "ready";
    const { name, version } = this.#engine;
    return { protocolVersion: this.#protocolVersion, engine: { name, version }, capabilities: {} };
  }
}
