import { readdirSync, realpathSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { findExecutable, type Variables } from "../../../util/executables.ts";
import { readHead } from "../regular-file.ts";
import { readDescription } from "./description.ts";
import { startUpVariables } from "./renviron.ts";

export interface RInstallation {
  readonly version: string;
  readonly home: string;
  /** Folders of packages, in the order in which R searches them. */
  readonly libraries: readonly string[];
}

/** The R that would run in the project, from its files alone; undefined when there is none. */
export function findR(projectDirectory: string, variables: Variables): RInstallation | undefined {
  for (const home of homes(projectDirectory, variables)) {
    const version = readDescription(join(home, "library", "base"))?.get("Version");
    if (version !== undefined) {
      return { version, home, libraries: libraries(projectDirectory, variables, home, version) };
    }
  }
  return undefined;
}

/** Where the program `R` says its home is. It is a shell script that begins by setting it. */
function homes(projectDirectory: string, variables: Variables): string[] {
  const program =
    findExecutable("R", variables, projectDirectory) ??
    findExecutable("Rscript", variables, projectDirectory);
  const found = [variables["R_HOME"]];
  if (program !== undefined) {
    const script = readHead(program, 4_096)?.toString("latin1") ?? "";
    found.push(/^R_HOME_DIR="?([^"\n]+?)"?$/m.exec(script)?.[1]);
    found.push(dirname(dirname(realPath(program))), join(dirname(dirname(program)), "lib", "R"));
  }
  return found.filter((home): home is string => home !== undefined && home !== "");
}

function libraries(
  projectDirectory: string,
  variables: Variables,
  home: string,
  version: string,
): readonly string[] {
  const base = join(home, "library");
  const renv = renvLibrary(projectDirectory, version);
  if (renv !== undefined) return [renv, base];
  const settings = startUpVariables(projectDirectory, variables, home);
  const fill = filler(variables, home, version, settings.get("R_PLATFORM") ?? "");
  const listed = ["R_LIBS", "R_LIBS_USER", "R_LIBS_SITE"].flatMap((name) => {
    const value = settings.get(name) ?? (name === "R_LIBS_SITE" ? "%S" : "");
    return value.split(delimiter).filter((folder) => folder !== "");
  });
  return [...new Set([...listed.map((folder) => resolve(projectDirectory, fill(folder))), base])];
}

/** `renv/library/<system>/R-4.2/<platform>` (older: without the system) when the project uses renv. */
function renvLibrary(projectDirectory: string, version: string): string | undefined {
  const renv = join(projectDirectory, "renv");
  if (readHead(join(renv, "activate.R"), 1) === undefined) return undefined;
  const wanted = `R-${shortVersion(version)}`;
  const root = join(renv, "library");
  for (const place of [root, ...folders(root)]) {
    const match = folders(place).find((folder) => folder.endsWith(`/${wanted}`));
    const platform = match && folders(match)[0];
    if (platform !== undefined) return platform;
  }
  return undefined;
}

/** Puts R's own abbreviations for version, platform and default folders in. */
function filler(
  variables: Variables,
  home: string,
  version: string,
  platform: string,
): (folder: string) => string {
  const user = process.platform === "darwin" ? "~/Library/R/%a/%v/library" : "~/R/%p-library/%v";
  const values: { readonly [letter: string]: string } = {
    V: version,
    v: shortVersion(version),
    p: platform,
    a: platform.split("-", 1)[0] ?? "",
    o: platform.split("-").slice(2).join("-"),
    S: join(home, "site-library"),
  };
  return (folder) =>
    folder
      .replace("%U", user)
      .replace(/%([VvpaoS])/g, (_, letter: string) => values[letter] ?? "")
      .replace(/^~(?=\/|$)/, variables["HOME"] ?? "/");
}

function shortVersion(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

function folders(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${path}/${entry.name}`)
      .sort();
  } catch {
    return [];
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
