import { compareNames, decodeName, encodeName } from "../files/names.ts";
import { toHex } from "./object-id.ts";

export type TreeMode = "40000" | "100644" | "100755" | "120000";

export interface TreeEntry {
  readonly name: string;
  readonly mode: TreeMode;
  /** Hexadecimal. */
  readonly id: string;
}

/** Entries of a tree object, names unscreened. Throws on bytes that are no tree. */
export function parseTree(body: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < body.length) {
    const space = body.indexOf(0x20, at);
    const end = body.indexOf(0, space + 1);
    if (space < 0 || end < 0 || end + 21 > body.length) throw new Error("a tree is damaged");
    const mode = normalMode(body.toString("latin1", at, space));
    entries.push({
      name: decodeName(body.subarray(space + 1, end)),
      mode,
      id: toHex(body.subarray(end + 1, end + 21)),
    });
    at = end + 21;
  }
  return entries;
}

/** Bytes of a tree object. */
export function encodeTree(entries: readonly TreeEntry[]): Buffer {
  const sorted = [...entries].sort((a, b) => compareNames(sortName(a), sortName(b)));
  const parts: Buffer[] = [];
  for (const { name, mode, id } of sorted) {
    parts.push(Buffer.from(`${mode} `), encodeName(name), Buffer.from(`00${id}`, "hex"));
  }
  return Buffer.concat(parts);
}

/** Git sorts a folder as if its name ended with a slash. */
function sortName(entry: TreeEntry): string {
  return entry.mode === "40000" ? `${entry.name}/` : entry.name;
}

function normalMode(text: string): TreeMode {
  switch (text) {
    case "40000":
    case "100755":
    case "120000":
    case "100644":
      return text;
    case "100664":
      return "100644";
    default:
      throw new Error(`a tree holds an entry of mode ${text}`);
  }
}
