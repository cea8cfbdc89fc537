/* The plugins in `examples/plugins` that are told of runs, as somebody would use them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { cp, readdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { endDeliverer, type PluginPlace, pluginPlace, until } from "../helpers/plugins.ts";

describe("the webhook", () => {
  it("posts a line for each run", async (t) => {
    const receiver = await receive(t);
    const place = await placeWith(t, { DATMO_WEBHOOK_URL: receiver.url });
    await installWebhook(place, receiver.host);
    const failed = await run(place, "exit 3", "<!channel> & co");
    await until(() => receiver.lines().length === 1, "the first message");
    const good = await run(place, "true", "second");
    await until(() => receiver.lines().length === 2, "the second message");
    assert.deepEqual(receiver.lines(), [
      `&lt;!channel&gt; &amp; co (${failed.slice(0, 8)}): failed with exit code 3`,
      `second (${good.slice(0, 8)}): succeeded`,
    ]);
    assert.ok(
      receiver.requests.every(({ method, type }) => method === "POST" && type === "application/json"),
    );
  });

  it("reaches no other host, not by a redirect either, and runs end as ever", async (t) => {
    const receiver = await receive(t);
    const other = await receive(t);
    receiver.redirectTo(other.url);
    for (const [url, problem] of [
      [other.url, /Requires net access/],
      [receiver.url, /redirect/i],
    ] as const) {
      const place = await placeWith(t, { DATMO_WEBHOOK_URL: url });
      await installWebhook(place, receiver.host);
      const id = await run(place, "true", "first");
      await until(async () => problem.test(await problemOf(place, "webhook")), `${problem}`);
      assert.equal((await place.engine.call("run.get", { id })).run.status, "succeeded");
    }
    assert.deepEqual(other.requests, []);
  });

  it("says when its variable is not set, or the receiver does not take it", async (t) => {
    const receiver = await receive(t);
    receiver.answer(404);
    for (const [url, problem] of [
      [undefined, /DATMO_WEBHOOK_URL is not set/],
      [receiver.url, /the webhook answered 404/],
    ] as const) {
      const place = await placeWith(t, url === undefined ? {} : { DATMO_WEBHOOK_URL: url });
      await installWebhook(place, receiver.host);
      await run(place, "true", "first");
      await until(async () => problem.test(await problemOf(place, "webhook")), `${problem}`);
    }
  });
});

describe("best-so-far", () => {
  it("moves its label to what the best run left behind", async (t) => {
    const place = await placeWith(t, { DATMO_BEST: "metrics.loss" });
    await install(place, resolve("examples/plugins/best-so-far"), "best-so-far");
    const labelled = async (): Promise<(string | undefined)[]> => {
      const { items } = await place.engine.call("snapshot.list", { all: true, text: "best" });
      return items.filter(({ label }) => label === "best").map(({ id }) => id);
    };
    const after = async (id: string): Promise<string | undefined> =>
      (await place.engine.call("run.get", { id })).run.afterSnapshotId;
    const isBest = async (id: string): Promise<boolean> => {
      const ids = await labelled();
      return ids.length === 1 && ids[0] === (await after(id));
    };
    await run(place, "echo 0 > model; exit 1", "failed");
    const first = await run(place, "echo 1 > model; echo loss: 0.5", "first");
    await until(() => isBest(first), "the label of the first");
    const second = await run(place, "echo 2 > model; echo loss: 0.25", "second");
    await until(() => isBest(second), "the label of the second");
    // Neither a worse one, nor one without a number, nor a better one that failed.
    await run(place, "echo 3 > model; echo loss: 0.75", "worse");
    await run(place, "echo 4 > model; echo acc: 1", "other");
    await run(place, "echo 5 > model; echo loss: 0.1; exit 1", "broken");
    await until(() => nothingWaits(place, "best-so-far"), "the last event");
    assert.ok(await isBest(second));
    await place.engine.call("snapshot.checkout", { id: "best" });
    assert.equal(readFileSync(join(place.directory, "model"), "utf8"), "2\n");
  });

  it("leaves a label alone that somebody has given", async (t) => {
    const place = await placeWith(t, { DATMO_BEST: "-metrics.acc" });
    const id = await run(place, "echo 1 > model; echo acc: 0.5", "first");
    const { afterSnapshotId = "" } = (await place.engine.call("run.get", { id })).run;
    await place.engine.call("snapshot.update", { id: afterSnapshotId, label: "release" });
    await install(place, resolve("examples/plugins/best-so-far"), "best-so-far");
    await run(place, "echo 2 > model; echo acc: 0.25", "worse");
    await until(() => nothingWaits(place, "best-so-far"), "the event");
    const { items } = await place.engine.call("snapshot.list", { all: true });
    assert.deepEqual(
      items.flatMap(({ label }) => label ?? []),
      ["release"],
    );
    assert.equal(await problemOf(place, "best-so-far"), "none");
  });
});

async function placeWith(t: TestContext, variables: Readonly<Record<string, string>>): Promise<PluginPlace> {
  const place = await pluginPlace(variables);
  t.after(async () => {
    await endDeliverer(place);
    await place.close();
  });
  return place;
}

async function install(place: PluginPlace, directory: string, name: string): Promise<void> {
  await place.engine.call("plugin.install", { directory });
  await place.engine.call("plugin.grant", { name, asked: true });
}

/** With another host in its manifest, as its README says. */
async function installWebhook(place: PluginPlace, host: string): Promise<void> {
  const folder = join(place.beside, "webhook");
  await cp("examples/plugins/webhook", folder, { recursive: true });
  const manifest = readFileSync(join(folder, "datmo-plugin.json"), "utf8");
  await writeFile(join(folder, "datmo-plugin.json"), manifest.replace("hooks.slack.com", host));
  await install(place, folder, "webhook");
}

async function run(place: PluginPlace, command: string, name: string): Promise<string> {
  const { run: started } = await place.engine.call("run.start", { command, name });
  await place.engine.call("run.wait", { id: started.id });
  return started.id;
}

async function problemOf(place: PluginPlace, name: string): Promise<string> {
  const { items } = await place.engine.call("plugin.list", {});
  return items.find((item) => item.name === name)?.problem ?? "none";
}

/** Every event of it was told, of which there was at least one. */
async function nothingWaits(place: PluginPlace, name: string): Promise<boolean> {
  const waiting = await readdir(join(place.directory, ".datmo/hooks", name)).catch(() => ["not begun"]);
  return waiting.length === 0;
}

interface Receiver {
  readonly url: string;
  readonly host: string;
  readonly requests: readonly {
    readonly method: string | undefined;
    readonly type: string | undefined;
    readonly body: string;
  }[];
  /** Of all messages. */
  lines(): string[];
  redirectTo(url: string): void;
  answer(status: number): void;
}

/** A server that keeps what is posted to it. */
async function receive(t: TestContext): Promise<Receiver> {
  const requests: { method: string | undefined; type: string | undefined; body: string }[] = [];
  let headers: Record<string, string> = {};
  let status = 200;
  const server: Server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    requests.push({ method: request.method, type: request.headers["content-type"], body });
    response.writeHead(status, headers).end("ok");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}/services/x`,
    host,
    requests,
    lines: () => requests.flatMap(({ body }) => (JSON.parse(body) as { text: string }).text.split("\n")),
    redirectTo(url) {
      status = 307;
      headers = { location: url };
    },
    answer(code) {
      status = code;
    },
  };
}
