import { DatmoError } from "../../protocol/errors.ts";
import type { ContainerEngine, EngineFacts } from "../../services/ports/containers.ts";
import { type Builder, buildImage } from "./build.ts";
import { type Connection, type ConnectionOptions, connect } from "./connection.ts";
import { removeContainer } from "./container-state.ts";
import { engineError } from "./engine-errors.ts";
import { findGpuWays } from "./gpu-ways.ts";
import { imageFacts, labelled, nameImage, pullImage, removeImage } from "./images.ts";
import { imagePackages } from "./packages.ts";

export interface ContainerEngineOptions extends ConnectionOptions {
  /** Build with this one, whatever the engine would choose. */
  readonly builder?: Builder;
}

/**
 * Images of the engine that the user means (see `findEndpoints`). Connects at the first use, and again after an
 * error: an engine may be started while this one waits.
 */
export function openContainerEngine(options: ContainerEngineOptions = {}): ContainerEngine {
  let connected: Promise<Connection> | undefined;

  async function use<T>(image: string | undefined, work: (connection: Connection) => Promise<T>): Promise<T> {
    connected ??= connect(options);
    let connection: Connection;
    try {
      connection = await connected;
    } catch (error) {
      connected = undefined;
      throw error;
    }
    try {
      return await work(connection);
    } catch (error) {
      if (error instanceof DatmoError) throw error;
      // Others may be using it: it is left, not closed.
      connected = undefined;
      throw engineError(error, { endpoint: connection.endpoint.name, ...(image ? { image } : {}) });
    }
  }

  return {
    facts: () => use(undefined, engineFacts),
    build: (request, work = {}) => {
      const { builder } = options;
      return use(undefined, (connection) =>
        buildImage(connection, request, { ...work, ...(builder ? { builder } : {}) }),
      );
    },
    image: (reference) => use(undefined, (connection) => imageFacts(connection, reference)),
    nameImage: (reference, name) => use(reference, (connection) => nameImage(connection, reference, name)),
    pull: (reference, work = {}) => use(reference, (connection) => pullImage(connection, reference, work)),
    packages: (imageId, work = {}) => use(imageId, (connection) => imagePackages(connection, imageId, work)),
    removeImage: (reference) => use(undefined, (connection) => removeImage(connection, reference)),
    removeContainer: (id) => use(undefined, (connection) => removeContainer(connection, id)),
    labelled: (label, value) => use(undefined, (connection) => labelled(connection, label, value)),
    async close() {
      const connection = await connected?.catch(() => undefined);
      connected = undefined;
      connection?.close();
    },
  };
}

async function engineFacts(connection: Connection): Promise<EngineFacts> {
  const info = await connection.info();
  return {
    product: connection.product,
    version: info.ServerVersion ?? "",
    apiVersion: connection.apiVersion,
    rootless: (info.SecurityOptions ?? []).some((option) => /rootless/.test(option)),
    gpuWays: await findGpuWays(connection),
    cpus: info.NCPU ?? 0,
    memoryBytes: info.MemTotal ?? 0,
  };
}
