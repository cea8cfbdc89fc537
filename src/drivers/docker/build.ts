import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { DatmoError, errors } from "../../protocol/errors.ts";
import type { BuildRequest, ImageFacts } from "../../services/ports/containers.ts";
import type { WorkOptions } from "../../services/ports/snapshots.ts";
import { readEvents } from "./build-events.ts";
import { buildError, createBuildReport } from "./build-report.ts";
import type { Connection } from "./connection.ts";
import { baseImages, neededImages, needsBuildKit } from "./dockerfile.ts";
import { type EngineError, engineError, reasonOf } from "./engine-errors.ts";
import { baseDigests, getImages, imageFacts } from "./images.ts";

export type Builder = "classic" | "buildkit";

export interface BuildOptions extends WorkOptions {
  readonly output?: (text: string) => void;
  /** Default: the engine's own choice, and BuildKit for a Dockerfile that needs it. */
  readonly builder?: Builder;
}

/** Builds an image. Aborting closes the connection, which ends the step that runs and removes what it left. */
export async function buildImage(
  connection: Connection,
  request: BuildRequest,
  options: BuildOptions,
): Promise<ImageFacts> {
  const dockerfile = request.files.get(request.dockerfile)?.toString("utf8");
  if (dockerfile === undefined) {
    throw errors.DOCKERFILE_INVALID({ reason: `there is no ${request.dockerfile}` });
  }
  const names = baseImages(dockerfile, request.arguments);
  const report = createBuildReport(options.output ?? (() => {}));
  try {
    options.signal?.throwIfAborted();
    const builder = builderFor(connection, dockerfile, options);
    await getImages(connection, neededImages(dockerfile, builder, request.arguments), options);
    const stream = await post(connection, request, builder, options.signal);
    await readEvents(stream, report.take);
  } catch (error) {
    if (options.signal?.aborted) throw errors.CANCELLED({});
    throw refusal(connection, error);
  }
  const failure = report.failure();
  if (failure) throw failure;
  const facts = await imageFacts(connection, report.imageId() ?? request.tag);
  if (!facts) throw errors.CONTAINER_ENGINE_FAILED({ reason: "the image is gone right after its build" });
  const bases = await baseDigests(connection, names, report.resolved());
  return { ...facts, ...(bases.length > 0 ? { bases } : {}) };
}

function builderFor(connection: Connection, dockerfile: string, { builder }: BuildOptions): Builder {
  if (builder !== undefined) return builder;
  const isWanted = connection.prefersBuildKit || needsBuildKit(dockerfile);
  return connection.product === "docker" && isWanted ? "buildkit" : "classic";
}

/** The library's own call for this would open a session that is not needed, with the help of megabytes. */
async function post(
  connection: Connection,
  request: BuildRequest,
  builder: Builder,
  signal: AbortSignal | undefined,
): Promise<Readable> {
  const { modem } = (await connection.library()) as unknown as { modem: Modem };
  const context = await packContext(request.files);
  return new Promise((resolve, reject) => {
    modem.dial(
      {
        path: "/build?",
        method: "POST",
        file: context,
        isStream: true,
        abortSignal: signal,
        statusCodes: { 200: true, 400: "bad request", 500: "server error" },
        options: {
          t: request.tag,
          dockerfile: request.dockerfile,
          labels: JSON.stringify(request.labels),
          buildargs: JSON.stringify(request.arguments ?? {}),
          nocache: request.noCache === true,
          rm: true,
          // A failed or cancelled step would leave its container.
          forcerm: true,
          ...(builder === "buildkit" ? { version: "2", buildid: randomBytes(16).toString("hex") } : {}),
        },
      },
      (error, stream) => (stream ? resolve(stream) : reject(error)),
    );
  });
}

interface Modem {
  dial(options: object, callback: (error: Error | null, stream: Readable | null) => void): void;
}

/** Times are zero and owners root, so that equal files are equal to the builder's cache. */
async function packContext(files: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  const { pack } = await import("tar-stream");
  const tar = pack();
  for (const [name, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const isScript = content.subarray(0, 2).toString("latin1") === "#!";
    tar.entry({ name, mode: isScript ? 0o755 : 0o644, mtime: new Date(0) }, content);
  }
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** The engine did not even begin, or broke off. */
function refusal(connection: Connection, error: unknown): Error {
  if (error instanceof DatmoError) return error;
  const { statusCode } = error as EngineError;
  const told = engineError(error, { endpoint: connection.endpoint.name });
  return statusCode === 400 || statusCode === 500 ? buildError(reasonOf(error), "", "") : told;
}
