import type { Questions } from "./diagnose.ts";
import type { Interpreter } from "./interpreters.ts";
import type { ToolOutcome } from "./run-tool.ts";

/** What makes venvs and puts packages into them. */
export interface InstallTool {
  readonly name: "pip" | "uv";
  /** Throws VENV_FAILED. */
  create(venv: string): Promise<void>;
  /** Installs a requirements.txt; with `complete` nothing but what is named in it. */
  install(
    venv: string,
    file: string,
    complete: boolean,
    output?: (text: string) => void,
  ): Promise<ToolOutcome>;
  version(venv: string): Promise<string>;
  questions(venv: string): Questions;
}

export interface ToolContext {
  readonly interpreter: Interpreter;
  /** The whole environment of the tool. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Folder with the definition's files, so that they can name each other. */
  readonly directory: string;
  readonly signal?: AbortSignal;
}
