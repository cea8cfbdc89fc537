import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Hunk } from "../../../src/protocol/types.ts";
import { diffText, replaceText, type TextDiff } from "../../../src/services/compare/text/text-diff.ts";
import { below, pick, seeded } from "../../helpers/random.ts";
import { cleanEnvironment } from "../../helpers/snapshot-project.ts";

/** Applies hunks as `patch` does, believing nothing: every line of the left side must be as it is told. */
function applied(text: string, hunks: readonly Hunk[]): string {
  const old = text.split(/(?<=\n)/);
  const now: string[] = [];
  let at = 0;
  for (const { oldStart, oldLines, newStart, newLines, lines } of hunks) {
    const from = oldLines === 0 ? oldStart : oldStart - 1;
    assert.ok(from >= at, "hunks are in order and apart");
    now.push(...old.slice(at, from));
    assert.equal(now.length, newLines === 0 ? newStart : newStart - 1);
    at = from;
    const before = now.length;
    for (const { kind, text: line, noNewline } of lines) {
      const whole = noNewline ? line : `${line}\n`;
      if (kind !== "added") assert.equal(old[at++], whole);
      if (kind !== "removed") now.push(whole);
    }
    assert.deepEqual([at - from, now.length - before], [oldLines, newLines]);
  }
  return [...now, ...old.slice(at)].join("");
}

/** `-a +b` for lines that differ, so that tests read as diffs do. */
function edits(diff: TextDiff): string {
  const lines = diff.hunks(0).flatMap((hunk) => hunk.lines);
  return lines.map(({ kind, text }) => (kind === "added" ? `+${text}` : `-${text}`)).join(" ");
}

