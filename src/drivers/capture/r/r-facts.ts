import { join } from "node:path";
import type { EnvironmentFacts, PackageFact } from "../../../services/ports/capture.ts";
import type { CaptureContext } from "../context.ts";
import { withoutCredentials } from "../url-credentials.ts";
import { packagesIn, readDescription } from "./description.ts";
import { findR } from "./r-installation.ts";

const MOST_PACKAGES = 1_000;

/** R and the packages that the sources use, with all that these need in turn. R is not started. */
export function rFacts(context: CaptureContext, used: readonly string[]): EnvironmentFacts["r"] {
  const installation = findR(context.projectDirectory, context.variables);
  if (installation === undefined) return undefined;
  const { version, libraries } = installation;
  const own = readDescription(context.projectDirectory);
  // A project that is a package itself names there what it needs.
  const needed = ["Depends", "Imports", "LinkingTo"].flatMap((field) => packagesIn(own?.get(field)));
  const asked = [...new Set([...used, ...needed])].filter((name) => name !== own?.get("Package"));
  const missing = asked.filter((name) => isName(name) && describe(name, libraries) === undefined).sort();
  const packages = installedPackages(asked, libraries);
  return { version, packages, ...(missing.length > 0 && { missing }) };
}

/** R's own packages are left out: their version is that of R. */
function installedPackages(asked: readonly string[], libraries: readonly string[]): PackageFact[] {
  const facts = new Map<string, PackageFact | undefined>();
  const open = [...asked];
  for (let name = open.pop(); name !== undefined && facts.size < MOST_PACKAGES; name = open.pop()) {
    if (facts.has(name)) continue;
    const description = describe(name, libraries);
    const version = description?.get("Version");
    const isOwn = description?.get("Priority") === "base";
    facts.set(name, version === undefined || isOwn ? undefined : { name, version, ...origin(description) });
    open.push(...packagesIn(description?.get("Depends")), ...packagesIn(description?.get("Imports")));
  }
  return [...facts.values()]
    .filter((fact): fact is PackageFact => fact !== undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9.]*$/.test(name);
}

function describe(name: string, libraries: readonly string[]): ReadonlyMap<string, string> | undefined {
  if (!isName(name)) return undefined;
  for (const library of libraries) {
    const description = readDescription(join(library, name));
    if (description !== undefined) return description;
  }
  return undefined;
}

/** Where a package that is from no repository came from, as `remotes` and `pak` note it. */
function origin(description: ReadonlyMap<string, string> | undefined): { source?: string } {
  const field = (name: string): string => description?.get(name) ?? "";
  const type = field("RemoteType");
  if (type === "" || type === "standard") return {};
  const host = field("RemoteHost").replace(/^api\.github\.com$/, "github.com");
  const place = field("RemoteUrl") || `https://${host}/${field("RemoteUsername")}/${field("RemoteRepo")}`;
  if (place.endsWith("//")) return {};
  const commit = field("RemoteSha");
  return { source: withoutCredentials(place) + (commit === "" ? "" : `@${commit}`) };
}
