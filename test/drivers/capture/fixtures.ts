import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { cacheFile } from "../../../src/drivers/capture/cache-file.ts";
import type { CaptureContext } from "../../../src/drivers/capture/context.ts";

/** A folder of the test's own, gone after it. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "datmo-capture-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files by their path below `root`. */
export function writeFiles(root: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

export function writeScript(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

/** A clock far enough ahead that nothing just written counts as too young to be remembered. */
export function laterClock(): number {
  return Date.now() + 60_000;
}

export function testContext(
  projectDirectory: string,
  variables: Readonly<Record<string, string | undefined>> = {},
  timeoutMs = 10_000,
): CaptureContext {
  return {
    projectDirectory,
    variables,
    timeoutMs,
    now: laterClock,
    cache: (name, version) => cacheFile(undefined, name, version),
  };
}

/** Installs a distribution as pip would leave it, without pip. */
export function fakeDistribution(
  site: string,
  name: string,
  version: string,
  files: readonly string[],
  more: Readonly<Record<string, string>> = {},
): void {
  const metadata = `${name.replace(/[-.]/g, "_")}-${version}.dist-info`;
  writeFiles(site, {
    [`${metadata}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n\nName: not this\n`,
    [`${metadata}/RECORD`]: [...files, `${metadata}/METADATA`].map((file) => `${file},,\n`).join(""),
  });
  for (const file of files) writeFiles(site, { [file]: "" });
  for (const [file, text] of Object.entries(more)) writeFiles(site, { [`${metadata}/${file}`]: text });
}
