import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";

/**
 * Calls `look` soon after something changed in `seg/`, and once a second in any case: what the system tells
 * about changes is a hint only. Keeps no process alive.
 */
export class Follower {
  readonly #look: () => Promise<void>;
  #watcher: FSWatcher | undefined;
  readonly #timer: NodeJS.Timeout;
  #soon: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(directory: string, look: () => Promise<void>) {
    this.#look = look;
    this.#timer = setInterval(() => this.#run(), EVERY_MS).unref();
    try {
      this.#watcher = watch(join(directory, "seg"), { persistent: false }, () => this.#wake());
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch {
      // No such folder yet, or no more watches to be had: the timer does.
    }
    this.#wake();
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    this.#watcher?.close();
  }

  #wake(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#run();
    }, SOON_MS).unref();
  }

  #run(): void {
    if (this.#looking) return;
    this.#looking = true;
    // A failed look is no failed request: the next request that reads will meet the same and tell.
    void this.#look()
      .catch(() => {})
      .finally(() => {
        this.#looking = false;
      });
  }
}

const EVERY_MS = 1000;
const SOON_MS = 3;
