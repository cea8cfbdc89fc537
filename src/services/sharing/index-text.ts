import { RemoteIndex } from "./remote-index.ts";

/*
 * The note of a remote's index: one line of JSON, then a line for each record: key, print, and facts, between tabs.
 * The facts are `{"<stamp>":[paths]}`, with the values of status and deletion under the empty key.
 */

const VERSION = 1;

export function encodeIndex(index: RemoteIndex): string {
  const lists = (of: ReadonlyMap<string, ReadonlySet<string>>): Record<string, string[]> =>
    Object.fromEntries([...of].map(([key, values]) => [key, [...values]]));
  const head = {
    v: VERSION,
    tips: Object.fromEntries(index.tips),
    merged: Object.fromEntries(index.merged),
    later: [...index.later],
    images: lists(index.images),
    files: lists(index.files),
    markers: Object.fromEntries(index.markers),
  };
  const lines = [JSON.stringify(head)];
  for (const [key, print, text] of index.records()) lines.push(`${key}\t${print}\t${text}`);
  return `${lines.join("\n")}\n`;
}

/** An empty index when there is no note, or it cannot be used. */
export function decodeIndex(text: string | undefined): RemoteIndex {
  if (text === undefined) return new RemoteIndex();
  try {
    const lines = text.split("\n");
    const head = JSON.parse(lines[0] ?? "") as Head;
    if (head.v !== VERSION || lines.at(-1) !== "") return new RemoteIndex();
    const texts = new Map<string, string>();
    const prints = new Map<string, string>();
    for (let i = 1; i < lines.length - 1; i++) {
      const [key, print, facts] = (lines[i] as string).split("\t");
      if (key === undefined || print === undefined || facts === undefined) return new RemoteIndex();
      if (facts !== "") texts.set(key, facts);
      if (print !== "") prints.set(key, print);
    }
    return filled(new RemoteIndex(texts, prints), head);
  } catch {
    return new RemoteIndex();
  }
}

interface Head {
  readonly v: number;
  readonly tips: Record<string, string>;
  readonly merged: Record<string, string>;
  readonly later: readonly string[];
  readonly images: Record<string, string[]>;
  readonly files: Record<string, string[]>;
  readonly markers: Record<string, string>;
}

function filled(index: RemoteIndex, head: Head): RemoteIndex {
  for (const [sharer, commit] of Object.entries(head.tips)) index.tips.set(sharer, commit);
  for (const [sharer, commit] of Object.entries(head.merged)) index.merged.set(sharer, commit);
  for (const hash of head.later) index.later.add(hash);
  for (const [run, list] of Object.entries(head.images)) index.images.set(run, new Set(list));
  for (const [run, list] of Object.entries(head.files)) index.files.set(run, new Set(list));
  for (const [run, marker] of Object.entries(head.markers)) index.markers.set(run, marker);
  return index;
}
