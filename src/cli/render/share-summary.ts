import { bytesText, count } from "./text.ts";

interface Counts {
  readonly snapshots: number;
  readonly removed: number;
  readonly runs: number;
  readonly records: number;
  readonly points: number;
  readonly objects: number;
  readonly bigFiles: number;
  readonly bytes: number;
}

/** What went over, in one line; what is zero is left out. */
export function transferText(counts: Counts): string {
  const { snapshots, removed, runs, records, points, objects, bigFiles, bytes } = counts;
  const parts = [
    snapshots > 0 && count(snapshots, "snapshot"),
    removed > 0 && `${count(removed, "deleted snapshot")}`,
    runs > 0 && count(runs, "run"),
    records > runs && `${count(records - runs, "other record")}`,
    points > 0 && count(points, "point"),
    objects > 0 && count(objects, "git object"),
    bigFiles > 0 && `${count(bigFiles, "big file")} (${bytesText(bytes)})`,
  ];
  return parts.filter((part) => part !== false).join(", ");
}
