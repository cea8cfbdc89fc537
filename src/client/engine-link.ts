import type { DatmoError } from "../protocol/errors.ts";
import type { Transport } from "../rpc/transport.ts";

/** A running engine as a client sees it: a process of its own, or a part of this one. */
export interface EngineLink {
  readonly transport: Transport;
  /** Told to the engine, so that it leaves when this process is gone. Absent: they share one, or perhaps no machine. */
  readonly processId?: number;
  /** While busy the connection keeps this process alive, otherwise it does not. */
  setBusy(busy: boolean): void;
  /** The error for requests without an answer, once the connection has closed. */
  gone(): Promise<DatmoError>;
  /** Resolves when the engine has ended after `exit`; makes it end when it does not. */
  ended(): Promise<void>;
}
