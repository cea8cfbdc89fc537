import { randomId } from "../../domain/ids.ts";
import { createLineSplitter } from "../../domain/line-splitter.ts";
import { metricFromWire } from "../../domain/metric-values.ts";
import type { OutputPoint } from "../../domain/output-parser.ts";
import type { ParsedPoint } from "../../protocol/types.ts";
import type { ParsedRun, Parser, Parsing } from "../ports/parser.ts";
import type { OpenProject } from "../project/open-project.ts";
import { ParsingLost } from "../runs/parsing-behind.ts";
import { askPlugin, runnablePlugin } from "./ask-plugin.ts";
import type { Provider } from "./providers.ts";

/** Time for one batch of lines. */
const BATCH_MS = 10_000;
/** Six times as long when every character of it must be escaped, which still fits into a message. */
const MOST_LINE_BYTES = 256 * 1024;
/** As of the built-in parser: a program that prints ever new names is listened to for so many of them. */
const MOST_NAMES = 10_000;

/** A parser that a plugin provides. `find`: the plugin as it may be run at that moment; rejects when it may not. */
export function pluginParser(project: OpenProject, name: string, find: () => Promise<Provider>): Parser {
  return { name, immediate: false, open: (run) => openParsing(project, name, run, find) };
}

function openParsing(
  project: OpenProject,
  name: string,
  run: ParsedRun,
  find: () => Promise<Provider>,
): Parsing {
  const stream = randomId();
  const splitter = createLineSplitter(MOST_LINE_BYTES);
  const withSteps = createStepCounter();
  let plugins: Promise<string> | undefined;
  let from = 0;

  /** Looked for once; whether it still may be run is asked each time. */
  function provider(): Promise<string> {
    plugins ??= find().then(({ plugin }) => plugin.content.manifest.name);
    return plugins;
  }

  async function ask(lines: readonly string[], done: boolean): Promise<readonly OutputPoint[]> {
    if (lines.length === 0 && !done) return [];
    const plugin = await runnablePlugin(project, await provider());
    const params = { name, stream, run, from, lines, done };
    const answer = await askPlugin(
      project,
      plugin,
      { name: "parser.parse", params },
      { timeoutMs: BATCH_MS },
    );
    if (answer.lost)
      throw new ParsingLost(`the plugin ${plugin.content.manifest.name} lost what it had read`);
    from += lines.length;
    return withSteps(answer.points);
  }

  return {
    feed: (chunk) => ask(splitter.feed(chunk), false),
    end: () => ask(splitter.end(), true),
  };
}

/** Points without a step are counted by name. */
function createStepCounter(): (points: readonly ParsedPoint[]) => OutputPoint[] {
  const counters = new Map<string, number>();
  return (points) => {
    const found: OutputPoint[] = [];
    for (const { name, step, value } of points) {
      const count = counters.get(name) ?? 0;
      if (count === 0 && counters.size >= MOST_NAMES) continue;
      counters.set(name, count + 1);
      found.push({ name, step: step ?? count, value: metricFromWire(value) });
    }
    return found;
  };
}
