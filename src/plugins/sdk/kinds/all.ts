import { command } from "./command.ts";
import { driver } from "./driver.ts";
import { environment } from "./environment.ts";
import { exporter } from "./exporter.ts";
import { hook } from "./hook.ts";
import { importer } from "./importer.ts";
import type { Kind } from "./kind.ts";
import { parser } from "./parser.ts";

/** Every kind that a plugin can provide. */
export const KINDS: readonly Kind[] = [command, driver, environment, exporter, hook, importer, parser];
