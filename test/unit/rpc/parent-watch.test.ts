import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { describe, it } from "node:test";
import { watchParent } from "../../../src/rpc/parent-watch.ts";

describe("watchParent", () => {
  it("tells when a process that was added has ended, once", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    let told = 0;
    const gone = new Promise<void>((resolve) => {
      const watch = watchParent(() => {
        told++;
        resolve();
      }, 10);
      watch.add(child.pid!);
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(told, 0);
    child.kill("SIGKILL");
    // The watch alone keeps nothing alive.
    const awake = setInterval(() => {}, 1000);
    await gone;
    await new Promise((resolve) => setTimeout(resolve, 50));
    clearInterval(awake);
    assert.equal(told, 1);
  });

  it("does not mind an id that is of no process here: the client may be on another machine", async () => {
    let told = 0;
    const watch = watchParent(() => void told++, 5);
    watch.add(2 ** 30);
    await new Promise((resolve) => setTimeout(resolve, 50));
    watch.stop();
    assert.equal(told, 0);
  });
});
