// What an extension of an editor needs to talk to datmo: one process, one connection, three calls.
import { spawn } from "node:child_process";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";

/**
 * Starts an engine and shakes hands. `command` is `["datmo", "engine", "--stdio"]`, or the same behind `ssh HOST`;
 * `directory` is a folder of the project, on the machine where the engine runs.
 */
export async function openEngine(command, directory) {
  const [program, ...words] = command;
  // A session of its own: Ctrl-C in the terminal is for the editor, which then ends the engine in good order.
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"], detached: true });
  const gone = new Promise((resolve) => child.once("close", resolve));
  const failed = new Promise((_, reject) => child.once("error", reject));
  failed.catch(() => {});
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  const hello = connection.sendRequest("initialize", {
    protocolVersion: 1,
    client: { name: "example-editor", version: "1.0.0", language: "javascript" },
    projectDir: directory,
    capabilities: { notifications: ["metric.logged"] },
  });
  const ended = gone.then((code) => {
    throw new Error(`the engine could not be talked to; it ended with ${code}`);
  });
  ended.catch(() => {});
  await Promise.race([hello, failed, ended]);
  await connection.sendNotification("initialized", {});
  return {
    /** Fails with an error whose `data` has `kind` and `hint`. */
    request: (method, params = {}) => connection.sendRequest(method, params),
    /** Calls `listener` for each such notification. */
    on: (method, listener) => connection.onNotification(method, listener),
    /** Lets the engine finish what it began. */
    async close() {
      await connection.sendRequest("shutdown", {});
      await connection.sendNotification("exit", {});
      await gone;
      connection.dispose();
    },
  };
}
