import type { CommandNode } from "./commands.ts";

export interface Resolved {
  /** From the root to the command. */
  readonly path: readonly CommandNode[];
  readonly node: CommandNode;
  /** Words that are not names of commands: global options that came before, then everything after. */
  readonly rest: readonly string[];
  /** Commands that plugins add, when none of them was named. Absent: there are none, or nobody looked. */
  readonly verbs?: readonly string[];
}

/**
 * Finds the command that the words name. Global options may stand between its words. A name counts only
 * right behind its parent: in `run --tag x ls` and `run -- ls` the program `ls` is meant.
 */
export function resolveCommand(root: CommandNode, words: readonly string[]): Resolved {
  const path = [root];
  const globals: string[] = [];
  let node = root;
  let at = 0;
  while (at < words.length) {
    const taken = globalOption(words, at);
    if (taken > 0) {
      globals.push(...words.slice(at, at + taken));
      at += taken;
      continue;
    }
    const child = node.children?.find(({ name }) => name === words[at]);
    if (child === undefined) break;
    path.push(child);
    node = child;
    at++;
  }
  return { path, node, rest: [...globals, ...words.slice(at)] };
}

/** How many words a global option takes here; 0 when there is none. */
function globalOption(words: readonly string[], at: number): number {
  const word = words[at] ?? "";
  if (word === "--json" || word.startsWith("--project=")) return 1;
  return word === "--project" && at + 1 < words.length ? 2 : 0;
}
