import { readFileSync } from "node:fs";

/** Put in by the bundler; absent when the sources run as they are. */
declare const DATMO_VERSION: string | undefined;

/** Version of this build of datmo, as in package.json. */
export const version: string = typeof DATMO_VERSION === "string" ? DATMO_VERSION : sourceVersion();

function sourceVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
