import type { CellChange } from "../../../protocol/types.ts";
import { diffText } from "../text/text-diff.ts";
import { matchCells, movedPairs } from "./match-cells.ts";
import type { Cell } from "./notebook-cells.ts";

/** What differs between two notebooks, by cells, in the order of the right side. */
export async function diffCells(
  a: readonly Cell[],
  b: readonly Cell[],
  context: number | undefined,
): Promise<CellChange[]> {
  const pairs = matchCells(a, b);
  const moved = movedPairs(pairs);
  const leftOf = new Map(pairs.map((pair, at) => [pair.b, { a: pair.a, moved: moved.has(at) }]));
  const matched = new Set(pairs.map((pair) => pair.a));
  const gone = [...a.keys()].filter((at) => !matched.has(at));
  const changes: CellChange[] = [];
  const note = async (before: number | undefined, after: number | undefined, isMoved = false) => {
    const change = await cellChange(a, b, before, after, isMoved, context);
    if (change) changes.push(change);
  };
  const stays = pairs.filter((_, at) => !moved.has(at));
  for (const at of b.keys()) {
    if ((stays[0]?.b ?? b.length) < at) stays.shift();
    // A removed cell stands where it stood: behind the one before it that stayed, in front of what came there.
    while ((gone[0] ?? a.length) < (stays[0]?.a ?? a.length)) await note(gone.shift(), undefined);
    const left = leftOf.get(at);
    await note(left?.a, at, left?.moved);
  }
  for (const at of gone) await note(at, undefined);
  return changes;
}

async function cellChange(
  a: readonly Cell[],
  b: readonly Cell[],
  before: number | undefined,
  after: number | undefined,
  moved: boolean,
  context: number | undefined,
): Promise<CellChange | undefined> {
  const [old, now] = [a[before ?? -1], b[after ?? -1]];
  const status = !old ? "added" : !now ? "removed" : moved ? "moved" : "modified";
  const same = old && now && old.source === now.source;
  if (status === "modified" && same && old.type === now.type) return undefined;
  const text = await diffText(old?.source ?? "", now?.source ?? "");
  const id = now?.id ?? old?.id;
  return {
    status,
    type: (now ?? old)?.type ?? "",
    ...(old && now && old.type !== now.type ? { oldType: old.type } : {}),
    ...(id === undefined ? {} : { id }),
    ...(before === undefined ? {} : { oldIndex: before + 1 }),
    ...(after === undefined ? {} : { newIndex: after + 1 }),
    added: text.added,
    removed: text.removed,
    ...(context === undefined ? {} : { hunks: text.hunks(context) }),
  };
}
