import { randomUUID } from "node:crypto";
import { abortOnSignal } from "../abort-on-signal.ts";
import type { CommandModule } from "../command-module.ts";
import { buildText } from "../render/environment-line.ts";
import { plain } from "../render/text.ts";

interface Options {
  readonly cache?: boolean;
  readonly quiet?: boolean;
}

export const environmentBuild: CommandModule = {
  define(command) {
    command
      .argument("[environment]", "name, id or unique beginning of an id (the active one when not given)")
      .option("--no-cache", "build again although it is there")
      .option("-q, --quiet", "do not show what the builder prints");
  },
  async run(call) {
    const { cache, quiet } = call.options<Options>();
    const [id] = call.args;
    const originId = randomUUID();
    const interrupt = abortOnSignal(call.host);
    const engine = await call.engine();
    const stop = engine.on("environment.buildOutput", (event) => {
      if (!quiet && event.originId === originId) void call.stderr.write(event.text);
    });
    try {
      const result = await call.request(
        "environment.build",
        { ...(id === undefined ? {} : { id }), ...(cache === false ? { noCache: true } : {}), originId },
        { signal: interrupt.signal, progress: quiet === true },
      );
      const { environment, build, cached } = result;
      await call.answer(result, () => (build ? `${plain(environment.name)}: ${buildText(build)}` : ""));
      if (call.json) return 0;
      for (const note of result.notes) await call.note(plain(note));
      if (!build) await call.note("The host is the machine as it is: there is nothing to build.");
      else if (cached)
        await call.note("It was there already: nothing was built. --no-cache builds it again.");
    } finally {
      stop();
      interrupt.end();
    }
    return 0;
  },
};
