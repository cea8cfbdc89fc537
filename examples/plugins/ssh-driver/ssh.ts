/** Runs a script of /bin/sh on another machine; what it printed. Throws its last words when it fails. */
export async function ssh(
  host: string,
  script: string,
  { words = [], input }: { words?: readonly string[]; input?: string | ReadableStream<Uint8Array> } = {},
): Promise<Uint8Array> {
  // ssh joins its words by spaces and gives them to a shell: each is quoted for that.
  const command = ["sh", "-c", script, "datmo", ...words].map(quoted).join(" ");
  const options = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=15"];
  const child = new Deno.Command("ssh", {
    args: [...options, "--", host, command],
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const sent = input === undefined ? undefined : send(child.stdin, input);
  const [output, said, { code }] = await Promise.all([
    new Response(child.stdout).arrayBuffer(),
    new Response(child.stderr).text(),
    child.status,
    sent,
  ]);
  if (code !== 0) {
    const words = said.trim().slice(-500) || `it ended with code ${code}`;
    throw new Error(code === 255 ? `ssh to ${host}: ${words}` : `on ${host}: ${words}`);
  }
  return new Uint8Array(output);
}

async function send(
  target: WritableStream<Uint8Array>,
  input: string | ReadableStream<Uint8Array>,
): Promise<void> {
  const source = typeof input === "string" ? new Blob([input]).stream() : input;
  // The other side may end early; its own words say why.
  await source.pipeTo(target).catch(() => undefined);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
