import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { errors } from "../../src/protocol/errors.ts";
import type { BuildRequest, ContainerEngine, ImageFacts } from "../../src/services/ports/containers.ts";

/** Images in memory: says what was asked of it, and can be stopped. */
export interface MemoryContainers extends ContainerEngine {
  readonly built: BuildRequest[];
  readonly pulled: string[];
  readonly images: Map<string, ImageFacts>;
  /** From now on nothing answers, or something does again. */
  stop(stopped: boolean): void;
}

export function memoryContainers(): MemoryContainers {
  const images = new Map<string, ImageFacts>();
  const built: BuildRequest[] = [];
  const pulled: string[] = [];
  let stopped = false;
  const check = (): void => {
    if (stopped) throw errors.CONTAINER_ENGINE_STOPPED({ endpoint: "memory", reason: "it was stopped" });
  };
  const add = (seed: string, tags: readonly string[], more: Partial<ImageFacts>): ImageFacts => {
    const facts: ImageFacts = {
      id: `sha256:${createHash("sha256").update(seed).digest("hex")}`,
      digests: [],
      bytes: 1_000_000,
      createdAt: "2026-03-14T09:26:00.000Z",
      os: "linux",
      architecture: "amd64",
      user: "",
      labels: {},
      ...more,
    };
    for (const tag of [facts.id, ...tags]) images.set(tag, facts);
    return facts;
  };
  return {
    built,
    pulled,
    images,
    stop(value) {
      stopped = value;
    },
    async facts() {
      check();
      return {
        product: "memory",
        version: "1.0",
        apiVersion: "1.0",
        rootless: false,
        gpuWays: [],
        cpus: 1,
        memoryBytes: 1e9,
      };
    },
    async build(request, options = {}) {
      check();
      built.push(request);
      for (let step = 1; step <= 3; step++) {
        options.output?.(`Step ${step}/3\n`);
        await sleep(5);
        if (options.signal?.aborted) throw errors.CANCELLED({});
      }
      const bases = [`python@sha256:${"ab".repeat(32)}`];
      return add(`${request.tag} ${built.length}`, [request.tag], { labels: request.labels, bases });
    },
    async image(reference) {
      check();
      return images.get(reference);
    },
    async nameImage(reference, name) {
      check();
      const image = images.get(reference);
      if (image) images.set(name, image);
    },
    async pull(reference) {
      check();
      pulled.push(reference);
      return add(reference, [reference], { digests: [`${reference}@sha256:${"cd".repeat(32)}`] });
    },
    async packages() {
      return {
        python: { version: "3.13.1", packages: [{ name: "numpy", version: "2.2.6" }] },
        system: { manager: "apt", packages: [{ name: "libc6", version: "2.36" }] },
      };
    },
    async removeImage(reference) {
      const id = images.get(reference)?.id;
      for (const [tag, facts] of images) if (facts.id === id) images.delete(tag);
    },
    async removeContainer() {},
    async labelled(label, value) {
      const found = [...images.values()].filter(({ labels }) => labels[label] === value).map(({ id }) => id);
      return { images: [...new Set(found)], containers: [] };
    },
    async close() {},
  };
}
