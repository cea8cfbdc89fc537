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

/**
 * All images that a build of it takes something from: bases, sources of copies and mounts, and with BuildKit its own
 * syntax, which is a comment for other builders.
 */
export function neededImages(
  dockerfile: string,
  builder: "classic" | "buildkit",
  given: Readonly<Record<string, string>> = {},
): readonly string[] {
  const named = /^\s*#\s*syntax\s*=\s*(\S+)/i.exec(dockerfile)?.[1];
  const syntax = builder === "buildkit" ? named : undefined;
  const stages = new Set<string>();
  const sources: string[] = [];
  for (const line of logicalLines(dockerfile)) {
    const stage = /^from\s.*\sas\s+(\S+)\s*$/i.exec(line)?.[1];
    if (stage) stages.add(stage.toLowerCase());
    // Behind the flags of the instruction come those of programs.
    const [, flags = ""] = /^(?:copy|add|run)\s+((?:--\S+\s+)*)/i.exec(line) ?? [];
    for (const [, name = ""] of flags.matchAll(/(?:--from=|--mount=\S*?\bfrom=)([^\s,]+)/g))
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

/** Without comments and the texts of here-documents, and with lines joined that go on after a backslash. */
function logicalLines(dockerfile: string): string[] {
  const given = dockerfile.split(/\r?\n/);
  const lines: string[] = [];
  for (let at = 0; at < given.length; ) {
    let line = "";
    for (let goesOn = true; goesOn && at < given.length; at++) {
      const text = given[at] ?? "";
      if (/^\s*#/.test(text)) continue;
      goesOn = /\\[ \t]*$/.test(text);
      line += goesOn ? text.replace(/\\[ \t]*$/, " ") : text;
    }
    lines.push(line.trim());
    at = behindTexts(line, given, at);
  }
  return lines;
}

/** Where the texts of an instruction's here-documents end. One without an end is none. */
function behindTexts(instruction: string, lines: readonly string[], from: number): number {
  if (!/^\s*(run|copy|add)\s/i.test(instruction)) return from;
  let at = from;
  for (const [, dash, , name] of instruction.matchAll(/(?<=\s)\d*<<(-?)(["']?)([\w.]+)\2(?=\s|$)/g)) {
    const isEnd = (text: string): boolean => (dash ? text.replace(/^\t+/, "") : text) === name;
    const end = lines.findIndex((text, index) => index >= at && isEnd(text));
    if (end >= 0) at = end + 1;
  }
  return at;
}

/** `$NAME`, `${NAME}` and `${NAME:-default}`. */
function substitute(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(
    /\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))/g,
    (_all, braced: string | undefined, otherwise: string | undefined, plain: string | undefined) =>
      values.get(braced ?? plain ?? "") || otherwise || "",
  );
}
