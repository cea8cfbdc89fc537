import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { errors } from "../protocol/errors.ts";
import { executableAt, findExecutable, type Variables } from "../util/executables.ts";

/** What plugins need came with this version. */
const OLDEST: readonly [number, number] = [2, 9];

/**
 * Path of Deno's own binary: `DATMO_DENO`, the npm package beside datmo, PATH, Deno's installer. The npm package's
 * command is a script that starts the binary through Node, so the binary is looked for beside it. Throws DENO_NOT_FOUND.
 */
export function findDeno(variables: Variables, from: string): string {
  const named = variables["DATMO_DENO"];
  if (named) {
    const path = executableAt(named);
    if (path !== undefined) return realpathSync(path);
    throw errors.DENO_NOT_FOUND({ looked: `DATMO_DENO names ${named}, which is no program` });
  }
  const looked: string[] = [];
  const packaged = packageBinary(from);
  if (packaged !== undefined) return packaged;
  looked.push("no npm package deno beside datmo");
  const onPath = findExecutable("deno", variables, "/");
  if (onPath !== undefined) {
    const real = realpathSync(onPath);
    return packageBinary(real) ?? real;
  }
  looked.push("no deno on PATH");
  const installed = join(variables["HOME"] ?? "/", ".deno", "bin", "deno");
  if (executableAt(installed) !== undefined) return realpathSync(installed);
  looked.push(`no ${installed}`);
  throw errors.DENO_NOT_FOUND({ looked: looked.join(", ") });
}

/** `2.9.6`. Throws DENO_NOT_FOUND for one that is too old or does not answer. */
export async function denoVersion(path: string): Promise<string> {
  let text: string;
  try {
    const { stdout } = await promisify(execFile)(path, ["--version"], { timeout: 10_000, env: {} });
    text = stdout;
  } catch (error) {
    throw errors.DENO_NOT_FOUND({
      looked: `${path} does not work: ${(error as Error).message.split("\n")[0]}`,
    });
  }
  const [version, major = 0, minor = 0] = /deno (\d+)\.(\d+)[.\w+-]*/.exec(text) ?? [];
  const isOld = Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]);
  if (version === undefined || isOld) {
    const said = text.split("\n")[0];
    throw errors.DENO_NOT_FOUND({
      looked: `${path} is "${said}", and ${OLDEST.join(".")} or newer is needed`,
    });
  }
  return version.slice("deno ".length);
}

/** The platform's package lies beside `deno`, or is reachable from there. */
function packageBinary(from: string): string | undefined {
  const { platform, arch } = process;
  const names =
    platform === "linux"
      ? [`${platform}-${arch}-glibc`, `${platform}-${arch}-musl`]
      : [`${platform}-${arch}`];
  for (const name of names) {
    for (const start of [from, resolved(from, "deno/package.json")]) {
      const folder = start && resolved(start, `@deno/${name}/package.json`);
      const path = folder && executableAt(join(folder, "..", "deno"));
      if (path) return path;
    }
  }
  return undefined;
}

function resolved(from: string, name: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}
