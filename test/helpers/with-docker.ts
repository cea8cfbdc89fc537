/*
 * Runs a command with a container engine: `node --import tsx test/helpers/with-docker.ts COMMAND…`. The command finds
 * it in DATMO_TEST_DOCKER, as DOCKER_HOST has it. The engine is started before and ended after it; DATMO_TEST_ENGINE
 * says which kind. `--check` in place of a command says what is missing for that.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { missingForEngine, startEngine } from "./docker-engine.ts";
import { ENGINE_KIND } from "./engine-kinds.ts";

const [program = "", ...words] = process.argv.slice(2);
if (program === "--check") {
  const missing = missingForEngine() ?? (await missingForPodman());
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

/** Podman's programs may be there and yet start nothing, for want of rights or of a runtime that knows the machine. */
async function missingForPodman(): Promise<string | undefined> {
  if (ENGINE_KIND !== "podman") return undefined;
  const probed = await startEngine();
  try {
    const { createDockerDriver } = await import("../../src/drivers/docker/docker-driver.ts");
    const root = probed.directory;
    const { exited } = await createDockerDriver({ environment: { DOCKER_HOST: probed.host } }).start({
      runId: "probe",
      command: { kind: "argv", argv: ["true"] },
      directory: root,
      taskDirectory: `${root}/probe`,
      environment: {},
      interactive: false,
      container: { image: "datmo-busybox:test", root, ports: [], mounts: [], labels: {}, user: "0:0" },
    });
    const { exitCode } = await exited;
    return exitCode === 0 ? undefined : `a Podman that starts containers (a probe ended with ${exitCode})`;
  } catch (error) {
    return `a Podman that starts containers (${(error as Error).message})`;
  } finally {
    await probed.stop();
  }
}
