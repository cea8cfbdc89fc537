import { type ProtobufReader, timestampMs } from "../protobuf.ts";

/** `RunRecord`, as far as it is told of a run. */
export interface RunRecord {
  id: string;
  entity: string;
  project: string;
  group: string;
  jobType: string;
  name: string;
  notes: string;
  tags: string[];
  sweep: string;
  host: string;
  /** Milliseconds since the epoch. */
  start: number | undefined;
  git: { readonly remote: string; readonly commit: string } | undefined;
}

/** `onConfig` is given its first config. */
export function readRun(message: ProtobufReader, onConfig: (config: ProtobufReader) => void): RunRecord {
  const run: RunRecord = {
    id: "",
    entity: "",
    project: "",
    group: "",
    jobType: "",
    name: "",
    notes: "",
    tags: [],
    sweep: "",
    host: "",
    start: undefined,
    git: undefined,
  };
  while (message.next()) {
    if (message.wire !== 2) {
      message.skip();
      continue;
    }
    const name = TEXTS[message.field];
    if (name !== undefined) run[name] = message.text();
    else if (message.field === 4) onConfig(message.message());
    else if (message.field === 10) run.tags.push(message.text());
    else if (message.field === 17) run.start = timestampMs(message.message());
    else if (message.field === 21) run.git = readGit(message.message());
    else message.skip();
  }
  return run;
}

const TEXTS: Readonly<
  Record<number, "id" | "entity" | "project" | "group" | "jobType" | "name" | "notes" | "sweep" | "host">
> = {
  1: "id",
  2: "entity",
  3: "project",
  6: "group",
  7: "jobType",
  8: "name",
  9: "notes",
  12: "sweep",
  13: "host",
};

export function readGit(message: ProtobufReader): { readonly remote: string; readonly commit: string } {
  let [remote, commit] = ["", ""];
  while (message.next()) {
    if (message.field === 1 && message.wire === 2) remote = message.text();
    else if (message.field === 2 && message.wire === 2) commit = message.text();
    else message.skip();
  }
  return { remote, commit };
}

/** `EnvironmentRecord`: told in several records, each with a part. */
export interface EnvironmentFacts {
  os?: string;
  python?: string;
  args?: string[];
  program?: string;
  host?: string;
  cpus?: number;
  gpu?: string;
  gpus?: number;
  memory?: number;
  cpu?: string;
  git?: { readonly remote: string; readonly commit: string };
}

export function readEnvironment(message: ProtobufReader): EnvironmentFacts {
  const facts: EnvironmentFacts = {};
  while (message.next()) {
    const { field, wire } = message;
    if (wire === 0 && field === 17) facts.cpus = message.varint();
    else if (wire === 0 && field === 19) facts.gpus = message.varint();
    else if (wire !== 2) message.skip();
    else if (field === 1) facts.os = message.text();
    else if (field === 2) facts.python = message.text();
    else if (field === 5) facts.args = [...(facts.args ?? []), message.text()];
    else if (field === 6) facts.program = message.text();
    else if (field === 9) facts.git = readGit(message.message());
    else if (field === 12) facts.host = message.text();
    else if (field === 18) facts.gpu = message.text();
    else if (field === 21) facts.memory = firstNumber(message.message());
    else if (field === 22) facts.cpu = firstText(message.message());
    else message.skip();
  }
  return facts;
}

function firstNumber(message: ProtobufReader): number {
  while (message.next()) {
    if (message.field === 1 && message.wire === 0) return message.varint();
    message.skip();
  }
  return 0;
}

function firstText(message: ProtobufReader): string {
  while (message.next()) {
    if (message.wire === 2) return message.text();
    message.skip();
  }
  return "";
}
