/** One instruction with its continuation lines joined; comments are left out. */
interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/**
 * Paths that COPY and ADD take from the build context, as they are written; `.` among them. What comes from other
 * images, the network or the Dockerfile itself is left out.
 */
export function copySources(dockerfile: string): string[] {
  const sources: string[] = [];
  for (const { word, rest } of instructions(dockerfile)) {
    if (word !== "COPY" && word !== "ADD") continue;
    if (/(^|\s)--from=/.test(rest) || rest.includes("<<")) continue;
    const words = argumentsOf(rest.replace(/^(\s*--[a-z-]+(=\S+)?)+\s*/, ""));
    sources.push(...words.slice(0, -1).filter((path) => !/^(https?|git|ssh):|^git@/.test(path)));
  }
  return [...new Set(sources)];
}

/** Images that the FROM lines name, stages and `scratch` left out. */
export function baseImages(dockerfile: string): string[] {
  const stages = new Set<string>(["scratch"]);
  const images: string[] = [];
  for (const { word, rest } of instructions(dockerfile)) {
    if (word !== "FROM") continue;
    const [image = "", as = "", stage = ""] = rest.replace(/^(--\S+\s+)+/, "").split(/\s+/);
    if (!stages.has(image.toLowerCase())) images.push(image);
    if (as.toLowerCase() === "as") stages.add(stage.toLowerCase());
  }
  return [...new Set(images)];
}

/** A Dockerfile that installs a requirements.txt into this version of Python (`3.12`). */
export function pythonDockerfile(python: string): string {
  return `${[
    `FROM python:${python}-slim`,
    "COPY requirements.txt /opt/datmo/requirements.txt",
    "RUN python -m pip install --no-cache-dir -r /opt/datmo/requirements.txt",
  ].join("\n")}\n`;
}

/** The same for R and a renv.lock. */
export function rDockerfile(version: string): string {
  return `${rLines(version).join("\n")}\n`;
}

/** For a project of both: R's image, with the Python of its system. */
export function bothDockerfile(version: string): string {
  const lines = [
    ...rLines(version),
    "RUN apt-get update && apt-get install -y --no-install-recommends python3-pip python-is-python3 && rm -rf /var/lib/apt/lists/*",
    "COPY requirements.txt /opt/datmo/requirements.txt",
    "RUN python -m pip install --no-cache-dir --break-system-packages -r /opt/datmo/requirements.txt",
  ];
  return `${lines.join("\n")}\n`;
}

function rLines(version: string): string[] {
  return [
    `FROM rocker/r-ver:${version}`,
    "COPY renv.lock /opt/datmo/renv.lock",
    "RUN Rscript -e 'install.packages(\"renv\")' -e 'renv::restore(lockfile = \"/opt/datmo/renv.lock\", library = .libPaths()[1], prompt = FALSE)'",
  ];
}

function instructions(dockerfile: string): Instruction[] {
  const found: Instruction[] = [];
  let open = "";
  for (const line of dockerfile.split(/\r?\n/)) {
    if (/^\s*#/.test(line) || (open === "" && line.trim() === "")) continue;
    const more = line.endsWith("\\");
    open += more ? `${line.slice(0, -1)} ` : line;
    if (more) continue;
    const [, word = "", rest = ""] = /^\s*([A-Za-z]+)\s+(.*)$/.exec(open) ?? [];
    if (word !== "") found.push({ word: word.toUpperCase(), rest: rest.trim() });
    open = "";
  }
  return found;
}

function argumentsOf(rest: string): string[] {
  if (rest.startsWith("[")) {
    try {
      const words: unknown = JSON.parse(rest);
      if (Array.isArray(words)) return words.filter((word): word is string => typeof word === "string");
    } catch {
      // Docker takes it for words then, too.
    }
  }
  return rest.split(/\s+/).filter((word) => word !== "");
}
