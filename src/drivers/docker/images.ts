import type { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { errors } from "../../protocol/errors.ts";
import type { ImageFacts } from "../../services/ports/containers.ts";
import type { WorkOptions } from "../../services/ports/snapshots.ts";
import { readEvents } from "./build-events.ts";
import type { Connection } from "./connection.ts";
import { type EngineError, engineError, isNotFound, reasonOf } from "./engine-errors.ts";
import { isDenied, registryLogin, registryOf } from "./registry-login.ts";

/** Longest wait for a registry that is asked for a digest, milliseconds. */
const REGISTRY_MS = 5000;

/** False for what no image can be called; it must not get into the path of a request. */
export function isImageName(reference: string): boolean {
  return /^[a-zA-Z0-9][\w./:@-]*$/.test(reference) && !reference.includes("..");
}

/** Undefined when the engine has no such image. */
export async function imageFacts(connection: Connection, reference: string): Promise<ImageFacts | undefined> {
  if (!isImageName(reference)) return undefined;
  try {
    return factsOf(await inspectImage(connection, reference));
  } catch (error) {
    const { statusCode } = error as EngineError;
    // 400: not even a name that an image could have.
    if (isNotFound(error) || statusCode === 400) return undefined;
    throw error;
  }
}

/** Everything that the engine says of an image. Rejects with its status when it has none of this name. */
export async function inspectImage(
  connection: Connection,
  reference: string,
): Promise<Dockerode.ImageInspectInfo> {
  return (await connection.ask("GET", `/images/${reference}/json`)) as Dockerode.ImageInspectInfo;
}

/** Gets an image from its registry; the engine's own words are the progress. */
export async function pullImage(
  connection: Connection,
  reference: string,
  options: WorkOptions,
): Promise<ImageFacts> {
  if (!isImageName(reference)) throw noName(reference);
  const named = /[:@][^/]*$/.test(reference) ? reference : `${reference}:latest`;
  let failure: string | undefined;
  try {
    options.signal?.throwIfAborted();
    const library = await connection.library();
    const login = await registryLogin(named, connection.variables);
    // The library's types lack the signal here.
    const asked = { fromImage: named, abortSignal: options.signal } as { fromImage: string };
    const stream = (await library.createImage(login ?? {}, asked)) as Readable;
    await readEvents(stream, ({ error, id, status, progressDetail }) => {
      failure ??= error;
      // One line for each step of a layer, not one a kilobyte.
      if (status !== undefined && progressDetail?.total === undefined)
        options.progress?.({ message: id === undefined ? status : `${id}: ${status}` });
    });
  } catch (error) {
    if (options.signal?.aborted) throw errors.CANCELLED({});
    const { statusCode, message } = error as EngineError;
    const told = engineError(error, { endpoint: connection.endpoint.name, image: named });
    if (isDenied(message)) throw denied(named, reasonOf(error));
    // Whatever its registry answered, or that it did not: there is no such image for us.
    const isRegistry =
      statusCode !== undefined && /registry|dial tcp|lookup|denied|unauthorized/i.test(message);
    if (isRegistry && told.kind === "CONTAINER_ENGINE_FAILED") {
      throw errors.IMAGE_MISSING({ image: named, reason: String(told.details["reason"]) }, { cause: error });
    }
    throw told;
  }
  if (failure !== undefined) {
    if (isDenied(failure)) throw denied(named, failure);
    throw errors.IMAGE_MISSING({ image: named, reason: failure });
  }
  const facts = await imageFacts(connection, named);
  if (!facts) throw errors.IMAGE_MISSING({ image: named, reason: "it is gone right after it came" });
  return facts;
}

/** Removes a name, and the image with its last one. One that is gone is no error. */
/** One more name for an image; another image that had it loses it. */
export async function nameImage(connection: Connection, reference: string, name: string): Promise<void> {
  const [repo = "", tag = "latest"] = name.split(":");
  await connection.ask("POST", `/images/${reference}/tag?${new URLSearchParams({ repo, tag })}`);
}

export async function removeImage(connection: Connection, reference: string): Promise<void> {
  if (!isImageName(reference)) return;
  try {
    await connection.ask("DELETE", `/images/${reference}`);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/**
 * `name@sha256:…` of base images: what the builder resolved, else what the engine knows of them, else what their
 * registry says in time. One that nobody knows is left out.
 */
export async function baseDigests(
  connection: Connection,
  names: readonly string[],
  resolved: readonly string[],
): Promise<readonly string[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      if (name.includes("@sha256:")) return name;
      const repository = name.replace(/:[^/:]*$/, "");
      const known = resolved.find((digest) => digest.startsWith(`${repository}@`));
      if (known !== undefined) return known;
      const image = await imageFacts(connection, name).catch(() => undefined);
      // An image that was only made here has no digest, and no registry to ask.
      if (image)
        return image.digests.find((digest) => digest.startsWith(`${repository}@`)) ?? image.digests[0];
      return registryDigest(connection, name, repository);
    }),
  );
  return found.filter((digest) => digest !== undefined);
}

/** Images and containers that carry a label with this value. */
export async function labelled(
  connection: Connection,
  label: string,
  value: string,
): Promise<{ images: string[]; containers: string[] }> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${label}=${value}`] }));
  const [images, containers] = await Promise.all([
    connection.ask("GET", `/images/json?filters=${filters}`) as Promise<readonly { Id: string }[]>,
    connection.ask("GET", `/containers/json?all=1&filters=${filters}`) as Promise<readonly { Id: string }[]>,
  ]);
  return { images: images.map(({ Id }) => Id), containers: containers.map(({ Id }) => Id) };
}

/**
 * Images that a build needs and the engine has not. BuildKit asks whoever builds for a login, even for images that
 * everybody may have, and nobody is there to answer; so they are fetched before, as the user.
 */
export async function getImages(
  connection: Connection,
  names: readonly string[],
  options: WorkOptions & { readonly output?: (text: string) => void },
): Promise<void> {
  for (const name of new Set(names)) {
    if (!isImageName(name) || (await imageFacts(connection, name))) continue;
    const progress = ({ message }: { readonly message: string }): void => options.output?.(`${message}\n`);
    await pullImage(connection, name, { ...(options.signal && { signal: options.signal }), progress });
  }
}

/** A registry that gives an image only to who may have it. */
export function denied(image: string, reason: string): Error {
  const told = /no active sessions/.test(reason) ? "it wants a login" : reason.trim().replace(/[.\s]+$/, "");
  return errors.REGISTRY_DENIED({ image, registry: registryOf(image), reason: told });
}

export function noName(image: string): Error {
  return errors.IMAGE_MISSING({ image, reason: "no image can be called so" });
}

async function registryDigest(
  connection: Connection,
  name: string,
  repository: string,
): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(REGISTRY_MS);
    const answer = await connection.ask("GET", `/distribution/${name}/json`, { signal });
    const digest = (answer as { Descriptor?: { digest?: string } }).Descriptor?.digest;
    return digest === undefined ? undefined : `${repository}@${digest}`;
  } catch {
    return undefined;
  }
}

function factsOf(image: Dockerode.ImageInspectInfo): ImageFacts {
  return {
    id: image.Id,
    digests: image.RepoDigests ?? [],
    bytes: image.Size,
    // Docker has nine digits after the second.
    createdAt: new Date(image.Created).toISOString(),
    os: image.Os,
    architecture: image.Architecture,
    user: image.Config?.User ?? "",
    labels: image.Config?.Labels ?? {},
  };
}
