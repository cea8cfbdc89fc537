import type { Snapshot } from "../../protocol/types.ts";
import type { Style } from "../style.ts";
import { plain } from "./text.ts";

/** One line: the whole id, so that a script can take it, then label and message. */
export function snapshotLine({ id, label, message }: Snapshot, style: Style): string {
  return [style.bold(id), label && `[${plain(label)}]`, plain(message)].filter(Boolean).join(" ");
}
