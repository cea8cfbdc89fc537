import type { Host } from "./host.ts";

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Listens no longer. */
  end(): void;
}

/** A signal that is aborted by Ctrl-C and by the system's wish to end: the request is cancelled in good order. */
export function abortOnSignal(host: Host): Interrupt {
  const controller = new AbortController();
  return { signal: controller.signal, end: host.onSignal(() => controller.abort()) };
}
