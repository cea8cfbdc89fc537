import { posix } from "node:path";
import type { Readable } from "node:stream";
import { errors } from "../../protocol/errors.ts";
import type { PackageFact } from "../../services/ports/capture.ts";
import type { ImagePackages } from "../../services/ports/containers.ts";
import type { WorkOptions } from "../../services/ports/snapshots.ts";
import type { Connection } from "./connection.ts";
import { createContainer, removeContainer } from "./container-state.ts";
import { createDemux } from "./demux.ts";
import { isNotFound } from "./engine-errors.ts";
import { inspectImage, isImageName, noName } from "./images.ts";
import { readApkInstalled, readDpkgStatus, readNameLines } from "./package-lists.ts";
import { askHead } from "./raw-http.ts";

/** Longest time for one program in the image, milliseconds. */
const PROGRAM_MS = 60_000;
const MOST_BYTES = 64 * 1024 * 1024;
/** Where programs are when an image has no PATH. */
const FOLDERS = [
  "/opt/conda/bin",
  "/opt/venv/bin",
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
];

/** Standard library only, any Python 3: its version, conda's own list, and what importlib sees. */
const PYTHON = `import json, os, sys
try:
    from importlib.metadata import distributions
    found = sorted({(d.metadata["Name"], d.version) for d in distributions() if d.metadata["Name"]})
except ImportError:
    import pkg_resources
    found = sorted({(d.project_name, d.version) for d in pkg_resources.working_set})
meta = os.path.join(sys.prefix, "conda-meta")
conda = None
if os.path.isdir(meta):
    conda = sorted(n[:-5].rsplit("-", 2)[:2] for n in os.listdir(meta) if n.endswith(".json") and n.count("-") > 1)
print(json.dumps({"version": ".".join(map(str, sys.version_info[:3])), "packages": found, "conda": conda}))
`;

const R = `i <- installed.packages(); cat(as.character(getRversion()), "\\n"); cat(paste(i[,"Package"], i[,"Version"]), sep="\\n")`;

/**
 * What is installed in an image. Lists that lie in files are read from them; Python, R and rpm have to be asked, each
 * in a container of its own without a network, bounded in time. What cannot be had is absent.
 */
export async function imagePackages(
  connection: Connection,
  image: string,
  options: WorkOptions,
): Promise<ImagePackages> {
  const { signal } = options;
  if (!isImageName(image)) throw noName(image);
  // Never started: only a way into its files.
  const id = await createContainer(connection, {
    Image: image,
    Entrypoint: [],
    Cmd: ["true"],
    HostConfig: { NetworkMode: "none" },
  });
  try {
    const folders = [...(await pathOf(connection, image)), ...FOLDERS];
    const find = (name: string) => findProgram(connection, id, folders, name);
    const look = { connection, image, signal };
    const system = (await systemFiles(connection, id)) ?? (await askRpm(look, await find("rpm")));
    const python = await askPython(look, (await find("python3")) ?? (await find("python")));
    const r = await askR(look, await find("Rscript"));
    if (signal?.aborted) throw errors.CANCELLED({});
    return { ...python, ...(r && { r }), ...(system && { system }) };
  } finally {
    await removeContainer(connection, id).catch(() => {});
  }
}

type System = NonNullable<ImagePackages["system"]>;

interface Look {
  readonly connection: Connection;
  readonly image: string;
  readonly signal: AbortSignal | undefined;
}

async function systemFiles(connection: Connection, id: string): Promise<System | undefined> {
  const dpkg = await readFileIn(connection, id, "/var/lib/dpkg/status");
  if (dpkg !== undefined) return { manager: "apt", packages: readDpkgStatus(dpkg) };
  for (const path of ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"]) {
    const apk = await readFileIn(connection, id, path);
    if (apk !== undefined) return { manager: "apk", packages: readApkInstalled(apk) };
  }
  return undefined;
}

async function askRpm(look: Look, program: string | undefined): Promise<System | undefined> {
  const words = ["-qa", "--qf", "%{NAME} %{VERSION}-%{RELEASE}\\n"];
  const text = program && (await runProgram(look, [program, ...words]));
  return text ? { manager: "rpm", packages: readNameLines(text) } : undefined;
}

