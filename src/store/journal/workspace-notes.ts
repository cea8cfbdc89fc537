import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isId } from "../../domain/ids.ts";
import type { WorkspaceNote, WorkspaceNotes } from "../../services/ports/workspaces.ts";
import { writeFileAtomic } from "../../util/atomic-file.ts";
import { readSmallFile, UnusableFile } from "../../util/safe-files.ts";

const LIMIT_BYTES = 64 * 1024;

/** The notes in a folder, which is made when the first one is written. */
export function openWorkspaceNotes(directory: string): WorkspaceNotes {
  const pathOf = (runId: string, ending: string): string => {
    if (!isId(runId)) throw new TypeError(`not a run id: ${runId}`);
    return join(directory, runId + ending);
  };
  return {
    async read(runId) {
      try {
        const content = await readSmallFile(pathOf(runId, ".json"), LIMIT_BYTES);
        const note = content && (JSON.parse(content.toString("utf8")) as WorkspaceNote);
        return note?.v === 1 && typeof note.url === "string" ? note : undefined;
      } catch (error) {
        if (error instanceof SyntaxError || error instanceof UnusableFile) return undefined;
        throw error;
      }
    },
    async write(runId, note) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const options = { sync: false, mode: 0o600 };
      await writeFileAtomic(pathOf(runId, ".json"), `${JSON.stringify(note)}\n`, options);
      await writeFileAtomic(pathOf(runId, ".html"), page(note.url), options);
      return pathOf(runId, ".html");
    },
    pageOf: (runId) => pathOf(runId, ".html"),
    async remove(runId) {
      for (const ending of [".json", ".html"]) await rm(pathOf(runId, ending), { force: true });
    },
  };
}

/** A browser that is given this file's path gets the secret from the file: its own command line can be read by all. */
function page(url: string): string {
  const quoted = url.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${quoted}">
<title>datmo</title>
<a href="${quoted}">Open the workspace</a>
`;
}
