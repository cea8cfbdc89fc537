import assert from "node:assert/strict";
import { test } from "node:test";
import { textPlot } from "../../../src/cli/render/text-plot.ts";

test("a rising line goes from the lower left to the upper right, with its ends on the axes", () => {
  assert.equal(
    textPlot({ title: "loss", x: [0, 10], y: [1, 2], columns: 14, rows: 4 }),
    ["loss", "2 ┤ ⠀⠀⠀⠀⠀⠀⠀⢀⠤⠊", "  ┤ ⠀⠀⠀⠀⠀⡠⠔⠁", "  ┤ ⠀⠀⢀⠔⠊", "1 ┤ ⡠⠒⠁", "    0       10"].join("\n"),
  );
});

test("a gap stays a gap, a constant is a line in the middle", () => {
  const gap = textPlot({ title: "t", x: [0, 1, 2, 3, 4], y: [1, 1, Number.NaN, 1, 1], columns: 24, rows: 1 });
  assert.match(gap, /^t\n1 ┤ [⠁-⣿]+⠀+[⠁-⣿]+\n/);
  const one = textPlot({ title: "t", x: [5], y: [3], columns: 20, rows: 3 });
  assert.match(one, /\n {4}5$/);
  assert.match(one, /[⠁-⣿]/);
});

test("no finite value is said", () => {
  assert.equal(textPlot({ title: "t", x: [1], y: [Number.NaN], columns: 20 }), "t: no finite values");
  assert.equal(textPlot({ title: "t", x: [], y: [], columns: 20 }), "t: no finite values");
});

test("lines are never longer than asked for", () => {
  const x = Array.from({ length: 500 }, (_, at) => at);
  const text = textPlot({ title: "t", x, y: x.map((at) => Math.sin(at / 20) * 1e-7), columns: 60 });
  for (const line of text.split("\n")) assert.ok(line.length <= 60, line);
});
