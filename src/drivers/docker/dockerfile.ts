/** Images that the FROM lines of a Dockerfile name, in order; stages of its own and `scratch` are left out. */
export function baseImages(
  dockerfile: string,
  given: Readonly<Record<string, string>> = {},
): readonly string[] {
  const values = new Map<string, string>();
  const stages = new Set<string>(["scratch"]);
  const bases: string[] = [];
  for (const line of logicalLines(dockerfile)) {
    const [word = "", ...rest] = line.split(/\s+/);
    // Only ARG lines before the first FROM count for FROM.
    if (/^arg$/i.test(word) && bases.length === 0 && stages.size === 1) {
      const [, name = "", value = ""] = /^([^=]+)=?(.*)$/.exec(rest.join(" ")) ?? [];
      values.set(name, given[name] ?? value.replace(/^(["'])(.*)\1$/, "$2"));
    }
    if (!/^from$/i.test(word)) continue;
    const words = rest.filter((part) => !part.startsWith("--"));
    const base = substitute(words[0] ?? "", values);
    if (base !== "" && !stages.has(base.toLowerCase())) bases.push(base);
    if (/^as$/i.test(words[1] ?? "") && words[2]) stages.add(words[2].toLowerCase());
  }
  return bases;
}

/** All images that a build of it takes something from: bases, sources of copies and mounts, its own syntax. */
export function neededImages(
  dockerfile: string,
  given: Readonly<Record<string, string>> = {},
): readonly string[] {
  const syntax = /^\s*#\s*syntax\s*=\s*(\S+)/i.exec(dockerfile)?.[1];
  const stages = new Set<string>();
  const sources: string[] = [];
  for (const line of logicalLines(dockerfile)) {
    const stage = /^from\s.*\sas\s+(\S+)\s*$/i.exec(line)?.[1];
    if (stage) stages.add(stage.toLowerCase());
    if (!/^(copy|add|run)\s/i.test(line)) continue;
    for (const [, name = ""] of line.matchAll(/(?:--from=|--mount=\S*?\bfrom=)([^\s,]+)/g))
      sources.push(name);
  }
  // Other stages by name or number are its own.
  const others = sources.filter((name) => !stages.has(name.toLowerCase()) && !/^\d+$|\$/.test(name));
  return [...new Set([...(syntax ? [syntax] : []), ...baseImages(dockerfile, given), ...others])];
}

/** True when only BuildKit understands it. */
export function needsBuildKit(dockerfile: string): boolean {
  if (/^#\s*syntax\s*=/im.test(dockerfile)) return true;
  return logicalLines(dockerfile).some(
    (line) =>
      /^(run|copy|add)\s+(--\S+\s+)*--(mount|network|security|link|parents|exclude|chmod)\b/i.test(line) ||
      /^(run|copy)\s.*<<[-"']?\w/i.test(line),
  );
}

/** Without comments, and with lines joined that go on after a backslash. */
function logicalLines(dockerfile: string): string[] {
  const lines = dockerfile.split(/\r?\n/).filter((line) => !/^\s*#/.test(line));
  return lines
    .join("\n")
    .replace(/\\[ \t]*\n/g, " ")
    .split("\n")
    .map((line) => line.trim());
}

/** `$NAME`, `${NAME}` and `${NAME:-default}`. */
function substitute(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(
    /\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))/g,
    (_all, braced: string | undefined, otherwise: string | undefined, plain: string | undefined) =>
      values.get(braced ?? plain ?? "") || otherwise || "",
  );
}
