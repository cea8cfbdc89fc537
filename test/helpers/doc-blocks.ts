import { readFileSync } from "node:fs";

/** A fenced block of a page for users. */
export interface DocBlock {
  /** Line of its opening fence, from 1. */
  readonly line: number;
  /** Word behind the fence; empty when there is none. */
  readonly language: string;
  readonly text: string;
  /** From `<!-- not run: REASON -->` on the line above. */
  readonly notRun?: string;
}

export interface DocCommand {
  readonly line: number;
  readonly command: string;
  /** What it is to print, on both streams. */
  readonly output: string;
}

export function blocksOf(path: string): DocBlock[] {
  const text = readFileSync(path, "utf8");
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((match) => {
    const before = text.slice(0, match.index);
    const notRun = /<!-- not run: (.+) -->\n$/.exec(before)?.[1];
    return {
      line: before.split("\n").length,
      language: match[1] ?? "",
      text: match[2] ?? "",
      ...(notRun === undefined ? {} : { notRun }),
    };
  });
}

/** Commands of a `console` block: lines that begin with `$ `, gone on with by lines that begin with `> `. */
export function commandsOf({ line, text }: DocBlock): DocCommand[] {
  const commands: { line: number; command: string; output: string }[] = [];
  for (const [index, row] of text.split("\n").slice(0, -1).entries()) {
    const current = commands.at(-1);
    if (row.startsWith("$ ")) commands.push({ line: line + index + 1, command: row.slice(2), output: "" });
    else if (current === undefined) throw new Error(`line ${line + index + 1}: output before any command`);
    else if (row.startsWith("> ") && current.output === "") current.command += `\n${row.slice(2)}`;
    else current.output += `${row}\n`;
  }
  return commands;
}

/** Whether output is as a page shows it: apart from ids, times and widths; `…` stands for anything, on lines too. */
export function isAsShown(shown: string, output: string): boolean {
  const pattern = masked(shown)
    .split("…")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`, "s").test(masked(output));
}

function masked(text: string): string {
  return text
    .replace(/\b[a-z2-7]{26}\b/g, "<id>")
    .replace(/\b[a-z2-7]{8}\b/g, "<id>")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "<time>")
    .replace(/\b(\d+ m )?\d+(\.\d+)? m?s\b/g, "<duration>")
    .replace(/ +/g, " ")
    .replace(/ $/gm, "")
    .trimEnd();
}
