import { crc32 } from "node:zlib";
import type { Stamp } from "../../domain/clock.ts";
import type { Layers } from "./queries.ts";
import { decodeState } from "./record-row.ts";

export type Fingerprints = Map<
  string,
  { readonly kind: string; readonly id: string; readonly print: number }
>;

/** A number for each record that differs when any of its fields was changed. */
export function fingerprints({ image, overlay }: Layers): Fingerprints {
  const prints: Fingerprints = new Map();
  for (const { kind, id, doc, stamps } of image?.all() ?? []) {
    prints.set(`${kind} ${id}`, { kind, id, print: printOf(decodeState(doc, stamps).stamps) });
  }
  for (const { kind, id, record } of overlay.all()) {
    prints.set(`${kind} ${id}`, { kind, id, print: printOf(record.stamps) });
  }
  return prints;
}

/** Records that are in `after` and were not, or not like this, in `before`. */
export function changedBetween(before: Fingerprints, after: Fingerprints): { kind: string; id: string }[] {
  const changed: { kind: string; id: string }[] = [];
  for (const [key, { kind, id, print }] of after) {
    if (before.get(key)?.print !== print) changed.push({ kind, id });
  }
  return changed;
}

function printOf(stamps: ReadonlyMap<string, Stamp>): number {
  return crc32(
    [...stamps]
      .map(([path, stamp]) => `${path}=${stamp}`)
      .sort()
      .join("\n"),
  );
}
