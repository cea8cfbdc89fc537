/** Settings by `section.name` or `section.subsection.name`; sections and names in lower case, the last wins. */
export type GitConfig = ReadonlyMap<string, string>;

/** Reads a git config file; included files are not followed. */
export function parseGitConfig(text: string): GitConfig {
  const config = new Map<string, string>();
  let section = "";
  for (const raw of text.replace(/\\\r?\n/g, "").split(/\r?\n/)) {
    const header = /^\s*\[([\w.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\]\s*(.*)$/.exec(raw);
    if (header !== null) {
      const name = header[2]?.replace(/\\(.)/g, "$1");
      section = (header[1] ?? "").toLowerCase() + (name === undefined ? "" : `.${name}`);
    }
    const setting = /^\s*([A-Za-z][\w-]*)\s*(?:=\s*(.*))?$/.exec(header === null ? raw : (header[3] ?? ""));
    if (setting !== null) {
      config.set(`${section}.${(setting[1] ?? "").toLowerCase()}`, plainValue(setting[2] ?? "true"));
    }
  }
  return config;
}

/** Where the branch is fetched from: its own remote, else `origin`, else the first one. */
export function remoteAddress(config: GitConfig, branch: string | undefined): string | undefined {
  const own = branch === undefined ? undefined : config.get(`branch.${branch}.remote`);
  const first = [...config.keys()].find((key) => /^remote\..+\.url$/.test(key));
  return (
    (own === undefined ? undefined : config.get(`remote.${own}.url`)) ??
    config.get("remote.origin.url") ??
    (first === undefined ? undefined : config.get(first))
  );
}

/** Without quotes, escapes and the comment behind it. */
function plainValue(value: string): string {
  let plain = "";
  let quoted = false;
  for (let i = 0; i < value.length; i++) {
    const char = value[i] as string;
    if (char === '"') quoted = !quoted;
    else if (char === "\\") plain += value[++i] ?? "";
    else if (!quoted && (char === "#" || char === ";")) break;
    else plain += char;
  }
  return quoted ? plain : plain.trimEnd();
}
