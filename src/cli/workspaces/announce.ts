import { userInfo } from "node:os";
import type { Workspace } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import { plain } from "../render/text.ts";

/** Says how to get into a workspace, and how from the machine that one has come from by ssh. On stdout. */
export async function announce(call: Call, workspace: Workspace): Promise<void> {
  const { url, user, password, port } = workspace;
  if (url === undefined) return;
  const lines = [call.style.bold(url)];
  if (password !== undefined) lines.push(`user: ${plain(user ?? "")}`, `password: ${password}`);
  await call.print(lines.join("\n"));
  const tunnel = port === undefined ? undefined : sshTunnel(port, call.host.variables);
  if (tunnel !== undefined) await call.note(`From the machine that you sit at: ${tunnel}`);
}

/** The command that makes the address work at the other end of an ssh connection; undefined when there is none. */
export function sshTunnel(
  port: number,
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const [, , address, sshPort] = (variables["SSH_CONNECTION"] ?? "").split(" ");
  if (address === undefined || address === "") return undefined;
  const user = variables["USER"] || userInfo().username;
  const by = sshPort === undefined || sshPort === "22" ? "" : ` -p ${sshPort}`;
  return `ssh -N -L ${port}:127.0.0.1:${port}${by} ${user}@${address}`;
}
