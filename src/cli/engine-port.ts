import type { EngineNotification, MethodMap, NotificationMap, ServiceMethod } from "../protocol/methods.ts";
import type { ProgressParams } from "../protocol/types.ts";

export type Progress = ProgressParams["value"];

export interface RequestOptions {
  /** Cancels the request; it then fails with CANCELLED. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** What the command line needs of a connection to an engine. Errors are `DatmoError`. */
export interface Engine {
  request<M extends ServiceMethod>(
    method: M,
    params: MethodMap[M]["params"],
    options?: RequestOptions,
  ): Promise<MethodMap[M]["result"]>;
  /** Returns what ends the listening. */
  on<N extends EngineNotification>(
    notification: N,
    listener: (params: NotificationMap[N]["params"]) => void,
  ): () => void;
  /** Resolves when the engine has finished what it began. */
  close(): Promise<void>;
}
