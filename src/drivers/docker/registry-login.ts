import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/*
 * What `docker login` left: in config.json, or with a program `docker-credential-NAME` that keeps it. It is read when
 * an image is fetched, handed to the engine, and kept nowhere.
 */

/** As the engine takes it. */
export interface RegistryLogin {
  readonly serveraddress: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

interface LoginConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

/** Docker Hub's name in names of images, and the key of its login. */
const HUB = "docker.io";
const HUB_KEY = "https://index.docker.io/v1/";
/** Longest time for a program that keeps logins; it may ask the user to unlock it. */
const HELPER_MS = 30_000;

/** `ghcr.io` of `ghcr.io/a/b:1`; a name without a host is Docker Hub's. */
export function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  if (rest.length === 0 || !/[.:]|^localhost$/.test(first)) return HUB;
  return first === "index.docker.io" ? HUB : first;
}

/** The user's login at the registry of an image; undefined when there is none. */
export async function registryLogin(image: string, variables: Variables): Promise<RegistryLogin | undefined> {
  const registry = registryOf(image);
  const keys =
    registry === HUB
      ? [HUB_KEY, "index.docker.io", HUB]
      : [registry, `https://${registry}`, `https://${registry}/v1/`, `https://${registry}/v2/`];
  for (const path of configFiles(variables)) {
    const config = readConfig(path);
    const helper = keys.map((key) => config.credHelpers?.[key]).find(Boolean) ?? config.credsStore;
    const [first = registry] = keys;
    const login = (helper ? await askHelper(helper, first, variables) : undefined) ?? inFile(config, keys);
    if (login) return login;
  }
  return undefined;
}

/** Docker's own, then where Podman keeps them. */
function configFiles(variables: Variables): readonly string[] {
  const home = variables["HOME"] ?? "/";
  const runtime = variables["XDG_RUNTIME_DIR"];
  return [
    join(variables["DOCKER_CONFIG"] ?? join(home, ".docker"), "config.json"),
    ...(variables["REGISTRY_AUTH_FILE"] ? [variables["REGISTRY_AUTH_FILE"]] : []),
    ...(runtime ? [join(runtime, "containers", "auth.json")] : []),
    join(home, ".config", "containers", "auth.json"),
  ];
}

function readConfig(path: string): LoginConfig {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as LoginConfig;
  } catch {
    return {};
  }
}

function inFile({ auths }: LoginConfig, keys: readonly string[]): RegistryLogin | undefined {
  for (const key of keys) {
    const { auth = "", identitytoken } = auths?.[key] ?? {};
    if (identitytoken) return { serveraddress: key, identitytoken };
    const text = Buffer.from(auth, "base64").toString("utf8").replace(/\0+$/, "");
    const at = text.indexOf(":");
    if (at > 0) return { serveraddress: key, username: text.slice(0, at), password: text.slice(at + 1) };
  }
  return undefined;
}

/** Undefined when it knows none, or cannot be asked: then the registry will say that a login is needed. */
function askHelper(name: string, server: string, variables: Variables): Promise<RegistryLogin | undefined> {
  if (!/^[\w.-]+$/.test(name)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const options = { env: variables as NodeJS.ProcessEnv, timeout: HELPER_MS, maxBuffer: 1 << 20 };
    const child = execFile(`docker-credential-${name}`, ["get"], options, (error, stdout) => {
      resolve(error ? undefined : helperAnswer(stdout, server));
    });
    child.stdin?.on("error", () => {});
    child.stdin?.end(server);
  });
}

function helperAnswer(text: string, serveraddress: string): RegistryLogin | undefined {
  try {
    const { Username: username, Secret: secret } = JSON.parse(text) as { Username?: string; Secret?: string };
    if (!secret) return undefined;
    if (username === "<token>") return { serveraddress, identitytoken: secret };
    return { serveraddress, username: username ?? "", password: secret };
  } catch {
    return undefined;
  }
}

/** True when a registry wants to know who asks, or does not give this to who asked. */
export function isDenied(reason: string): boolean {
  return /no basic auth credentials|no active sessions|unauthorized|authentication required|authorization failed|40[13] (unauthorized|forbidden)|access to the (requested )?resource is denied/i.test(
    reason,
  );
}
