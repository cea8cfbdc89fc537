export type Variables = Readonly<Record<string, string | undefined>>;

/** How the user reaches servers; everything else that begins with GIT_ would point git elsewhere. */
const KEPT = new Set([
  "GIT_SSH",
  "GIT_SSH_COMMAND",
  "GIT_SSH_VARIANT",
  "GIT_ASKPASS",
  "GIT_SSL_CAINFO",
  "GIT_SSL_CAPATH",
  "GIT_SSL_CERT",
  "GIT_SSL_KEY",
]);

const PROTOCOLS = "https:http:ssh:git:file";

/** The environment of a git that we start: no prompt, no other repository, no transport that executes something. */
export function gitEnvironment(variables: Variables): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    if (value !== undefined && (!name.startsWith("GIT_") || KEPT.has(name))) kept[name] = value;
  }
  return {
    ...kept,
    GIT_ALLOW_PROTOCOL: PROTOCOLS,
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_LAZY_FETCH: "1",
    // Messages are read by us.
    LC_ALL: "C",
    LANGUAGE: "",
  };
}

/**
 * Settings of the git directory that we run git in. They win over the user's, of which only what reaches servers
 * (credential helpers, ssh, proxies, certificates, addresses rewritten by `insteadOf`) is wanted here.
 */
export function stagingConfig(remoteName: string, url: string): string {
  return `[core]
\trepositoryformatversion = 0
\tbare = true
\tfsmonitor = false
\thooksPath = /dev/null
\talternateRefsCommand = :
\tlogallrefupdates = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
[transfer]
\tunpackLimit = 1
\tfsckObjects = false
[fetch]
\tunpackLimit = 1
\tfsckObjects = false
\tprune = false
\tpruneTags = false
\trecurseSubmodules = false
\twriteCommitGraph = false
\tnegotiationAlgorithm = consecutive
[submodule]
\trecurse = false
[push]
\tgpgSign = false
\tfollowTags = false
\trecurseSubmodules = no
\tpushOption =
[pack]
\twindow = 10
\tthreads = 2
[remote "${remoteName}"]
\turl = ${quoted(url)}
`;
}

/** Runs one of git's own services in a repository on this disk: nothing that its owner set up is executed. */
export function localService(program: string, service: "upload-pack" | "receive-pack"): string {
  const settings = ["core.hooksPath=/dev/null", "core.alternateRefsCommand=:", "core.fsmonitor=false"];
  const more = ["receive.autogc=false", "receive.denyCurrentBranch=refuse", "gc.auto=0"];
  const options = [...settings, ...more].map((setting) => `-c ${setting}`).join(" ");
  return `GIT_ALLOW_PROTOCOL= '${program.replaceAll("'", "'\\''")}' ${options} ${service}`;
}

function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, "\\$&")}"`;
}
