import { errors } from "../../protocol/errors.ts";
import type { ProgressEvent } from "./build-events.ts";
import { decodeStatus, type Vertex } from "./buildkit-status.ts";
import { denied } from "./images.ts";
import { isDenied } from "./registry-login.ts";

/** Lines of the failing step that are kept for its error. */
const TAIL_LINES = 20;

/** Follows a build of either builder: passes its text on, and knows in the end what came of it. */
export interface BuildReport {
  take(event: ProgressEvent): void;
  /** Id of the image, when the builder told. */
  imageId(): string | undefined;
  /** Base images with the digests that the builder resolved, as far as it told. */
  resolved(): readonly string[];
  /** What went wrong, as an error of the table. */
  failure(): Error | undefined;
}

export function createBuildReport(output: (text: string) => void): BuildReport {
  const kit = createKitText(output);
  let step = "";
  let tail = "";
  let error: string | undefined;
  let imageId: string | undefined;

  function takeStream(text: string): void {
    const begun = /^Step \d+\/\d+ ?: (.*)/i.exec(text);
    if (begun) {
      step = text.trim();
      tail = "";
    } else tail = lastLines(tail + text);
    output(text);
  }

  return {
    take(event) {
      const message = event.errorDetail?.message ?? event.error;
      if (message !== undefined) error ??= message;
      if (event.stream !== undefined) takeStream(event.stream);
      if (event.id === "moby.buildkit.trace" && typeof event.aux === "string") kit.take(event.aux);
      else if (event.aux) imageId = (event.aux as { ID?: string }).ID ?? imageId;
      // Layers of a base image that come from its registry: one line each, not one a kilobyte.
      else if (event.status !== undefined && event.progressDetail?.total === undefined) {
        output(`${event.id === undefined ? "" : `${event.id}: `}${event.status}\n`);
      }
    },
    imageId: () => imageId,
    resolved: () => kit.resolved(),
    failure() {
      if (error === undefined) return undefined;
      const failed = kit.failed();
      const text = failed ? kit.textOf(failed.digest) : tail;
      return buildError(error, failed?.name ?? step, lastLines(text).trimEnd());
    },
  };
}

/** The error of the table for what a builder said. */
export function buildError(message: string, step: string, output: string): Error {
  const reason = message.trim().replace(/[.\s]+$/, "");
  if (isDockerfileError(reason)) return errors.DOCKERFILE_INVALID({ reason });
  const base = missingBase(reason, step);
  if (base !== undefined && isDenied(reason)) return denied(base, reason);
  if (base !== undefined) return errors.IMAGE_MISSING({ image: base, reason });
  return errors.IMAGE_BUILD_FAILED({ reason, step, output });
}

function isDockerfileError(reason: string): boolean {
  return /parse error|unknown instruction|unknown flag|locate specified Dockerfile|no build stage|no contents in|no FROM statement|file with no instructions|cannot be empty|dockerfile.*no such file/i.test(
    reason,
  );
}

/** The base image that could not be had: no such name, no access, no network. */
function missingBase(reason: string, step: string): string | undefined {
  const isPull =
    /manifest (for .* )?(not found|unknown)|pull access denied|repository does not exist|failed to resolve source metadata|dial tcp|no such host|failed to do request|unauthorized|no basic auth|authentication required|not found: does not exist/i;
  if (!isPull.test(reason)) return undefined;
  const named = /(?:FROM|load metadata for|for) (\S+)/.exec(`${step} `)?.[1];
  const told = /(?:denied for |manifest for |metadata for |source docker:\/\/)([^\s,:]+(?::[\w.-]+)?)/.exec(
    reason,
  )?.[1];
  return /FROM|load metadata/.test(step) ? named : told;
}

function createKitText(output: (text: string) => void): {
  take(aux: string): void;
  failed(): Vertex | undefined;
  textOf(digest: string): string;
  resolved(): readonly string[];
} {
  const shown = new Set<string>();
  const texts = new Map<string, string>();
  const found = new Set<string>();
  let failed: Vertex | undefined;
  return {
    take(aux) {
      const { vertices, logs } = decodeStatus(aux);
      for (const vertex of vertices) {
        const base = / FROM (\S+@sha256:[0-9a-f]{64})/.exec(vertex.name)?.[1];
        if (base) found.add(shortName(base));
        // The builder tells the real cause first; what depends on it is cancelled afterwards.
        if (vertex.error !== "" && !/context canceled/.test(vertex.error)) failed ??= vertex;
        if (!vertex.started || shown.has(vertex.digest) || vertex.name.startsWith("[internal]")) continue;
        shown.add(vertex.digest);
        output(`${vertex.name}${vertex.cached ? " (cached)" : ""}\n`);
      }
      for (const { digest, data } of logs) {
        const text = data.toString("utf8");
        texts.set(digest, lastLines((texts.get(digest) ?? "") + text));
        output(text);
      }
    },
    failed: () => failed,
    textOf: (digest) => texts.get(digest) ?? "",
    resolved: () => [...found],
  };
}

/** `docker.io/library/python:3.12@sha256:…` without what everybody leaves out. */
function shortName(reference: string): string {
  return reference.replace(/^docker\.io\/(library\/)?/, "").replace(/:[\w.-]+@/, "@");
}

function lastLines(text: string): string {
  const lines = text.split("\n");
  return lines.length <= TAIL_LINES + 1 ? text : lines.slice(-TAIL_LINES - 1).join("\n");
}
