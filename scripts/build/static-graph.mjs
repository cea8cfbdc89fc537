/** Packages that a program may load before it has done anything; everything else is imported lazily. */
const ALLOWED_AT_START = {
  "dist/engine.js": [],
  "dist/datmo.js": ["commander", "picocolors"],
};

/** Start-up time is a feature: fails when an entry file reaches a package through static imports. */
export function assertLightStart(metafile) {
  const problems = Object.entries(ALLOWED_AT_START)
    .filter(([entry]) => entry in metafile.outputs)
    .flatMap(([entry, allowed]) => heavyPackages(metafile, entry, allowed));
  if (problems.length > 0) throw new Error(`Loaded at start, import lazily instead:\n${problems.join("\n")}`);
}

function heavyPackages(metafile, entry, allowed) {
  const inputs = staticOutputs(metafile, entry).flatMap((output) =>
    Object.keys(metafile.outputs[output].inputs),
  );
  const packages = new Set(inputs.map(packageOf).filter((name) => name && !allowed.includes(name)));
  return [...packages].map((name) => `  ${entry}: ${name}, by ${importersOf(metafile, name).join(", ")}`);
}

function staticOutputs(metafile, entry) {
  const seen = new Set([entry]);
  for (const output of seen) {
    for (const item of metafile.outputs[output].imports) {
      if (item.kind === "import-statement" && item.path in metafile.outputs) seen.add(item.path);
    }
  }
  return [...seen];
}

function importersOf(metafile, name) {
  return Object.entries(metafile.inputs)
    .filter(
      ([path, input]) =>
        packageOf(path) !== name && input.imports.some((item) => packageOf(item.path) === name),
    )
    .map(([path]) => packageOf(path) ?? path);
}

/** Name of the package that a file belongs to; undefined for our own files. */
export function packageOf(path) {
  return /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules\/)/.exec(path)?.[1];
}
