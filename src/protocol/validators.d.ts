// generated from protocol/, do not edit; npm run generate
import type { ClientNotification, Method } from "./methods.ts";

export interface ValidationProblem {
  /** Place in the data, a JSON pointer. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly message: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** True when the data fit; else `errors` holds the first thing wrong, until the next call. */
export type Validate = ((data: unknown) => boolean) & { readonly errors?: readonly ValidationProblem[] | null };

/** Validators of what the engine takes. */
export const validateParams: Readonly<Record<Method | ClientNotification, Validate>>;
