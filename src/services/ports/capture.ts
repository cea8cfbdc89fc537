import type { JsonObject } from "../../util/json.ts";
import type { Command } from "./drivers.ts";

export interface PackageFact {
  readonly name: string;
  readonly version: string;
  /** Where it came from when not from a package index: URL or path, without credentials (PEP 610). */
  readonly source?: string;
  /** Installed in place: its code is the folder at `source`, not a copy. */
  readonly editable?: true;
}

/** A package as conda installed it, of any language. */
export interface CondaPackageFact extends PackageFact {
  readonly build?: string;
  /** Channel and platform, without token. */
  readonly channel?: string;
}

/** The files that define the project's environment, by path in their folder. */
export interface DefinitionFolder {
  /** Absent: the files are those of an environment that was recorded. */
  readonly folder?: "datmo_environment" | ".datmo/environment";
  readonly files: {
    readonly [path: string]: {
      /** Of the content; of text with LF line ends and without passwords in addresses. */
      readonly sha256: string;
      /** Text of at most 2 MiB. Absent: anything else. */
      readonly content?: string;
    };
  };
}

/** What the code runs with. Every part is absent when it was not found in time. */
export interface EnvironmentFacts {
  readonly python?: {
    readonly version: string;
    readonly executable: string;
    readonly packages: readonly PackageFact[];
    /** requirements.txt made from the imports of the project's scripts and notebooks. */
    readonly requirements: string;
  };
  readonly r?: {
    readonly version: string;
    readonly packages: readonly PackageFact[];
    /** Packages that the sources use and no library has, sorted. Absent: none. */
    readonly missing?: readonly string[];
  };
  /** The conda environment in use. */
  readonly conda?: { readonly prefix: string; readonly packages: readonly CondaPackageFact[] };
  /** Files in `datmo_environment/` or `.datmo/environment/`. Absent: neither has any. */
  readonly definition?: DefinitionFolder;
  /** Lock and definition files found at the root of the project, by name. */
  readonly lockFiles: Readonly<Record<string, string>>;
}

export interface MachineFacts {
  readonly host: string;
  readonly os: string;
  readonly kernel: string;
  readonly arch: string;
  readonly cpu: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus: readonly JsonObject[];
  /** Variables of the environment that steer seeds, determinism, threads and devices, by name. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface UserGitFacts {
  readonly commit: string;
  readonly branch?: string;
  /** Without password. */
  readonly remote?: string;
}

export interface CaptureHints {
  /** The interpreter that the script itself runs in, when a client told it: a path, or a name on the PATH. */
  readonly pythonExecutable?: string;
  /** The command about to run: when its program is a Python, or a script of one, that Python is described. */
  readonly command?: Command;
  /**
   * Id of the tree just captured of the project's own folder, or that it will be: for a tree seen before, the
   * sources are not looked at again. Python may be asked meanwhile.
   */
  readonly codeTree?: string | Promise<string>;
}

/** Probes, each bounded in time, none fatal. */
export interface Capture {
  environment(hints?: CaptureHints): Promise<EnvironmentFacts>;
  machine(): Promise<MachineFacts>;
  userGit(): Promise<UserGitFacts | undefined>;
}

/** One outside tool that datmo can use, as `datmo doctor` shows it. */
export interface ToolFact {
  readonly name: string;
  /** True when it is there and answers. */
  readonly found: boolean;
  readonly version?: string;
  readonly path?: string;
  /** Why it cannot be used although some of it is there. */
  readonly problem?: string;
  /** One line: how to get it on this system. Absent: it is there. */
  readonly howToGet?: string;
}

/** Looks for every tool at once; each look is bounded to two seconds and none fails. */
export type FindTools = (
  environment: Readonly<Record<string, string | undefined>>,
) => Promise<readonly ToolFact[]>;

/** Looks for the machine's GPUs; bounded as `FindTools`, and never fails. */
export type FindGpus = (
  environment: Readonly<Record<string, string | undefined>>,
) => Promise<readonly JsonObject[]>;
