import { join } from "node:path";
import { readRegularFile } from "../regular-file.ts";

const LARGEST = 1 << 20;

/** The fields of the `DESCRIPTION` of an installed package in `folder`; undefined when there is none. */
export function readDescription(folder: string): ReadonlyMap<string, string> | undefined {
  const bytes = readRegularFile(join(folder, "DESCRIPTION"), LARGEST);
  if (bytes === undefined) return undefined;
  const fields = new Map<string, string>();
  // A line that begins with white space continues the field above.
  const text = bytes.toString("utf8").replace(/\r?\n[ \t]+/g, " ");
  for (const [, name = "", value = ""] of text.matchAll(/^([A-Za-z][\w/@.-]*):[ \t]*(.*?)[ \t]*\r?$/gm)) {
    fields.set(name, value);
  }
  return fields;
}

/** The packages named in a field such as `Imports: dplyr (>= 1.0), rlang`, without R itself. */
export function packagesIn(field: string | undefined): string[] {
  return (field ?? "")
    .split(",")
    .map((entry) => entry.trim().split(/[\s(]/, 1)[0] ?? "")
    .filter((name) => name !== "" && name !== "R");
}
