import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { notebookCells } from "../../../src/services/compare/notebook/notebook-cells.ts";
import { diffCells } from "../../../src/services/compare/notebook/notebook-diff.ts";

interface WrittenCell {
  cell_type: string;
  source?: string | string[];
  [key: string]: unknown;
}

const code = (source: string, more: object = {}): WrittenCell => ({
  cell_type: "code",
  source: source.split(/(?<=\n)/),
  metadata: {},
  outputs: [],
  execution_count: null,
  ...more,
});
const text = (source: string, more: object = {}): WrittenCell => ({
  cell_type: "markdown",
  source,
  metadata: {},
  ...more,
});
const notebook = (cells: WrittenCell[], more: object = {}): string =>
  JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells, ...more });

/** `modified 2>2 code -x=1 +x=2` for each cell that differs. */
async function changes(a: string, b: string): Promise<string[]> {
  const [left, right] = [notebookCells(a), notebookCells(b)];
  assert.ok(left && right);
  return (await diffCells(left, right, 0)).map((cell) => {
    const lines = (cell.hunks ?? []).flatMap((hunk) => hunk.lines);
    const signs = { added: "+", removed: "-", context: " " };
    const type = cell.oldType === undefined ? cell.type : `${cell.oldType}>${cell.type}`;
    const place = `${cell.oldIndex ?? ""}>${cell.newIndex ?? ""}`;
    const told = lines.map(({ kind, text: line }) => `${signs[kind]}${line}`);
    assert.equal(told.filter((line) => line.startsWith("+")).length, cell.added);
    assert.equal(told.filter((line) => line.startsWith("-")).length, cell.removed);
    return [cell.status, place, type, ...told].join(" ");
  });
}

describe("notebooks", () => {
  test("outputs, execution counts, metadata and how the source is written do not count", async () => {
    const a = notebook([
      code("x = 1\nx", { execution_count: 3, outputs: [{ text: "1" }], metadata: { a: 1 } }),
    ]);
    const b = notebook([{ ...code(""), source: "x = 1\nx" }], { metadata: { kernelspec: { name: "ir" } } });
    assert.deepEqual(await changes(a, b), []);
  });

  test("cells are known by their id, whatever became of them", async () => {
    const a = notebook([
      code("import os", { id: "a" }),
      text("# Title", { id: "t" }),
      code("x = 1\ny", { id: "x" }),
    ]);
    const b = notebook([
      text("# Title", { id: "t" }),
      code("import os", { id: "a" }),
      code("z = 2\nw", { id: "x" }),
      text("new", { id: "n" }),
    ]);
    assert.deepEqual(await changes(a, b), [
      "moved 2>1 markdown",
      "modified 3>3 code -x = 1 -y +z = 2 +w",
      "added >4 markdown +new",
    ]);
    const typed = notebook([text("import os", { id: "a" })]);
    assert.deepEqual(await changes(notebook([code("import os", { id: "a" })]), typed), [
      "modified 1>1 code>markdown",
    ]);
  });

  test("without ids by their content, then by half of their lines", async () => {
    const a = notebook([code("a\nb\nc\nd"), code("same"), code("gone\nfor\ngood"), code("same")]);
    const b = notebook([code("same"), code("a\nb\nc\nD"), code("same"), code("else")]);
    assert.deepEqual(await changes(a, b), [
      "moved 2>1 code",
      "modified 1>2 code -d +D",
      "removed 3> code -gone -for -good",
      "added >4 code +else",
    ]);
  });

  test("or by their place between the same neighbours", async () => {
    const a = notebook([code("first"), code("x = 1"), text("end")]);
    assert.deepEqual(await changes(a, notebook([code("first"), code("x = 2"), text("end")])), [
      "modified 2>2 code -x = 1 +x = 2",
    ]);
    assert.deepEqual(await changes(a, notebook([code("first"), text("x = 2"), text("end")])), [
      "removed 2> code -x = 1",
      "added >2 markdown +x = 2",
    ]);
  });

  test("an id that two cells have, or a new one for the same cell, misleads nobody", async () => {
    const a = notebook([code("one", { id: "x" }), code("two", { id: "x" })]);
    const b = notebook([code("two", { id: "x" }), code("one", { id: "y" })]);
    assert.deepEqual(await changes(a, b), ["moved 2>1 code"]);
  });

  test("of format 3 have worksheets, inputs and headings", async () => {
    const cells = [
      { cell_type: "heading", level: 2, source: "Title" },
      { cell_type: "code", input: ["x = 1\n", "x"], outputs: [], language: "python", prompt_number: 1 },
    ];
    const old = JSON.stringify({ nbformat: 3, worksheets: [{ cells }, { cells: [text("more")] }] });
    const now = notebook([text("## Title"), code("x = 1\nx"), text("more")]);
    assert.deepEqual(await changes(old, now), []);
  });

  test("that are none are not taken for one", () => {
    for (const bad of [
      "",
      "{",
      "[]",
      "null",
      '{"cells": {}}',
      '{"cells": [1]}',
      '{"cells": [{"cell_type": "code", "source": 1}]}',
      '{"cells": [{"cell_type": "code", "source": [1]}]}',
      '{"cells": [{"source": ""}]}',
      '{"worksheets": [{}]}',
      "<<<<<<< HEAD\n{}\n",
    ]) {
      assert.equal(notebookCells(bad), undefined, bad);
    }
    assert.deepEqual(notebookCells('\uFEFF{"cells": []}'), []);
  });

  test("whole ones come and go by cells", async () => {
    const one = notebook([code("x"), text("")]);
    assert.deepEqual(await changes(notebook([]), one), ["added >1 code +x", "added >2 markdown"]);
    assert.deepEqual(await changes(one, notebook([])), ["removed 1> code -x", "removed 2> markdown"]);
  });

  test("a thousand cells turned round are one order, not a thousand edits by hand", async () => {
    const cells = Array.from({ length: 1000 }, (_, at) => code(`x = ${at}`));
    const told = await changes(notebook(cells), notebook([...cells].reverse()));
    assert.equal(told.filter((line) => line.startsWith("moved")).length, 999);
  });
});