describe("texts by lines", () => {
  test("equal ones have no hunk", async () => {
    for (const text of ["", "a", "a\n", "\r\n\r\n"]) {
      const diff = await diffText(text, text);
      assert.deepEqual([diff.added, diff.removed, diff.hunks(3)], [0, 0, []]);
    }
  });

  test("the end of a line, and of a file, is part of it", async () => {
    assert.equal(edits(await diffText("a\r\nb\n", "a\nb\n")), "-a\r +a");
    const [hunk] = (await diffText("a\nb", "a\nb\n")).hunks(1);
    assert.deepEqual(hunk, {
      oldStart: 1,
      oldLines: 2,
      newStart: 1,
      newLines: 2,
      lines: [
        { kind: "context", text: "a" },
        { kind: "removed", text: "b", noNewline: true },
        { kind: "added", text: "b" },
      ],
    });
    assert.deepEqual((await diffText("", "x")).hunks(3)[0]?.lines, [
      { kind: "added", text: "x", noNewline: true },
    ]);
    assert.equal(edits(await diffText("a\rb\n", "a\rc\n")), "-a\rb +a\rc");
    assert.equal(edits(await diffText("\uFEFFa\n", "a\n")), "-\uFEFFa +a");
  });

  test("what was added begins where a person would say", async () => {
    const a = "def a():\n  pass\n\ndef c():\n  pass\n";
    const b = "def a():\n  pass\n\ndef b():\n  pass\n\ndef c():\n  pass\n";
    assert.equal(edits(await diffText(a, b)), "+def b(): +  pass +");
    assert.equal(edits(await diffText(b, a)), "-def b(): -  pass -");
  });

  test("hunks share surroundings that meet, and none that do not", async () => {
    const a = Array.from({ length: 30 }, (_, at) => `${at}\n`).join("");
    const b = a.replace("5\n", "five\n").replace("12\n", "twelve\n");
    const starts = async (context: number) =>
      (await diffText(a, b)).hunks(context).map(({ oldStart, oldLines }) => [oldStart, oldLines]);
    assert.deepEqual(await starts(0), [
      [6, 1],
      [13, 1],
    ]);
    assert.deepEqual(await starts(2), [
      [4, 5],
      [11, 5],
    ]);
    assert.deepEqual(await starts(3), [[3, 14]]);
    assert.deepEqual(await starts(1000), [[1, 30]]);
  });

  test("replaced as a whole: one hunk goes, one comes", () => {
    const diff = replaceText("a\nb\n", "target");
    assert.deepEqual([diff.removed, diff.added], [2, 1]);
    assert.equal(edits(diff), "-a -b +target");
    assert.deepEqual(replaceText("", "").hunks(3), []);
  });

  test("any two texts: the hunks make the one out of the other, and are as few lines as git's", async (t) => {
    const directory = mkdtempSync(join(tmpdir(), "datmo-text-"));
    t.after(() => rmSync(directory, { recursive: true }));
    for (let seed = 1; seed <= 300; seed++) {
      const random = seeded(seed);
      const [a, b] = randomPair(random);
      const diff = await diffText(a, b);
      const context = below(random, 5);
      assert.equal(applied(a, diff.hunks(context)), b, `seed ${seed}`);
      const numbers = diff.hunks(context).flatMap(({ lines }) => lines.map(({ kind }) => kind));
      assert.equal(numbers.filter((kind) => kind === "added").length, diff.added);
      assert.equal(numbers.filter((kind) => kind === "removed").length, diff.removed);
      if (seed <= 40)
        assert.deepEqual([diff.added, diff.removed], gitNumbers(directory, a, b), `seed ${seed}`);
    }
  });

  test("too different to be matched: still true, and at once", async () => {
    const random = seeded(7);
    const shuffled = (): string => {
      const lines = Array.from({ length: 300 }, (_, at) => `value ${at}`);
      return `head\n${lines.sort(() => random() - 0.5).join("\n")}\ntail\n`;
    };
    const [a, b] = [shuffled(), shuffled()];
    const given = await diffText(a, b, 50);
    assert.equal(given.coarse, true);
    assert.equal(applied(a, given.hunks(3)), b);
    assert.equal((await diffText(a, b)).coarse, false);
  });

  test("too different in one place: what is alike elsewhere is still found", async () => {
    const lines = (from: number): string[] => Array.from({ length: 200 }, (_, at) => `kept ${from + at}`);
    const random = seeded(5);
    const noise = (): string[] => Array.from({ length: 400 }, () => String(below(random, 9)));
    const text = (): string =>
      [...lines(0), ...noise(), ...lines(1000), ...noise(), ...lines(2000)].join("\n");
    const [a, b] = [`a\n${text()}\nz`, `b\n${text()}\ny`];
    const given = await diffText(a, b, 30);
    assert.equal(given.coarse, true);
    assert.equal(applied(a, given.hunks(3)), b);
    assert.ok(given.removed <= 802, `${given.removed}`);
    const kept = given
      .hunks(0)
      .flatMap((hunk) => hunk.lines)
      .filter(({ text: line }) => line.startsWith("kept"));
    assert.deepEqual(kept, []);
  });

  test("given up at once or not, the hunks of any two texts are true", async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const [a, b] = randomPair(seeded(seed));
      assert.equal(applied(a, (await diffText(a, b, 1)).hunks(2)), b, `seed ${seed}`);
    }
  });

  test("a pair of 5 MB that have every line in common in another order ends", async () => {
    const random = seeded(3);
    const text = (): string => {
      let made = "";
      while (made.length < 5_000_000) made += `row ${below(random, 1000)}\n`;
      return made;
    };
    const [a, b] = [text(), text()];
    const diff = await diffText(a, b);
    assert.equal(diff.coarse, true);
    assert.equal(applied(a, diff.hunks(3)), b);
  });
});

/** Two texts of few different lines, the second edited from the first or its own. */
function randomPair(random: () => number): [string, string] {
  const ends = pick(random, [["\n"], ["\r\n"], ["\n", "\r\n"]]);
  const word = (): string => pick(random, ["a", "b", "c", "}", "", "  return x", "größe", "\r"]);
  const line = (): string => word() + pick(random, ends);
  const a = Array.from({ length: below(random, 30) }, line);
  const b = random() < 0.2 ? Array.from({ length: below(random, 30) }, line) : [...a];
  for (let i = below(random, 8); i > 0; i--) {
    const at = below(random, b.length + 1);
    b.splice(at, below(random, 3), ...Array.from({ length: below(random, 3) }, line));
  }
  const ended = (lines: string[]): string =>
    lines.join("") + (random() < 0.3 ? pick(random, ["end", "a", "\r"]) : "");
  return [ended(a), ended(b)];
}

function gitNumbers(directory: string, a: string, b: string): [number, number] {
  writeFileSync(join(directory, "a"), a);
  writeFileSync(join(directory, "b"), b);
  if (a === b) return [0, 0];
  const args = ["diff", "--no-index", "--minimal", "--numstat", "a", "b"];
  let numbers = "";
  try {
    execFileSync("git", args, { cwd: directory, encoding: "utf8", env: cleanEnvironment() });
  } catch (error) {
    // It exits with 1 when they differ.
    numbers = (error as { stdout: string }).stdout;
  }
  const [added, removed] = numbers.split("\t");
  return [Number(added), Number(removed)];
}
