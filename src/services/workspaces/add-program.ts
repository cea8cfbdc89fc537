import { createHash } from "node:crypto";
import { join } from "node:path";
import { buildsOf } from "../../domain/environment-record.ts";
import type { WorkspaceKind } from "../../domain/workspace.ts";
import { DatmoError, errors } from "../../protocol/errors.ts";
import { findExecutable } from "../../util/executables.ts";
import { type BuildOptions, ENVIRONMENT_LABEL, LAYER_OF_LABEL } from "../environments/build-environment.ts";
import { PROJECT_LABEL } from "../environments/remove-of-project.ts";
import type { BuiltPlace, ExecutionPlan, PlacedProgram } from "../runs/execution-plan.ts";
import type { BuildContext } from "../runs/place/build-place.ts";
import { layerDockerfile } from "./layer-dockerfile.ts";
import { PROGRAMS, type Program } from "./programs.ts";

/** Label of an image with a program on top: what it was made of. */
const LAYER_LABEL = "datmo.layer";

/**
 * Sees to it that the program of a workspace is there: the environment's own, else one that is put beside it (in a
 * venv) or on top of it (a layer), cached. The environment stays what it is. Throws WORKSPACE_PROGRAM_MISSING.
 */
export async function addProgram(
  context: BuildContext,
  plan: ExecutionPlan,
  built: BuiltPlace,
  options: BuildOptions,
): Promise<BuiltPlace> {
  const kind = plan.workspace?.kind;
  if (kind === undefined || kind === "terminal") return built;
  const program = built.image
    ? await inContainer(context, plan, built.image.id, kind, options)
    : await onMachine(context, plan, built, kind, options);
  return program ? { ...built, program } : built;
}

/** A layer with the program, unless the image is known to have it. */
async function inContainer(
  context: BuildContext,
  plan: ExecutionPlan,
  imageId: string,
  kind: WorkspaceKind,
  options: BuildOptions,
): Promise<PlacedProgram | undefined> {
  const { project } = context;
  const program = PROGRAMS[kind];
  const record = await project.records.get("environment", plan.environment.id);
  const build = record && buildsOf(record).find((one) => one.imageId === imageId);
  if (has(build?.packages["python"], program)) return undefined;
  const dockerfile = layerDockerfile(kind, program);
  const key = createHash("sha256")
    .update(`${imageId}\n${dockerfile("")}`)
    .digest("hex")
    .slice(0, 40);
  const [known] = (await project.containers.labelled(LAYER_LABEL, key)).images;
  if (known !== undefined) return { image: known };
  tell(
    context,
    plan,
    `${program.title} is put on top of ${plan.environment.name} as a layer where it is not there; the environment stays as it is.`,
  );
  options.progress?.({ message: `Adding ${program.title}` });
  const base = `datmo/base:${imageId.replace("sha256:", "").slice(0, 12)}`;
  await project.containers.nameImage(imageId, base);
  const printed = tailOf(options);
  try {
    const image = await project.containers.build(
      {
        files: new Map([["Dockerfile", Buffer.from(dockerfile(base))]]),
        dockerfile: "Dockerfile",
        tag: `datmo/workspace:${key.slice(0, 12)}`,
        labels: {
          [LAYER_LABEL]: key,
          [LAYER_OF_LABEL]: plan.environment.id,
          [PROJECT_LABEL]: project.id,
          // Inherited otherwise: the layer must not pass for the environment's image.
          [ENVIRONMENT_LABEL]: "",
        },
      },
      { ...options, output: printed.take },
    );
    return { image: image.id };
  } catch (error) {
    throw missing(plan, program, error, printed.text());
  } finally {
    await project.containers.removeImage(base).catch(() => undefined);
  }
}

function has(
  packages: readonly (readonly [string, string])[] | undefined,
  { distribution }: Program,
): boolean {
  return packages?.some(([name]) => name === distribution) === true;
}

/** The program of the environment; else one in a venv of its own, with a kernel in the environment's Python. */
async function onMachine(
  context: BuildContext,
  plan: ExecutionPlan,
  built: BuiltPlace,
  kind: WorkspaceKind,
  options: BuildOptions,
): Promise<PlacedProgram> {
  const { project, environment } = context;
  const program = PROGRAMS[kind];
  const variables = withVariables(environment, built);
  const own = built.python === undefined ? undefined : join(built.python, "..");
  for (const name of program.executables) {
    // In a venv only its own: another's would run its kernels in another Python.
    const found = findExecutable(own === undefined ? name : join(own, name), variables, project.directory);
    if (found !== undefined) return { words: [found] };
  }
  if (program.requirement === undefined) throw missing(plan, program, "it is not installed", "");
  const python = built.python ?? findExecutable("python3", variables, project.directory);
  if (python === undefined) throw missing(plan, program, "there is no python3", "");
  tell(context, plan, `${program.title} is put beside ${plan.environment.name}, in a venv of its own.`);
  return besideIt(context, plan, program, python, options);
}

async function besideIt(
  { project }: BuildContext,
  plan: ExecutionPlan,
  program: Program,
  python: string,
  options: BuildOptions,
): Promise<PlacedProgram> {
  const printed = tailOf(options);
  try {
    const { venv } = await project.venvs.make(
      {
        files: new Map([["requirements.txt", Buffer.from(`${program.requirement}\nipykernel>=6,<8\n`)]]),
        directory: project.directory,
        interpreter: python,
      },
      { ...options, output: printed.take },
    );
    const [name = ""] = program.executables;
    const directory = venv.directory ?? "";
    const version = venv.python?.version.split(".").slice(0, 2).join(".") ?? "3";
    const site = join(directory, "lib", `python${version}`, "site-packages");
    return { words: [join(directory, "bin", name)], kernel: { python, site } };
  } catch (error) {
    throw missing(plan, program, error, printed.text());
  }
}

function withVariables(
  environment: BuildContext["environment"],
  built: BuiltPlace,
): Record<string, string | undefined> {
  const merged: Record<string, string | undefined> = { ...environment };
  for (const [name, value] of Object.entries(built.variables ?? {})) merged[name] = value ?? undefined;
  return merged;
}

function missing(plan: ExecutionPlan, { title, how }: Program, why: unknown, log: string): Error {
  if (why instanceof DatmoError && why.kind === "CANCELLED") return why;
  const reason = why instanceof Error ? why.message.replace(/\.$/, "") : String(why);
  const details = { program: title, name: plan.environment.name, reason, how, log };
  return errors.WORKSPACE_PROGRAM_MISSING(details, why instanceof Error ? { cause: why } : {});
}

function tell({ events }: BuildContext, { id, originId }: ExecutionPlan, message: string): void {
  events.note({ runId: id, ...(originId === undefined ? {} : { originId }), message });
}

const TAIL_CHARACTERS = 4_000;

/** Passes output on and remembers its end. */
function tailOf({ output }: BuildOptions): { take(text: string): void; text(): string } {
  let end = "";
  return {
    take(text) {
      end = (end + text).slice(-TAIL_CHARACTERS);
      output?.(text);
    },
    text: () => end,
  };
}
