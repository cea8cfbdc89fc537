/*
 * Series that datmo measures itself lie beside those that a run logs. What they are called in the files begins with a
 * character that no logged name begins with, so neither can ever be taken for the other.
 */
const SYSTEM = "\0";

/** What the series of a logged metric is called in the files. */
export function loggedName(name: string): string {
  return isSystemName(name) ? `\u{FFFD}${name.slice(SYSTEM.length)}` : name;
}

/** What the series of a system metric is called in the files. */
export function systemName(name: string): string {
  return SYSTEM + name;
}

export function isSystemName(stored: string): boolean {
  return stored.startsWith(SYSTEM);
}

/** The name of a metric whose series is called so in the files. */
export function metricName(stored: string): string {
  return isSystemName(stored) ? stored.slice(SYSTEM.length) : stored;
}

/** Names of series, numbered from 0 in the order of their first use. */
export class SeriesNames {
  readonly list: string[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.list.length;
    this.list.push(name);
    this.#numbers.set(name, number);
    return number;
  }
}
