/*
 * Runs a command with a container engine: `node --import tsx test/helpers/with-docker.ts COMMAND…`. The command finds
 * it in DATMO_TEST_DOCKER, as DOCKER_HOST has it. The engine is started before and ended after it; DATMO_TEST_ENGINE
 * says which kind. `--check` in place of a command says what is missing for that.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { missingForEngine, startEngine } from "./docker-engine.ts";

const [program = "", ...words] = process.argv.slice(2);
if (program === "--check") {
  const missing = missingForEngine();
  if (missing) console.log(missing);
  process.exit(missing ? 1 : 0);
}
const engine = await startEngine();
const child = spawn(program, words, {
  stdio: "inherit",
  env: { ...process.env, DATMO_TEST_DOCKER: engine.host, DATMO_TEST_DOCKER_DIRECTORY: engine.directory },
});
const [code] = (await once(child, "exit")) as [number | null];
await engine.stop();
process.exitCode = code ?? 1;
