import type { Workspace } from "../../protocol/types.ts";
import type { Call } from "../call.ts";

/**
 * Leads the user's browser to a workspace, by a file that only the user can read: the secret must be on no command
 * line. Nothing happens where there is no display, or where the browser would be on another machine.
 */
export async function openInBrowser(call: Call, { openFile }: Workspace): Promise<void> {
  if (openFile === undefined || !hasDisplay(call.host.variables)) return;
  try {
    const { default: open } = await import("open");
    const child = await open(openFile);
    child.once("error", () => undefined);
    child.unref();
  } catch {
    // The address is on the screen.
  }
}

/** Windows and macOS always have one, unless one has come by ssh. */
export function hasDisplay(
  variables: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): boolean {
  if (variables["SSH_CONNECTION"]) return false;
  if (platform !== "linux") return true;
  return Boolean(variables["DISPLAY"] || variables["WAYLAND_DISPLAY"]);
}
