/*
 * Hybrid logical clock. A stamp orders changes across engines: time of the writer's clock, pushed forward by
 * every stamp it has seen, a counter, and the writer's id so that no two are the same. Stamps compare as text.
 */

/** 12 hexadecimal digits of milliseconds since the epoch, 4 of counter, `-`, the writer's id. */
export type Stamp = string;

/** How far ahead of this machine's clock a stamp may push it, milliseconds. */
export const MAX_AHEAD_MS = 24 * 60 * 60 * 1000;

const MAX_COUNTER = 0xffff;

/** A stamp of its parts. */
export function formatStamp(ms: number, counter: number, writer: string): Stamp {
  return `${ms.toString(16).padStart(12, "0")}${counter.toString(16).padStart(4, "0")}-${writer}`;
}

/** The time in a stamp, milliseconds since the epoch. */
export function stampTime(stamp: Stamp): number {
  return Number.parseInt(stamp.slice(0, 12), 16);
}

/** True for text of the form of a stamp. */
export function isStamp(text: unknown): text is Stamp {
  return typeof text === "string" && /^[0-9a-f]{16}-[0-9a-f]+$/.test(text);
}

/** The clock of one engine. */
export class Clock {
  /** Id that goes into the stamps. */
  writer: string;
  readonly #now: () => number;
  #ms = 0;
  #counter = 0;

  constructor(writer: string, now: () => number) {
    this.writer = writer;
    this.#now = now;
  }

  /**
   * A stamp above all that were given or observed before. A clock that was pushed (or set back) so that it
   * would stamp more than `MAX_AHEAD_MS` ahead of the machine's time is clamped to that. `above`: stamps that
   * are being replaced; a change always stamps above them, however far ahead they are, and leaves the clock be.
   */
  next(above: readonly Stamp[] = []): Stamp {
    const now = this.#now();
    if (this.#ms > now + MAX_AHEAD_MS) {
      this.#ms = now + MAX_AHEAD_MS;
      this.#counter = 0;
    }
    if (now > this.#ms) {
      this.#ms = now;
      this.#counter = 0;
    } else this.#tick();
    const stamp = formatStamp(this.#ms, this.#counter, this.writer);
    const highest = above.reduce((a, b) => (a > b ? a : b), "");
    return highest >= stamp ? after(highest, this.writer) : stamp;
  }

  /** Takes a stamp of another engine in. False when it is too far ahead to be believed. */
  observe(stamp: Stamp): boolean {
    const ms = stampTime(stamp);
    if (ms > this.#now() + MAX_AHEAD_MS) return false;
    const counter = Number.parseInt(stamp.slice(12, 16), 16);
    if (ms > this.#ms || (ms === this.#ms && counter > this.#counter)) {
      this.#ms = ms;
      this.#counter = counter;
    }
    return true;
  }

  #tick(): void {
    if (this.#counter < MAX_COUNTER) this.#counter += 1;
    else {
      this.#ms += 1;
      this.#counter = 0;
    }
  }
}

function after(stamp: Stamp, writer: string): Stamp {
  const ms = stampTime(stamp);
  const counter = Number.parseInt(stamp.slice(12, 16), 16);
  return counter < MAX_COUNTER ? formatStamp(ms, counter + 1, writer) : formatStamp(ms + 1, 0, writer);
}
