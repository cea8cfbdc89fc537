import type { Call } from "../call.ts";
import type { Engine } from "../engine-port.ts";
import { plain } from "../render/text.ts";

/** Shows where a run will be carried out and what is built for it, until its end is called. On stderr. */
export function showPreparation(call: Call, engine: Engine, originId: string): () => void {
  const ends = [
    engine.on("run.note", (event) => {
      if (event.originId === originId) void call.note(plain(event.message));
    }),
    engine.on("environment.buildOutput", (event) => {
      if (event.originId === originId) void call.stderr.write(event.text);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
