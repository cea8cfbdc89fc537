/*
 * Runs a command with a Docker engine: `node --import tsx test/helpers/with-docker.ts COMMAND…`. The command finds it
 * in DATMO_TEST_DOCKER, as DOCKER_HOST has it. The engine is started before and ended after it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { startEngine } from "./docker-engine.ts";

const [program = "", ...words] = process.argv.slice(2);
const engine = await startEngine();
const child = spawn(program, words, {
  stdio: "inherit",
  env: { ...process.env, DATMO_TEST_DOCKER: engine.host, DATMO_TEST_DOCKER_DIRECTORY: engine.directory },
});
const [code] = (await once(child, "exit")) as [number | null];
await engine.stop();
process.exitCode = code ?? 1;
