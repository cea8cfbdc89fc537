import type { Event, Message, MessageReader, MessageWriter } from "vscode-jsonrpc";

/*
 * Readers and writers have the shape of vscode-jsonrpc's, so that its connections and ours can be put on either
 * side, and only its types are used: loading it costs 11 ms of start-up (a quarter of what the engine may take),
 * it reads at most 50,000 messages a second where `metric.log` needs 80,000, it reads without back-pressure, and
 * it does not answer what is no message at all.
 */

export type { Message };

/** Id of a request; strings and numbers, nothing else. */
export type MessageId = string | number;

export interface FlowReader extends MessageReader {
  /** Size in bytes of the message given to the callback last. */
  readonly lastBytes: number;
  /** Stops taking in; messages that were read already may still be delivered. */
  pause(): void;
  resume(): void;
}

export interface FlowWriter extends MessageWriter {
  /** Bytes that were written here and that the peer has not taken yet. */
  readonly pendingBytes: number;
  /** Fired when everything was taken after there was too much. */
  readonly onDrain: Event<void>;
  /** Resolves when the peer has taken everything, or when it has left. */
  flushed(): Promise<void>;
}

/** One end of a connection. */
export interface Transport {
  readonly reader: FlowReader;
  readonly writer: FlowWriter;
}
