import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CondaPackageFact, EnvironmentFacts } from "../../services/ports/capture.ts";
import type { CaptureContext } from "./context.ts";
import { readRegularFile } from "./regular-file.ts";
import { breather } from "./slices.ts";
import { ABSENT, type Stamp, sameStamp, settled, stampOf } from "./stamps.ts";
import { withoutCredentials } from "./url-credentials.ts";

type CondaFacts = NonNullable<EnvironmentFacts["conda"]>;

type CondaCache = {
  readonly prefix: string;
  readonly stamp: Stamp;
  readonly packages: readonly CondaPackage[];
};

/** As a type, so that it can be kept as JSON. */
type CondaPackage = {
  readonly name: string;
  readonly version: string;
  readonly build?: string;
  readonly channel?: string;
};

const CACHE_VERSION = 1;
const LARGEST = 32 << 20;
const MOST_PACKAGES = 5_000;

/**
 * The packages of the conda environment in use: the interpreter's own, or else the active one. Conda is not
 * started; it leaves a file for each package.
 * @param interpreter The Python that runs the project. Absent: there is none.
 */
export async function condaFacts(
  context: CaptureContext,
  interpreter: string | undefined,
): Promise<CondaFacts | undefined> {
  const prefix = condaPrefix(context, interpreter);
  if (prefix === undefined) return undefined;
  const cache = context.cache<CondaCache>("conda.json", CACHE_VERSION);
  const known = cache.load();
  const folder = join(prefix, "conda-meta");
  const stamp = settled(stampOf(folder), context.now());
  // A package that is installed, updated or removed changes the names in the folder.
  if (known?.prefix === prefix && sameStamp(known.stamp, stamp)) return { prefix, packages: known.packages };
  const { packages, complete } = await readPackages(folder, context.timeoutMs);
  if (complete) cache.save({ prefix, stamp, packages });
  return { prefix, packages };
}

function condaPrefix(context: CaptureContext, interpreter: string | undefined): string | undefined {
  const own = interpreter === undefined ? undefined : dirname(dirname(interpreter));
  const active = context.variables["CONDA_PREFIX"];
  return [own, active].find(
    (prefix) =>
      prefix !== undefined && prefix !== "" && !sameStamp(stampOf(join(prefix, "conda-meta")), ABSENT),
  );
}

async function readPackages(
  folder: string,
  timeoutMs: number,
): Promise<{ packages: CondaPackage[]; complete: boolean }> {
  const breathe = breather();
  const deadline = performance.now() + timeoutMs;
  const packages: CondaPackage[] = [];
  let complete = true;
  for (const file of metadataFiles(folder).slice(0, MOST_PACKAGES)) {
    await breathe();
    // The name of the file tells the most important without reading what may be megabytes of file lists.
    if (performance.now() > deadline) complete = false;
    const found = (complete ? readPackage(join(folder, file)) : undefined) ?? fromName(file);
    if (found !== undefined) packages.push(found);
  }
  return { packages: packages.sort((a, b) => (a.name < b.name ? -1 : 1)), complete };
}

function metadataFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json") && !name.startsWith("."))
      .sort();
  } catch {
    return [];
  }
}

function readPackage(path: string): CondaPackage | undefined {
  try {
    const text = readRegularFile(path, LARGEST)?.toString("utf8") ?? "";
    const { name, version, build, build_string, channel } = JSON.parse(text) as Record<string, unknown>;
    if (typeof name !== "string" || typeof version !== "string") return undefined;
    const tag = typeof build === "string" ? build : build_string;
    return {
      name,
      version,
      ...(typeof tag === "string" && tag !== "" ? { build: tag } : {}),
      ...(typeof channel === "string" && channel !== "" ? { channel: channelName(channel) } : {}),
    } satisfies CondaPackageFact;
  } catch {
    return undefined;
  }
}

/** `<name>-<version>-<build>.json`; names may have dashes in them. */
function fromName(file: string): CondaPackage | undefined {
  const [, name, version, build] = /^(.+)-([^-]+)-([^-]+)\.json$/.exec(file) ?? [];
  return name === undefined || version === undefined || build === undefined
    ? undefined
    : { name, version, build };
}

/** `https://conda.anaconda.org/t/<token>/conda-forge/linux-64` is conda-forge/linux-64; other hosts stay. */
function channelName(channel: string): string {
  return withoutCredentials(channel)
    .replace(/\/t\/[^/]+\//, "/")
    .replace(/^https:\/\/conda\.anaconda\.org\//, "");
}
