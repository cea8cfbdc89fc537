import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Which engine tests run on: the Docker of this Debian, that of the next one, or Podman. DATMO_TEST_ENGINE names it
 * for a whole part.
 */
export type EngineKind = "docker" | "newer" | "podman";

export const ENGINE_KIND: EngineKind = parseKind(process.env["DATMO_TEST_ENGINE"]);

/** Where `newer-engine.sh` puts the next Debian's programs. */
export const NEWER_ENGINE =
  process.env["DATMO_TEST_NEWER_ENGINE"] ??
  fileURLToPath(new URL("../../node_modules/.cache/datmo-newer-engine", import.meta.url));

export interface EnginePlace {
  /** Everything of this engine lies here. */
  readonly directory: string;
  readonly socket: string;
  /** Folders that Docker takes CDI specifications from; with any, CDI is on. */
  readonly cdi?: readonly string[];
}

/** What is missing for an engine of this kind, and how to get it; undefined when nothing is. */
export function missingForKind(kind: EngineKind): string | undefined {
  if (kind === "newer" && !existsSync(join(NEWER_ENGINE, "complete"))) {
    return `Docker 26: bash test/helpers/newer-engine.sh ${NEWER_ENGINE}`;
  }
  const program = kind === "podman" ? "podman" : "dockerd";
  const missing = [program, "busybox", "unshare"].find(
    (name) => spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0,
  );
  if (missing === undefined) return undefined;
  return `${missing}: sudo apt-get install docker.io podman busybox-static util-linux`;
}

/** The shell words that become the engine, in a network of its own. */
export function engineScript(kind: EngineKind, place: EnginePlace): string {
  if (kind === "podman") return podmanScript(place);
  const { directory, socket, cdi } = place;
  const words = [
    "exec dockerd --storage-driver=overlay2",
    `--data-root ${directory}/data --exec-root ${directory}/exec`,
    `-p ${directory}/d.pid -H unix://${socket}`,
  ];
  if (cdi) {
    const config = { features: { cdi: true }, "cdi-spec-dirs": cdi };
    writeFileSync(join(directory, "daemon.json"), JSON.stringify(config));
    words.push(`--config-file ${directory}/daemon.json`);
  }
  const first = kind === "newer" ? `PATH=${NEWER_ENGINE}/usr/sbin:${NEWER_ENGINE}/usr/bin:$PATH; ` : "";
  return `${first}ip link set lo up; ${words.join(" ")}`;
}

/** Without the right to raise limits, and where runtimes do not know the control groups, it starts only like this. */
function podmanScript({ directory, socket }: EnginePlace): string {
  const config = join(directory, "containers.conf");
  const lines = [
    "[containers]",
    'default_ulimits=["nofile=20000:20000","nproc=32768:32768"]',
    'init_path="/usr/bin/docker-init"',
    "[engine]",
    'runtime="runc"',
    'cgroup_manager="cgroupfs"',
    'events_logger="file"',
  ];
  mkdirSync(join(directory, "tmp"), { recursive: true });
  writeFileSync(config, `${lines.join("\n")}\n`);
  const folders = `--root ${directory}/data --runroot ${directory}/exec --tmpdir ${directory}/tmp`;
  return [
    "ip link set lo up",
    // Its monitor leaves notes of exhausted memory in the working directory.
    `cd ${directory}`,
    `echo $$ >${directory}/d.pid`,
    `CONTAINERS_CONF=${config} exec podman ${folders} system service --time=0 unix://${socket}`,
  ].join("; ");
}

function parseKind(text: string | undefined): EngineKind {
  return text === "newer" || text === "podman" ? text : "docker";
}
