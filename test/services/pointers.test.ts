import assert from "node:assert/strict";
import { mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { isDatmoError } from "../../src/protocol/errors.ts";
import type { PointerState } from "../../src/protocol/types.ts";
import { openTestEngine, removeTestEngine, type TestEngine } from "../helpers/engine.ts";

const MIB = 1024 * 1024;
let engine: TestEngine;
const at = (...names: string[]): string => join(engine.directory, ...names);

before(async () => {
  engine = await openTestEngine();
  await writeFile(at(".gitignore"), "data/\n");
  await mkdir(at("data"));
  await writeFile(at("data/t.csv"), "1,2\n");
});
after(() => removeTestEngine(engine));

async function refusal(work: Promise<unknown>): Promise<{ kind: string; message: string; hint?: string }> {
  try {
    await work;
  } catch (error) {
    if (isDatmoError(error)) return error;
    throw error;
  }
  return { kind: "nothing thrown", message: "" };
}

async function state(key: string, verify = false): Promise<Partial<PointerState>> {
  const { pointers } = await engine.call("project.status", verify ? { verify } : {});
  return pointers.find((pointer) => pointer.key === key) ?? {};
}

describe("pointers", () => {
  it("are made with size and hash, relative inside the project, and equal data give the same snapshot", async () => {
    const params = {
      message: "with data",
      config: { lr: 1 },
      pointers: [
        { key: "data.train", path: at("data/t.csv") },
        { key: "raw", path: "s3://bucket/raw.tar" },
        { key: "host", path: "/etc/hostname" },
      ],
    };
    const { snapshot, created } = await engine.call("snapshot.create", params);
    assert.equal(created, true);
    const config = snapshot.config as { data: object; raw: object; host: { $pointer: string } };
    assert.deepEqual(config.data, {
      train: {
        $pointer: "data/t.csv",
        size: 4,
        sha256: "52186c933993da4082b3cdc7c40bb4bf735b391ff54a2ef78c037dda6c38a680",
      },
    });
    assert.deepEqual(config.raw, { $pointer: "s3://bucket/raw.tar" });
    assert.equal(config.host.$pointer, "/etc/hostname");
    const again = await engine.call("snapshot.create", { ...params, message: "said again" });
    assert.deepEqual(
      [again.created, again.snapshot.id, again.snapshot.message],
      [false, snapshot.id, "said again"],
    );
  });

  it("are checked: ok, changed by size and by content, missing, not checked", async () => {
    assert.equal((await state("data.train")).state, "ok");
    assert.equal((await state("raw")).state, "unchecked");
    await writeFile(at("data/t.csv"), "3,4\n");
    assert.deepEqual((await state("data.train")).reason, "its content is another");
    await writeFile(at("data/t.csv"), "longer\n");
    assert.deepEqual((await state("data.train")).reason, "it has 7 bytes");
    await rm(at("data/t.csv"));
    assert.equal((await state("data.train")).state, "missing");
    await mkdir(at("data/t.csv"));
    assert.deepEqual(
      [(await state("data.train")).state, (await state("data.train")).reason],
      ["changed", "it is a folder"],
    );
    await rm(at("data/t.csv"), { recursive: true });
    await writeFile(at("data/t.csv"), "1,2\n");
    assert.equal((await state("data.train")).state, "ok");
  });

  it("to big files are read when asked, and once", async () => {
    const old = new Date(Date.now() - 60_000);
    await writeFile(at("data/big"), Buffer.alloc(65 * MIB));
    await utimes(at("data/big"), old, old);
    const { snapshot } = await engine.call("snapshot.create", {
      message: "big",
      pointers: [{ key: "big", path: at("data/big") }],
    });
    // It was read when the pointer was made; a change makes it unknown again.
    assert.equal((await state("big")).state, "ok");
    await writeFile(at("data/big"), Buffer.alloc(65 * MIB));
    const unread = await state("big");
    assert.deepEqual([unread.state, /--verify/.test(unread.reason ?? "")], ["unchecked", true]);
    assert.equal((await state("big", true)).state, "ok");
    assert.equal((await state("big")).state, "ok");
    const read = await engine.call("snapshot.get", { id: snapshot.id });
    assert.deepEqual(
      read.pointers.map(({ key, state }) => [key, state]),
      [["big", "ok"]],
    );
  });

  it("that are none are refused wherever a config is given, and the key is named", async () => {
    const config = { data: { x: { $pointer: "a", sha256: "12" } } };
    const calls = [
      () => engine.call("snapshot.create", { message: "x", config }),
      () => engine.call("run.start", { command: "true", config }),
      () => engine.call("run.create", { config }),
    ];
    for (const call of calls) {
      const { kind, message } = await refusal(call());
      assert.equal(kind, "CONFIG_INVALID");
      assert.match(message, /the pointer data\.x: its sha256/);
    }
    await writeFile(at("config.json"), JSON.stringify(config));
    assert.match(
      (await refusal(engine.call("snapshot.create", { message: "x" }))).message,
      /^config\.json cannot be used: the pointer data\.x/,
    );
    await rm(at("config.json"));
  });

  it("to what is not there, or to a folder, are refused", async () => {
    const make = (path: string) =>
      refusal(engine.call("snapshot.create", { message: "x", pointers: [{ key: "k", path }] }));
    const missing = await make(at("none"));
    assert.deepEqual([missing.kind, missing.message.includes("none")], ["PATH_NOT_FOUND", true]);
    const folder = await make(at("data"));
    assert.equal(folder.kind, "PATH_INVALID");
    assert.match(folder.message, /it is a folder/);
    assert.match(folder.hint ?? "", /--path/);
  });

  it("an update to another target does not keep the old size and hash", async () => {
    const { snapshot } = await engine.call("snapshot.create", {
      message: "to update",
      pointers: [{ key: "d", path: at("data/t.csv") }],
    });
    const { snapshot: updated } = await engine.call("snapshot.update", {
      id: snapshot.id,
      config: { d: { $pointer: "s3://elsewhere" } },
    });
    assert.deepEqual(updated.config, { d: { $pointer: "s3://elsewhere" } });
  });
});
