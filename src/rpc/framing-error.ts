import type { DatmoError } from "../protocol/errors.ts";
import type { MessageId } from "./transport.ts";

/** What a reader reports when bytes are no message: the answer they get, and whether reading can go on. */
export class FramingError extends Error {
  override readonly name = "FramingError";
  readonly error: DatmoError;
  /** Id of the request that failed, where it could be seen; null otherwise. */
  readonly requestId: MessageId | null;
  /** The place of the next message is unknown: the connection must close. */
  readonly fatal: boolean;

  constructor(error: DatmoError, options: { requestId?: MessageId | null; fatal: boolean }) {
    super(error.message, { cause: error });
    this.error = error;
    this.requestId = options.requestId ?? null;
    this.fatal = options.fatal;
  }
}
