/* `datmo plugin dev` for real: a file is changed, and the answer is another one. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { type PluginPlace, pluginPlace } from "../helpers/plugins.ts";

const main = (answer: string): string => `import { definePlugin } from "datmo-plugin";
export default definePlugin({ commands: { hello: () => { console.log("printed ${answer}"); return "answer ${answer}"; } } });`;
const MANIFEST = {
  name: "hello",
  permissions: { engine: ["run.list"] },
  provides: [{ kind: "command", name: "hello" }],
};

describe("datmo plugin dev", () => {
  let place: PluginPlace;
  let child: ChildProcess;
  let said = "";
  const heard = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(said)) {
      assert.equal(child.exitCode, null, said);
      await new Promise((done) => setTimeout(done, 20));
    }
  };
  before(async () => {
    place = await pluginPlace();
  });
  after(async () => {
    child.kill("SIGKILL");
    await place.close();
  });

  it("loads it again when a file changes, tells what is wrong, and asks when it wants more", async () => {
    const folder = await place.write(MANIFEST, { "main.js": main("one") });
    const words = ["plugin", "dev", folder, "hello", "--asked"];
    child = spawn(process.execPath, [resolve("dist/datmo.js"), ...words], {
      cwd: place.directory,
      env: place.variables as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk) => {
        said += chunk;
      });
    await heard(/answer one/);
    await heard(/printed one/);
    await heard(/Waiting for changes/);
    writeFileSync(join(folder, "main.js"), main("two"));
    await heard(/answer two/);
    writeFileSync(join(folder, "main.js"), "export default {");
    await heard(/error: The plugin hello cannot be used/);
    const path = join(folder, "datmo-plugin.json");
    const manifest = JSON.parse(readFileSync(path, "utf8")) as object;
    writeFileSync(path, JSON.stringify({ ...manifest, permissions: { net: ["example.com"] } }));
    writeFileSync(join(folder, "main.js"), main("three"));
    await heard(/example\.com[\s\S]*it asks for more/);
    assert.doesNotMatch(said, /answer three/);
    writeFileSync(path, JSON.stringify({ ...manifest, permissions: {} }));
    await heard(/answer three/);
    child.kill("SIGINT");
    const code = await new Promise((done) => child.once("exit", done));
    assert.equal(code, 0);
  });
});
