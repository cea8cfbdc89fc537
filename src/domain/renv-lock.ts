/** An R package as it is installed; `source` when it is from no repository. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly source?: string;
}

const CRAN = { Name: "CRAN", URL: "https://cloud.r-project.org" };

/** A lock file for renv with these packages, and the names of those that it cannot say how to get. */
export function renvLock(
  version: string,
  packages: readonly InstalledPackage[],
): { readonly text: string; readonly left: readonly string[] } {
  const kept = packages.filter(({ source }) => source === undefined);
  const entries = kept.map(({ name, version: its }) => [
    name,
    { Package: name, Version: its, Source: "Repository", Repository: CRAN.Name },
  ]);
  const lock = { R: { Version: version, Repositories: [CRAN] }, Packages: Object.fromEntries(entries) };
  return {
    text: `${JSON.stringify(lock, undefined, 2)}\n`,
    left: packages.filter(({ source }) => source !== undefined).map(({ name }) => name),
  };
}
