import { watch } from "node:fs";

/** What tools write beside a plugin's own files. */
const NOT_ITS_OWN = /(^|\/)(\.git|\.datmo-sdk|node_modules|__pycache__)(\/|$)/;
/** Editors write a file in several steps. */
const QUIET_MS = 100;

export interface FolderWatch {
  /** Resolves when something in the folder has changed since the last time and it is quiet again, or at the end. */
  changed(): Promise<void>;
  end(): void;
}

/** Watches a folder and what is in it. Throws what the system says. */
export function watchFolder(directory: string): FolderWatch {
  let isDue = false;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  let wake = (): void => {};
  const watcher = watch(directory, { recursive: true }, (_event, name) => {
    if (name !== null && NOT_ITS_OWN.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      isDue = true;
      wake();
    }, QUIET_MS);
  });
  // A folder that is gone changes no more; the next installation tells.
  watcher.on("error", () => wake());
  return {
    async changed() {
      if (!isDue && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      isDue = false;
    },
    end() {
      ended = true;
      clearTimeout(timer);
      watcher.close();
      wake();
    },
  };
}
