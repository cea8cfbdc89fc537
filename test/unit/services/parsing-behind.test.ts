/* A parser that fails, hangs or forgets holds up nobody, and no point is taken in twice. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Parser, Parsing } from "../../../src/services/ports/parser.ts";
import type { OpenProject } from "../../../src/services/project/open-project.ts";
import { createOutputPoints } from "../../../src/services/runs/output-points.ts";
import { createParsingBehind, ParsingLost } from "../../../src/services/runs/parsing-behind.ts";
import type { RunMetrics } from "../../../src/services/runs/run-metrics.ts";

const LOG = "a 1\nb 2\nc 3\n";

/** A log that is read four bytes at a time, and what was taken in of it, with the stretch's end. */
function place(open: () => Parsing, catchUpMs = 10_000) {
  const taken: string[] = [];
  const problems: string[] = [];
  const metrics = {
    async append(points: { name: readonly string[] }, source: { to: number }) {
      taken.push(`${points.name.join(",")}@${source.to}`);
      return { points: points.name.length };
    },
  } as unknown as RunMetrics;
  const project = { series: { takenTo: async () => 0 } } as unknown as OpenProject;
  const parser: Parser = { name: "test", immediate: false, open };
  const behind = createParsingBehind({
    run: { id: "r" },
    parser,
    folder: { readOutput: async (offset) => Buffer.from(LOG).subarray(offset, offset + 4) },
    points: createOutputPoints(project, "r", metrics),
    onParserProblem: async (reason) => void problems.push(reason),
    catchUpMs,
  });
  return { behind, taken, problems };
}

const found = (chunk: Uint8Array) => [{ name: Buffer.from(chunk).toString().slice(0, 1), step: 0, value: 1 }];
const END = async () => [{ name: "end", step: 0, value: 1 }];
const ALL = ["a@4", "b@8", "c@12", "end@13"];

describe("a parser that takes its time", () => {
  it("gets the whole log, and its end", async () => {
    const { behind, taken, problems } = place(() => ({ feed: async (chunk) => found(chunk), end: END }));
    behind.wake();
    await behind.finish();
    assert.deepEqual([taken, problems], [ALL, []]);
  });

  it("begins anew when it fails, and its points are taken in once", async () => {
    let calls = 0;
    const { behind, taken, problems } = place(() => ({
      async feed(chunk) {
        calls++;
        if (calls === 3) throw new Error("broken");
        return found(chunk);
      },
      end: END,
    }));
    await behind.finish();
    assert.deepEqual([taken, problems, calls], [ALL, [], 6]);
  });

  it("may forget often, but not at the beginning", async () => {
    let calls = 0;
    const forgets = (from: number) => () => ({
      async feed(chunk: Uint8Array) {
        calls++;
        if (calls >= from && calls < 40 && (from === 1 || !found(chunk)[0]?.name.includes("a")))
          throw new ParsingLost("lost");
        return found(chunk);
      },
      end: END,
    });
    const often = place(forgets(2));
    await often.behind.finish();
    assert.deepEqual([often.taken, often.problems], [ALL, []]);
    calls = 0;
    const never = place(forgets(1));
    await never.behind.finish();
    assert.deepEqual([never.taken, never.problems, calls], [[], ["lost"], 3]);
  });

  it("is given up when it always fails; what it found stays", async () => {
    const { behind, taken, problems } = place(() => ({
      async feed(chunk) {
        if (chunk[0] === 0x62) throw new Error("no b");
        return found(chunk);
      },
      end: END,
    }));
    await behind.finish();
    assert.deepEqual([taken, problems], [["a@4"], ["no b"]]);
  });

  it("is given up when it hangs", async () => {
    const { behind, taken, problems } = place(
      () => ({ feed: () => new Promise(() => undefined), end: END }),
      20,
    );
    behind.wake();
    await behind.finish();
    assert.deepEqual([taken, problems.length], [[], 1]);
    assert.match(problems[0] ?? "", /not through with the output/);
  });
});
