import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createDockerDriver, type DockerDriverOptions } from "../../src/drivers/docker/docker-driver.ts";
import type { ContainerSpec } from "../../src/services/ports/containers.ts";
import type { Driver, ExitFact, StartSpec } from "../../src/services/ports/drivers.ts";
import {
  ask,
  type EngineOptions,
  missingForEngine,
  startEngine,
  type TestEngine,
} from "../helpers/docker-engine.ts";

export const BUSYBOX = "datmo-busybox:test";

/** Why tests of a real engine are skipped here; false when they are not. */
export const skip: string | false = missingForEngine() ?? false;

/** The engine of the whole part, or one of this file's own when it runs alone. */
export function useEngine(options: EngineOptions & { own?: boolean } = {}): { readonly engine: TestEngine } {
  const box: { engine: TestEngine } = { engine: undefined as unknown as TestEngine };
  const shared = process.env["DATMO_TEST_DOCKER"];
  const isShared = shared !== undefined && Object.keys(options).length === 0;
  before(async () => {
    if (skip) return;
    box.engine = isShared ? sharedEngine(shared) : await startEngine(options);
  });
  after(async () => {
    if (!isShared) await box.engine?.stop();
  });
  return box;
}

export interface Place {
  /** The project. */
  readonly root: string;
  readonly driver: Driver;
  spec(command: string | string[], container?: Partial<ContainerSpec>, more?: Partial<StartSpec>): StartSpec;
  /** Runs to the end. */
  run(
    command: string | string[],
    container?: Partial<ContainerSpec>,
    more?: Partial<StartSpec>,
  ): Promise<Ran>;
}

export interface Ran {
  readonly exit: ExitFact;
  readonly output: string;
  readonly taskDirectory: string;
}

/** A project and a driver for a test's engine. */
export function makePlace(t: TestContext, host: string, options: DockerDriverOptions = {}): Place {
  const root = mkdtempSync(join(tmpdir(), "datmo-docker-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, ".datmo", "tasks"), { recursive: true, mode: 0o700 });
  const driver = createDockerDriver({ environment: { DOCKER_HOST: host }, ...options });
  const spec: Place["spec"] = (command, container = {}, more = {}) => {
    const runId = `run${Math.random().toString(36).slice(2)}`;
    return {
      runId,
      command:
        typeof command === "string" ? { kind: "shell", text: command } : { kind: "argv", argv: command },
      directory: root,
      taskDirectory: join(root, ".datmo", "tasks", runId),
      environment: {},
      interactive: false,
      container: {
        image: BUSYBOX,
        root,
        ports: [],
        mounts: [],
        labels: { "datmo.project": root },
        user: "0:0",
        ...container,
      },
      ...more,
    };
  };
  return {
    root,
    driver,
    spec,
    async run(command, container, more) {
      const start = spec(command, container, more);
      const { exited } = await driver.start(start);
      const exit = await exited;
      const { taskDirectory } = start;
      return { exit, taskDirectory, output: outputOf(taskDirectory) };
    },
  };
}

export function outputOf(taskDirectory: string): string {
  return readFileSync(join(taskDirectory, "output.log"), "utf8");
}

/** Ids of a project's containers, whatever their state. */
export async function containersOf(engine: TestEngine, project: string): Promise<string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`datmo.project=${project}`] }));
  const { body } = await ask(engine.socket, `/containers/json?all=1&filters=${filters}`);
  return (JSON.parse(body) as { Id: string }[]).map(({ Id }) => Id);
}

/** Waits for something outside this process; the test's own time limit ends it when it never comes. */
export async function until<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await sleep(10);
  }
}

function sharedEngine(host: string): TestEngine {
  const refuse = async (): Promise<void> => {
    throw new Error("this engine is shared with other tests");
  };
  const directory = process.env["DATMO_TEST_DOCKER_DIRECTORY"] ?? "";
  return { host, socket: host.slice("unix://".length), directory, restart: refuse, stop: refuse };
}
