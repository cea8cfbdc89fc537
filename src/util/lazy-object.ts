/** Names of T's members that answer with a promise. */
type AsyncNames<T> = {
  [K in keyof T]: T[K] extends (...args: never[]) => Promise<unknown> ? K : never;
}[keyof T];

/**
 * An object whose code is loaded by the first call. For ports whose methods all answer with promises; the
 * members that do not are given in `ready`. `close` of an object that was never loaded does nothing.
 */
export function lazyObject<T extends object>(
  load: () => Promise<T>,
  ready: Omit<T, AsyncNames<T>> & Partial<T>,
): T {
  let loaded: Promise<T> | undefined;
  return new Proxy(ready as T, {
    get(target, name) {
      if (name in target) return target[name as keyof T];
      // A promise must not take this for one of its own.
      if (name === "then" || typeof name === "symbol") return undefined;
      if (name === "close" && loaded === undefined) return async () => undefined;
      return async (...args: unknown[]) => {
        loaded ??= load();
        const object = (await loaded) as Record<string, (...args: unknown[]) => unknown>;
        return object[name]?.(...args);
      };
    },
  });
}
