import { relative } from "node:path";
import type { Call } from "../call.ts";
import type { CommandModule } from "../command-module.ts";
import { plain } from "../render/text.ts";

interface Options {
  readonly kind?: string;
  readonly language?: string;
  readonly dir?: string;
  readonly description?: string;
}

export const pluginNew: CommandModule = {
  define(command) {
    command
      .argument("<name>", "name of the plugin: lower-case letters, digits and hyphens")
      .option("--kind <kind>", "what it is to provide (command)")
      .option("--language <language>", "typescript, in the sandbox, or python or r (typescript)")
      .option("--dir <dir>", "folder to make (the name)")
      .option("--description <text>", "what it is, in a line");
  },
  async run(call) {
    const [name] = call.args as [string];
    const { kind, language, dir, description } = call.options<Options>();
    const result = await call.request("plugin.create", {
      name,
      ...(kind === undefined ? {} : { kind }),
      ...(language === undefined ? {} : { language }),
      ...(dir === undefined ? {} : { directory: dir }),
      ...(description === undefined ? {} : { description }),
    });
    const folder = plain(relative(call.host.directory, result.directory) || ".");
    await call.answer(result, () => `Wrote ${folder}: ${result.files.map(plain).join(", ")}.`);
    if (call.json) return 0;
    const isConfined = result.language === "typescript";
    await call.note(`Try it: datmo plugin test ${folder}${isConfined ? "" : " --allow-all"}`);
    await call.note(`Change it and see what it answers, in a project: datmo plugin dev ${folder}`);
    await noteShadow(call, name);
    return 0;
  },
};

/** A command of datmo's own goes before a plugin's. */
async function noteShadow(call: Call, name: string): Promise<void> {
  if (!call.root.children?.some((child) => child.name === name)) return;
  await call.note(
    `\`datmo ${name}\` is a command of datmo's own; the plugin's is: datmo plugin call ${name} ${name}`,
  );
}
