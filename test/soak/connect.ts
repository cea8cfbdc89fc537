import { resolve } from "node:path";
import { DatmoClient } from "../../src/client/client.ts";
import { spawnEngine } from "../../src/client/spawn.ts";

const ENGINE = resolve("dist/engine.js");

/** An engine of its own, as every client has one. */
export function connect(directory: string, nodeArguments: readonly string[] = []): Promise<DatmoClient> {
  const link = spawnEngine({ engine: ENGINE, directory, nodeArguments, stderr: "keep" });
  return DatmoClient.connect(link, {
    protocolVersion: 1,
    client: { name: "soak", version: "1" },
    projectDir: directory,
  });
}
