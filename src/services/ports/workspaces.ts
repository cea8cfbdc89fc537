/** This machine's loopback, where the programs of workspaces listen. */
export interface Loopback {
  /**
   * `wanted` when nobody listens there, else a port that is free now. Nobody else is given it until its holder
   * releases it, or some minutes are over.
   */
  freePort(wanted: number, holder: string): Promise<number>;
  /** The holder's program listens, or never will. */
  release(holder: string): Promise<void>;
  /** False when somebody listens there. */
  isFree(port: number): Promise<boolean>;
  /**
   * Whether a web server answers at this path with a status below 500 that is none of a refusal (401, 403). Never
   * waits longer than a second, and never rejects.
   */
  answers(request: AnswerRequest): Promise<boolean>;
}

export interface AnswerRequest {
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `.datmo/workspaces/<run>.json`: how to get into a workspace that runs. Of the user alone. */
export interface WorkspaceNote {
  readonly v: 1;
  readonly port: number;
  readonly url: string;
  /** Host name of the machine that it is on. */
  readonly host: string;
  readonly user?: string;
  readonly password?: string;
}

/** The notes about workspaces that run. They hold secrets, so they are gone when the workspace is. */
export interface WorkspaceNotes {
  read(runId: string): Promise<WorkspaceNote | undefined>;
  /** Besides the note a page that leads a browser to the address; answers the page's path. */
  write(runId: string, note: WorkspaceNote): Promise<string>;
  /** Path of the page. */
  pageOf(runId: string): string;
  remove(runId: string): Promise<void>;
}
