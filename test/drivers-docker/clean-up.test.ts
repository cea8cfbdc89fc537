import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { Run } from "../../src/protocol/types.ts";
import { makePlace } from "../helpers/datmo-process.ts";
import { ask } from "../helpers/docker-engine.ts";
import { BUSYBOX, skip, until, useEngine } from "./helpers.ts";

/**
 * Passes on everything but requests to remove something, which are never answered until it is told to pass on those
 * as well. Each request has a connection of its own.
 */
async function withholdRemovals(t: TestContext, engine: string, socket: string): Promise<() => void> {
  let withheld = true;
  const open = new Set<Socket>();
  const keep = (one: Socket): void => {
    open.add(one);
    one.on("error", () => {});
    one.on("close", () => open.delete(one));
  };
  const server = createServer((client) => {
    keep(client);
    client.once("data", (first) => {
      if (withheld && first.toString("latin1").startsWith("DELETE ")) return;
      const target = connect(engine);
      keep(target);
      target.write(first);
      client.pipe(target).pipe(client);
    });
  });
  server.listen(socket);
  await once(server, "listening");
  t.after(() => {
    for (const one of open) one.destroy();
    server.close();
  });
  return () => {
    withheld = false;
  };
}

describe("cleaning up behind a run in a container", { skip }, () => {
  const box = useEngine();

  test("waits for nothing, and is done by the next engine when this one is killed before it", async (t) => {
    const place = makePlace(t);
    const socket = join(place.directory, "..", "d.sock");
    const passAll = await withholdRemovals(t, box.engine.socket, socket);
    const variables = { DOCKER_HOST: box.engine.host };
    const datmo = (...argv: string[]) => place.datmo(argv, { variables });
    await place.ok("init", "--force");
    await datmo("environment", "create", "--image", BUSYBOX, "--name", "box");
    // Built by an engine that may remove: what it looked around in.
    assert.equal((await datmo("environment", "build", "box")).code, 0);
    const child = place.start(["run", "-e", "box", "sh", "-c", "exit 3"], {
      variables: { DOCKER_HOST: `unix://${socket}` },
    });
    const newest = async (): Promise<Run | undefined> =>
      (JSON.parse((await datmo("run", "ls", "--json")).stdout) as { items: Run[] }).items[0];
    t.after(() => child.kill("SIGKILL"));
    const run = await until(async () => {
      const found = await newest();
      return found?.afterSnapshotId !== undefined && found;
    });
    assert.deepEqual([run.status, run.exitCode], ["failed", 3]);
    const path = `/containers/${run.container?.id}/json`;
    assert.equal((await ask(box.engine.socket, path)).status, 200);
    const opened = (): string[] => readdirSync(join(place.directory, ".datmo", "open"));
    assert.ok(opened().some((name) => name.startsWith(run.id)));

    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    passAll();
    const after = await until(async () => {
      const found = await newest();
      return opened().length === 0 && found;
    });
    assert.equal((await ask(box.engine.socket, path)).status, 404);
    const { status, exitCode, afterSnapshotId } = after;
    assert.deepEqual(
      { status, exitCode, afterSnapshotId },
      {
        status: run.status,
        exitCode: run.exitCode,
        afterSnapshotId: run.afterSnapshotId,
      },
    );
  });
});
