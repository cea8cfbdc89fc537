import type { JsonObject } from "../../util/json.ts";
import type { PackageFact } from "./capture.ts";
import type { WorkOptions } from "./snapshots.ts";

/** What answers on the container engine's socket, and what it can do: probed, never assumed. */
export interface EngineFacts {
  /** `docker` or `podman`. */
  readonly product: string;
  readonly version: string;
  /** Version of the API that both sides speak. */
  readonly apiVersion: string;
  readonly rootless: boolean;
  /** Ways to hand over GPUs, best first: `cdi` (with the device kinds it knows), `nvidia`, `amd`. Empty: none. */
  readonly gpuWays: readonly {
    readonly way: "cdi" | "nvidia" | "amd";
    readonly devices?: readonly string[];
  }[];
  readonly cpus: number;
  readonly memoryBytes: number;
}

export interface BuildRequest {
  /** Files of the build context by path (`/`-separated), the Dockerfile at `dockerfile` among them. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly dockerfile: string;
  /** `datmo/<environment id>`-like name that the image gets. */
  readonly tag: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly arguments?: Readonly<Record<string, string>>;
  /** Build again although the engine has all layers. */
  readonly noCache?: boolean;
}

export interface ImageFacts {
  /** Content id of the image: `sha256:…`. */
  readonly id: string;
  /** Digests under which registries know it (`name@sha256:…`); empty for one that was only built here. */
  readonly digests: readonly string[];
  /** `name@sha256:…` of each base image, in the order of the FROM lines, as far as the engine knows it. */
  readonly bases?: readonly string[];
  readonly bytes: number;
  readonly createdAt: string;
  readonly os: string;
  readonly architecture: string;
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What is installed in an image: asked from inside, each part bounded in time, absent when it is not there. */
export interface ImagePackages {
  readonly python?: { readonly version: string; readonly packages: readonly PackageFact[] };
  readonly conda?: readonly PackageFact[];
  readonly r?: { readonly version: string; readonly packages: readonly PackageFact[] };
  readonly system?: { readonly manager: "apt" | "apk" | "rpm"; readonly packages: readonly PackageFact[] };
}

/** Images of a container engine. Every failure is an error of the container engine's category (1400). */
export interface ContainerEngine {
  facts(options?: WorkOptions): Promise<EngineFacts>;
  /**
   * Builds an image; `output` gets the builder's text as it comes. Aborting ends the build within half a second and
   * leaves nothing. Throws with the failing step and its last lines.
   */
  build(
    request: BuildRequest,
    options?: WorkOptions & { readonly output?: (text: string) => void },
  ): Promise<ImageFacts>;
  /** Undefined when the engine has no such image. */
  image(reference: string): Promise<ImageFacts | undefined>;
  /** Gives an image one more name, `repository:tag`. */
  nameImage(reference: string, name: string): Promise<void>;
  /** Gets an image from its registry. */
  pull(reference: string, options?: WorkOptions): Promise<ImageFacts>;
  packages(imageId: string, options?: WorkOptions): Promise<ImagePackages>;
  /** Removes a name, and the image when it was the last one. */
  removeImage(reference: string): Promise<void>;
  /** Removes a container, running or not; one that is gone is no error. */
  removeContainer(id: string): Promise<void>;
  /** Images and containers that carry a label with this value, ids. */
  labelled(label: string, value: string): Promise<{ images: string[]; containers: string[] }>;
  close(): Promise<void>;
}

/** What a run asks of a container, besides the command. */
export interface ContainerSpec {
  /** Content id of the image. */
  readonly image: string;
  /** The project's folder, or the isolated copy of it: `/home` inside. The run's directory lies in it. */
  readonly root: string;
  readonly gpus?: GpuRequest;
  readonly memoryBytes?: number;
  readonly cpus?: number;
  readonly ports: readonly { readonly host: number; readonly container: number }[];
  /** Besides project and task folder; without any, the project's `data` is `/data`. Targets are absolute paths. */
  readonly mounts: readonly {
    readonly source: string;
    readonly target: string;
    readonly readOnly: boolean;
  }[];
  /** Folder inside that is the last one of PATH. Absent: PATH is the image's. */
  readonly tools?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `uid:gid`, the owner of the project. */
  readonly user: string;
}

export type GpuRequest =
  | { readonly kind: "all" }
  | { readonly kind: "count"; readonly count: number }
  | { readonly kind: "devices"; readonly ids: readonly string[] };

/** What a container said about itself, part of a run's facts. */
export interface ContainerFacts {
  readonly containerId: string;
  readonly imageId: string;
  readonly gpus?: readonly JsonObject[];
  readonly ports?: readonly { readonly host: number; readonly container: number }[];
}
