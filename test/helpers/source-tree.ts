import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Random numbers that are the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Text that looks and compresses like source code, about `bytes` long. */
export function sourceText(random: () => number, bytes: number): string {
  const words = Array.from({ length: 40 }, () => word(random));
  const pick = (): string => words[Math.floor(random() * words.length)] as string;
  let text = "";
  while (text.length < bytes) {
    const indent = "    ".repeat(Math.floor(random() * 3));
    text += `${indent}${pick()}_${pick()} = ${pick()}(${Math.floor(random() * 10_000)}, ${pick()})\n`;
  }
  return text;
}

/** Writes `files` source-like files of 4 KB on average, some 24 in a folder. Returns their paths. */
export function writeSourceTree(directory: string, files: number, seed = 1): string[] {
  const random = seeded(seed);
  const paths: string[] = [];
  for (let i = 0; i < files; i++) {
    const folder = join(directory, `package${Math.floor(i / 240)}`, `module${Math.floor(i / 24)}`);
    if (i % 24 === 0) mkdirSync(folder, { recursive: true });
    const path = join(folder, `${word(random)}${i}.py`);
    writeFileSync(path, sourceText(random, 500 + random() * 6600));
    paths.push(path);
  }
  return paths;
}

function word(random: () => number): string {
  return Array.from({ length: 3 + Math.floor(random() * 7) }, () =>
    String.fromCharCode(97 + Math.floor(random() * 26)),
  ).join("");
}
