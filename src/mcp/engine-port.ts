import type { MethodMap } from "../protocol/methods.ts";
import type { GrantableMethod } from "../protocol/tool-schemas.js";
import type { ProgressParams } from "../protocol/types.ts";

export type Progress = ProgressParams["value"];

export interface RequestOptions {
  /** Cancels the request; it then fails with CANCELLED. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** What the server needs of an engine. Errors are `DatmoError`. */
export interface Engine {
  request<M extends GrantableMethod>(
    method: M,
    params: MethodMap[M]["params"],
    options: RequestOptions,
  ): Promise<MethodMap[M]["result"]>;
}

/** What agents may do here. */
export interface Grant {
  /** Methods that run commands are served too. */
  readonly allowExec: boolean;
  /** Root of the project, or the folder where one would be looked for; absolute. */
  readonly directory: string;
}
