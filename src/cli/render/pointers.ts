import type { PointerState, Skipped } from "../../protocol/types.ts";
import type { Style } from "../style.ts";
import { bytesText, plain } from "./text.ts";

/** One line for each pointer: its key, where it leads, and what was found there. */
export function pointerLines(pointers: readonly PointerState[], style: Style): string[] {
  return pointers.map(({ key, target, size, state, reason }) => {
    const facts = [target && plain(target), size === undefined ? "" : `(${bytesText(size)})`];
    const found = `${plain(WORDS[state] ?? state)}${reason === undefined ? "" : `: ${plain(reason)}`}`;
    return [`${plain(key)} → ${facts.filter(Boolean).join(" ")}`, paintOf(state, style)(found)].join("  ");
  });
}

/** What could not be taken, and why. */
export function skippedLine({ path, reason }: Skipped): string {
  return `${plain(path)} (${plain(reason)})`;
}

const WORDS: Readonly<Record<string, string>> = { unchecked: "not checked", invalid: "no pointer" };

function paintOf(state: string, style: Style): (text: string) => string {
  if (state === "ok") return style.green;
  return state === "unchecked" ? style.dim : style.red;
}
