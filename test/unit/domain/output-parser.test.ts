import assert from "node:assert/strict";
import { test } from "node:test";
import { createOutputParser, type OutputPoint } from "../../../src/domain/output-parser.ts";

function parse(text: string | Buffer, cut = Number.POSITIVE_INFINITY): OutputPoint[] {
  const bytes = Buffer.from(text);
  const parser = createOutputParser();
  const points: OutputPoint[] = [];
  for (let at = 0; at < bytes.length; at += cut) points.push(...parser.feed(bytes.subarray(at, at + cut)));
  return [...points, ...parser.end()];
}

const brief = (points: OutputPoint[]): string =>
  points.map(({ name, step, value }) => `${name}@${step}=${value}`).join(" ");

test("whole lines that are name and number become points", () => {
  assert.equal(brief(parse("accuracy: 0.9\nloss = 1e-3\n")), "accuracy@0=0.9 loss@0=0.001");
  assert.equal(brief(parse("  val/f1 score :\t-.5 \r\n")), "val/f1 score@0=-0.5");
  assert.equal(
    brief(parse("a: nan\nb: inf\nc=-inf\nd: +inf\n")),
    "a@0=NaN b@0=Infinity c@0=-Infinity d@0=Infinity",
  );
});

test("anything else never does", () => {
  const others = [
    "accuracy: 0.9 (best)",
    "epoch 3: loss: 0.5",
    "2026-01-01: 5",
    "http://host:8080",
    "a: 0x10",
    "a: 1,000",
    "a: NaN",
    "a: Infinity",
    "a: -nan",
    "a::1",
    "a: 1.2.3",
    "a:",
    ": 1",
    "a 1",
    "ä: 1",
    "a\tb: 1",
    `${"a".repeat(101)}: 1`,
    "a: 1\u0007",
  ];
  assert.deepEqual(parse(`${others.join("\n")}\n`), []);
});

test("steps: counted by name, until a step or epoch line sets one", () => {
  assert.equal(brief(parse("a: 1\nb: 1\na: 2\n")), "a@0=1 b@0=1 a@1=2");
  assert.equal(brief(parse("a: 1\nstep: 10\na: 2\na: 3\nEpoch = 11\nb: 4\n")), "a@0=1 a@10=2 a@10=3 b@11=4");
  assert.equal(brief(parse("epoch: 0.5\nstep: nan\n")), "epoch@0=0.5 step@0=NaN");
});

test("of a line with carriage returns the part that is shown counts", () => {
  assert.equal(brief(parse("\r10%|#\r50%|##\rloss: 1\rloss: 0.5\n")), "loss@0=0.5");
  assert.equal(brief(parse("bar 100%\r        \racc: 1\r\r\n")), "acc@0=1");
  assert.deepEqual(parse("loss: 1\r100%|###|\n"), []);
});

test("a last line without newline is whole when the output ends", () => {
  const parser = createOutputParser();
  assert.deepEqual(parser.feed(Buffer.from("acc: 0.")), []);
  assert.deepEqual(parser.feed(Buffer.from("75")), []);
  assert.equal(brief(parser.end()), "acc@0=0.75");
  assert.deepEqual(parser.end(), []);
});

/** The rule as it is written down, on text that is whole. */
function byRule(text: string): string {
  const rule =
    /^\s*([A-Za-z][\w./ -]{0,99}?)\s*[:=]\s*([-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|nan|[-+]?inf)\s*$/;
  const found: string[] = [];
  for (const line of text.split("\n")) {
    const match = rule.exec(line.replace(/\r+$/, "").split("\r").pop() ?? "");
    if (match)
      found.push(`${match[1]}=${Number((match[2] ?? "").replace("inf", "Infinity").replace("nan", "NaN"))}`);
  }
  return found.join(" ");
}

test("the same points as by the rule, however the bytes are cut", () => {
  const pieces = [
    "a",
    "Z9",
    "loss",
    " ",
    "\t",
    ":",
    "=",
    "1",
    ".",
    "0.5",
    "-",
    "+",
    "e",
    "E5",
    "nan",
    "inf",
    "\n",
    "\n",
    "\r",
    "/",
    "\u00a0",
    "é",
    "_",
    ",",
    "x".repeat(60),
  ];
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  let points = 0;
  for (let round = 0; round < 3000; round++) {
    let text = "";
    for (let n = random(40); n >= 0; n--) text += random(4) === 0 ? "\na: 1" : pieces[random(pieces.length)];
    const expected = byRule(text);
    points += expected === "" ? 0 : 1;
    for (const cut of [Number.POSITIVE_INFINITY, 1, 1 + random(20)]) {
      const found = parse(text, cut).map(({ name, value }) => `${name}=${value}`);
      assert.equal(found.join(" "), expected, JSON.stringify({ text, cut }));
    }
  }
  assert.ok(points > 1000);
});

test("binary and broken UTF-8 are passed over", () => {
  const noise = Buffer.from(Array.from({ length: 50_000 }, (_, n) => (n * 7919 + (n >> 3)) % 256));
  const bytes = Buffer.concat([noise, Buffer.from("\nacc: 1\n\xff\xfe: 2\nb\xe9: 3\n", "latin1")]);
  for (const cut of [Number.POSITIVE_INFINITY, 1000]) {
    const points = parse(bytes, cut);
    assert.equal(brief(points.slice(-1)), "acc@0=1");
  }
});

test("very long lines take no memory, and what follows them counts", () => {
  const parser = createOutputParser();
  const chunk = Buffer.alloc(1_000_000, "x");
  const before = process.memoryUsage.rss();
  for (let n = 0; n < 300; n++) assert.deepEqual(parser.feed(chunk), []);
  assert.ok(process.memoryUsage.rss() - before < 50_000_000);
  assert.equal(brief(parser.feed(Buffer.from("\nacc: 1\n"))), "acc@0=1");
  parser.feed(chunk);
  assert.equal(brief(parser.feed(Buffer.from("\racc: 2\n"))), "acc@1=2");
  parser.feed(chunk);
  parser.feed(Buffer.from("\r"));
  assert.equal(brief(parser.feed(Buffer.from("acc: 3\n"))), "acc@2=3");
  assert.deepEqual(parse(`${" ".repeat(5000)}acc: 1\n`), []);
});

test("ever new names end somewhere", () => {
  const parser = createOutputParser();
  let points = 0;
  for (let n = 0; n < 11_000; n++) points += parser.feed(Buffer.from(`name${n}: 1\n`)).length;
  assert.equal(points, 10_000);
  assert.equal(parser.feed(Buffer.from("name1: 2\n")).length, 1);
});

test("lines that would make a naive pattern slow do not", () => {
  const evil = [
    `a${" ".repeat(4000)}`,
    `a: ${"1".repeat(4000)}x1`,
    `${" ".repeat(2000)}a${" ".repeat(2000)}:1x1`,
  ];
  const text = Buffer.from(evil.map((line) => `${line}\n`.repeat(300)).join(""));
  assert.deepEqual(parse(text), []);
});
