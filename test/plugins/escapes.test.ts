/* What a plugin must not be able to do, each with its control: the same works when it is granted. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { PluginPermissions } from "../../src/protocol/types.ts";
import { installEscapes, kindOf, outcomeOf, type PluginPlace, pluginPlace } from "../helpers/plugins.ts";

/** In the sandbox of the system and without it. */
const WAYS: readonly { readonly way: string; readonly variables: Readonly<Record<string, string>> }[] = [
  { way: "with Deno's permissions alone", variables: { DATMO_BUBBLEWRAP: "off" } },
  { way: "inside bubblewrap", variables: {} },
];
/** At least as many; a corpus that has become empty proves nothing. */
const FEWEST = 75;

for (const { way, variables } of WAYS) {
  describe(`escapes, ${way}`, { skip: noBubblewrap(variables) }, () => {
    let place: PluginPlace;
    let server: Server;
    let facts: Record<string, string | number>;

    before(async () => {
      place = await pluginPlace({ ...variables, DATMO_TEST_SECRET: "hidden" });
      server = createServer((request, response) => {
        const other = `http://localhost:${(server.address() as AddressInfo).port}/`;
        if (request.url === "/redirect") response.writeHead(302, { location: other });
        response.end("export default 1;");
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      facts = layOut(place.directory, (server.address() as AddressInfo).port);
    });
    after(async () => {
      server.closeAllConnections();
      server.close();
      await place.close();
    });

    async function attempt(name: string, plugin: string): Promise<string> {
      // Each worker takes much of what the process may have, and gives it back late: a new process for each.
      if (name.includes("worker")) await place.engine.call("plugin.grant", { name: plugin });
      const params = { name, facts: { ...facts, fresh: join(place.directory, `fresh-${Math.random()}`) } };
      return outcomeOf(
        place.engine.call("plugin.call", { name: plugin, command: "attempt", params, timeoutMs: 20_000 }),
      );
    }

    const names = async (plugin: string): Promise<string[]> =>
      (await place.engine.call("plugin.call", { name: plugin, command: "names" })).result as string[];

    it("fail without a grant, all of them", async () => {
      await installEscapes(place, "escapes", everything(facts));
      await place.engine.call("plugin.grant", { name: "escapes", permissions: { engine: ["run.list"] } });
      const all = await names("escapes");
      assert.ok(all.length >= FEWEST, `only ${all.length} attempts`);
      const open: string[] = [];
      for (const name of all) {
        // Denied where it is tried, or dead of it; a plugin that only broke down would prove nothing.
        const outcome = await attempt(name, "escapes");
        const diedOfIt = /^PLUGIN_CRASHED.*Requires \w+ access/.test(outcome);
        if (!outcome.startsWith("PLUGIN_FAILED") && !diedOfIt) open.push(`${name}: ${outcome}`);
      }
      assert.deepEqual(open, []);
      assert.equal(readFileSync(String(facts["path"]), "utf8"), "secret");
    });

    for (const kind of ["read", "write", "net", "env", "run"] as const) {
      it(`work once ${kind} is granted`, async () => {
        await installEscapes(place, "granted", everything(facts));
        const grants = kind === "write" ? { read: ["."], write: ["."] } : { [kind]: everything(facts)[kind] };
        await place.engine.call("plugin.grant", { name: "granted", permissions: grants });
        const shut: string[] = [];
        for (const name of await names("granted")) {
          if (!name.startsWith(`${kind}:`) || BEYOND.has(name)) continue;
          if ((await attempt(name, "granted")) !== "none") shut.push(name);
        }
        assert.deepEqual(shut, []);
      });
    }

    it("work once all is granted, except what nobody needs", async () => {
      await installEscapes(place, "everything", {});
      await place.engine.call("plugin.grant", { name: "everything", all: true });
      const wrong: string[] = [];
      for (const name of await names("everything")) {
        if (!/^(all|never):/.test(name) && !BEYOND.has(name)) continue;
        const works = (await attempt(name, "everything")) === "none";
        const should = !name.startsWith("never:") || name === "never: ask";
        if (works !== should && !OF_THE_MACHINE.has(name)) wrong.push(name);
      }
      assert.deepEqual(wrong, []);
    });

    it("a grant is not one for more: links that lead out of it, what datmo keeps, other hosts", async () => {
      await installEscapes(place, "narrow", everything(facts));
      await place.engine.call("plugin.grant", {
        name: "narrow",
        permissions: { read: ["data"], net: [`127.0.0.1:${facts["port"]}`] },
      });
      const tried = async (name: string, more: object): Promise<string> => {
        const params = { name, facts: { ...facts, ...more } };
        return kindOf(place.engine.call("plugin.call", { name: "narrow", command: "attempt", params }));
      };
      const data = join(place.directory, "data");
      assert.equal(await tried("read: readTextFile", { path: join(data, "own.txt") }), "none");
      assert.equal(await tried("read: readTextFile", { path: join(data, "inner-link.txt") }), "none");
      for (const link of ["file-link.txt", "folder-link/secret.txt", "datmo-link/format", "chain.txt"]) {
        assert.equal(await tried("read: readTextFile", { path: join(data, link) }), "PLUGIN_FAILED", link);
      }
      assert.equal(await tried("net: fetch", {}), "none");
      assert.equal(await tried("net: by name", {}), "PLUGIN_FAILED");
      assert.equal(await tried("net: fetch", { port: `${facts["port"]}/redirect#` }), "PLUGIN_FAILED");
      assert.equal(await tried("net: connect", { port: 1 }), "PLUGIN_FAILED");
    });

    it("what datmo keeps stays closed when the whole project is granted", async () => {
      await installEscapes(place, "whole", everything(facts));
      await place.engine.call("plugin.grant", { name: "whole", permissions: { read: ["."], write: ["."] } });
      const inside = {
        path: join(place.directory, ".datmo", "format"),
        fresh: join(place.directory, ".datmo", "x"),
      };
      for (const name of ["read: readTextFile", "write: append", "write: writeTextFile", "write: mkdir"]) {
        const params = { name, facts: { ...facts, ...inside } };
        const kind = await kindOf(
          place.engine.call("plugin.call", { name: "whole", command: "attempt", params }),
        );
        assert.equal(kind, "PLUGIN_FAILED", name);
      }
      assert.equal(existsSync(inside.fresh), false);
    });
  });
}

/** Not opened by the permission of its kind: it leads out of the project, or asks for more. */
const BEYOND = new Set([
  "read: environ of its process",
  "read: root of another process",
  "read: a device",
  "net: by name",
  "net: number as host",
  "net: through a proxy",
  "net: listen",
  "net: node listen",
  "write: heap snapshot",
  "read: node access",
  "run: node spawn",
]);

/** Open or not by what the machine is. */
const OF_THE_MACHINE = new Set([
  "net: number as host",
  "read: root of another process",
  "net: through a proxy",
  "never: ask",
]);

function everything(facts: Readonly<Record<string, string | number>>): PluginPermissions {
  return {
    read: ["."],
    write: ["."],
    net: [`127.0.0.1:${facts["port"]}`],
    env: ["DATMO_TEST_SECRET"],
    run: ["*"],
    engine: ["run.list"],
  };
}

/** A project with a secret beside what is granted, and links to it. */
function layOut(directory: string, port: number): Record<string, string | number> {
  const at = (...parts: string[]): string => join(directory, ...parts);
  mkdirSync(at("data"));
  writeFileSync(at("data", "own.txt"), "own");
  for (const name of ["secret.txt", "victim.txt"]) writeFileSync(at(name), "secret");
  writeFileSync(at("secret.json"), '{"secret": 1}');
  writeFileSync(at("worker.js"), "postMessage(1);");
  symlinkSync("own.txt", at("data", "inner-link.txt"));
  symlinkSync("../secret.txt", at("data", "file-link.txt"));
  symlinkSync("file-link.txt", at("data", "chain.txt"));
  symlinkSync("..", at("data", "folder-link"));
  symlinkSync("../.datmo", at("data", "datmo-link"));
  const database = at("some.sqlite");
  execFileSync(process.execPath, ["-e", `require("fs").writeFileSync(${JSON.stringify(database)}, "")`]);
  copyFileSync(at("secret.txt"), at("copy.txt"));
  return {
    directory,
    path: at("secret.txt"),
    victim: at("victim.txt"),
    json: at("secret.json"),
    script: at("worker.js"),
    database,
    program: "/bin/true",
    port,
  };
}

function noBubblewrap(variables: Readonly<Record<string, string>>): string | false {
  if (variables["DATMO_BUBBLEWRAP"] === "off") return false;
  try {
    execFileSync("bwrap", ["--ro-bind", "/", "/", "--unshare-all", "true"], { stdio: "ignore" });
    return false;
  } catch {
    return "bubblewrap does not work here: apt-get install bubblewrap";
  }
}
