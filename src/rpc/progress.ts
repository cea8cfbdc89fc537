import type { Progress } from "../domain/call-context.ts";

/** Where progress goes when the caller did not ask for it, and after the answer. */
export const NO_PROGRESS = (_update: Progress): void => {};

/** The caller's `progressToken`, if it gave one. Valid until the request is answered. */
export function progressToken(params: unknown): string | undefined {
  const token = (params as { progressToken?: unknown } | null | undefined)?.progressToken;
  return typeof token === "string" ? token : undefined;
}

/** Sends `$/progress` notifications for `token`. */
export function progressReporter(
  token: string,
  notify: (method: string, params: object) => void,
): (update: Progress) => void {
  return ({ message, done, total }) => notify("$/progress", { token, value: { message, done, total } });
}