async function askPython(
  look: Look,
  program: string | undefined,
): Promise<Pick<ImagePackages, "python" | "conda">> {
  const text = program && (await runProgram(look, [program, "-c", PYTHON]));
  if (!text) return {};
  try {
    const told = JSON.parse(text) as {
      version: string;
      packages: [string, string][];
      conda: [string, string][] | null;
    };
    return {
      python: { version: told.version, packages: told.packages.map(fact) },
      ...(told.conda ? { conda: told.conda.map(fact) } : {}),
    };
  } catch {
    return {};
  }
}

async function askR(look: Look, program: string | undefined): Promise<ImagePackages["r"]> {
  const text = program && (await runProgram(look, [program, "--vanilla", "-e", R]));
  if (!text) return undefined;
  const [version = "", ...lines] = text.split("\n");
  return { version: version.trim(), packages: readNameLines(lines.join("\n")) };
}

function fact([name, version]: readonly [string, string]): PackageFact {
  return { name, version };
}

async function pathOf(connection: Connection, image: string): Promise<readonly string[]> {
  const { Config: config } = await inspectImage(connection, image);
  const path = config.Env?.find((entry) => entry.startsWith("PATH="))?.slice("PATH=".length) ?? "";
  return path.split(":").filter((folder) => folder.startsWith("/"));
}

async function findProgram(
  connection: Connection,
  id: string,
  folders: readonly string[],
  name: string,
): Promise<string | undefined> {
  const places = [...new Set(folders)].map((folder) => posix.join(folder, name));
  const found = await Promise.all(
    places.map(async (path) => {
      const query = `path=${encodeURIComponent(path)}`;
      const url = `/v${connection.apiVersion}/containers/${id}/archive?${query}`;
      return (await askHead(connection.endpoint, "HEAD", url)).status === 200;
    }),
  );
  return places[found.indexOf(true)];
}

/** A text file in an image; undefined when there is none. */
async function readFileIn(connection: Connection, id: string, path: string): Promise<string | undefined> {
  let archive: Readable;
  try {
    const container = (await connection.library()).getContainer(id);
    archive = (await container.getArchive({ path })) as Readable;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  const { extract } = await import("tar-stream");
  const parts: Buffer[] = [];
  let bytes = 0;
  const tar = extract();
  archive.on("error", (error) => tar.destroy(error));
  archive.pipe(tar);
  for await (const entry of tar) {
    for await (const part of entry) {
      bytes += (part as Buffer).length;
      if (bytes > MOST_BYTES) throw errors.CONTAINER_ENGINE_FAILED({ reason: `${path} is too large` });
      parts.push(part as Buffer);
    }
  }
  return Buffer.concat(parts).toString("utf8");
}

/** What a program of the image prints; undefined when it fails, takes too long, or prints too much. */
async function runProgram(look: Look, words: readonly string[]): Promise<string | undefined> {
  const { connection, image, signal } = look;
  if (signal?.aborted) throw errors.CANCELLED({});
  const id = await createContainer(connection, {
    Image: image,
    Entrypoint: [],
    Cmd: [...words],
    User: "0:0",
    AttachStdout: true,
    HostConfig: { NetworkMode: "none", Init: true },
  });
  const limit = AbortSignal.timeout(PROGRAM_MS);
  const over = signal ? AbortSignal.any([signal, limit]) : limit;
  try {
    const container = (await connection.library()).getContainer(id);
    const stream = (await container.attach({ stream: true, stdout: true })) as unknown as Readable;
    const printed = collect(stream);
    over.addEventListener("abort", () => stream.destroy(new Error("over")), { once: true });
    await container.start();
    const text = await printed;
    const { StatusCode: code } = (await container.wait()) as { StatusCode: number };
    return code === 0 ? text : undefined;
  } catch {
    return undefined;
  } finally {
    await removeContainer(connection, id).catch(() => {});
  }
}

async function collect(stream: Readable): Promise<string> {
  const demux = createDemux();
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    for (const { data } of demux(chunk as Buffer)) {
      bytes += data.length;
      parts.push(data);
    }
    if (bytes > MOST_BYTES) throw new Error("too much");
  }
  return Buffer.concat(parts).toString("utf8");
}
