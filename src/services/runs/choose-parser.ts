import { createOutputParser } from "../../domain/output-parser.ts";
import { KEY_VALUE, NO_PARSER } from "../../domain/parser-choice.ts";
import { errors } from "../../protocol/errors.ts";
import type { Parser } from "../ports/parser.ts";
import type { OpenProject } from "../project/open-project.ts";
import { readSettings } from "../project/project-settings.ts";

const keyValue: Parser = { name: KEY_VALUE, immediate: true, open: createOutputParser };

/** What a request says of how its output is read. */
export interface ParserWish {
  readonly parse?: boolean;
  readonly parser?: string;
}

/**
 * Name of the parser: the one asked for, else the project's. Throws PARSER_UNKNOWN, PLUGIN_NOT_GRANTED and
 * PLUGIN_INVALID when it cannot be had: then nothing was run yet.
 */
export async function chosenParser(project: OpenProject, { parse, parser }: ParserWish): Promise<string> {
  if (parse === false && parser !== undefined && parser !== NO_PARSER) {
    const problems = [{ path: "/parse", message: "is false while a parser is named" }];
    const summary = "The output cannot both be parsed and not be.";
    throw errors.INVALID_PARAMS({ summary, problems }, { hint: "Leave one of them out." });
  }
  if (parse === false) return NO_PARSER;
  const name = parser ?? (await readSettings(project)).parser ?? KEY_VALUE;
  if (name !== KEY_VALUE && name !== NO_PARSER) await providerOf(project, name);
  return name;
}

/** Undefined for `none`. A plugin's is looked for when there is output: the run goes on without it. */
export function parserNamed(project: OpenProject, name: string): Parser | undefined {
  if (name === NO_PARSER) return undefined;
  return name === KEY_VALUE ? keyValue : latePluginParser(project, name);
}

/** What concerns plugins is loaded only for those runs that want it. */
function latePluginParser(project: OpenProject, name: string): Parser {
  return {
    name,
    immediate: false,
    open(run) {
      const parsing = import("../plugins/plugin-parser.ts").then(({ pluginParser }) =>
        pluginParser(project, name, () => providerOf(project, name)).open(run),
      );
      return {
        feed: async (chunk) => (await parsing).feed(chunk),
        end: async () => (await parsing).end(),
      };
    },
  };
}

async function providerOf(
  project: OpenProject,
  name: string,
): Promise<import("../plugins/providers.ts").Provider> {
  const { findProvider, namesProvided } = await import("../plugins/providers.ts");
  const found = await findProvider(project, "parser", name);
  if (found) return found;
  const others = await namesProvided(project, "parser");
  throw errors.PARSER_UNKNOWN({ name, available: [KEY_VALUE, NO_PARSER, ...others].join(", ") });
}
