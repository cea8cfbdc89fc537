/* The command line's process: gives `cli` what it takes from outside, and an engine in this process when it asks. */
import { existsSync } from "node:fs";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";
import type { Engine } from "../cli/engine-port.ts";
import type { Host, Signal } from "../cli/host.ts";
import { reportCrash, runCli } from "../cli/main.ts";
import type { EngineLink } from "../client/engine-link.ts";
import type { EngineEnvironment } from "../engine.ts";
import { version } from "../util/version.ts";

/** Which of the standard streams are terminals at first, and whether a signal said that it is gone. */
const terminals = [0, 1, 2].filter((fd) => isatty(fd));
let hungUp = false;

const SIGNALS: readonly Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

const host: Host = {
  directory: process.cwd(),
  variables: process.env,
  // Node makes these streams when they are first looked at; most commands need one of them only.
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return process.stdout;
  },
  get stderr() {
    return process.stderr;
  },
  connect: (projectDirectory, wants = []) => connect(projectDirectory, { hasTerminal: true, wants }),
  async serveStdio() {
    await (await import("./engine.ts")).finished;
    return Number(process.exitCode ?? 0);
  },
  async serveMcp({ directory, allowExec, signal }) {
    // From here on what prints to stdout by mistake gets stderr.
    const { protocolOutput } = await import("../rpc/stdio-guard.ts");
    const { serveMcp } = await import("../mcp/serve-mcp.ts");
    const engine = await connect(directory, { hasTerminal: false });
    const tell = (message: string): void => void process.stderr.write(`datmo mcp: ${message}\n`);
    engine.on("$/logMessage", ({ level, message }) => {
      if (level === "warn" || level === "error") tell(message);
    });
    const grant = { allowExec, directory };
    const streams = { input: process.stdin, output: protocolOutput };
    try {
      await serveMcp({ engine, grant, ...streams, signal, onProblem: tell });
    } finally {
      await engine.close();
    }
  },
  onSignal(listener) {
    const heard = (signal: Signal): void => {
      hungUp ||= signal === "SIGHUP";
      listener(signal);
    };
    for (const signal of SIGNALS) process.on(signal, heard);
    return () => {
      for (const signal of SIGNALS) process.removeListener(signal, heard);
    };
  },
};

process.on("uncaughtException", (error) => {
  void reportCrash(error, host).then((code) => process.exit(code));
});
void runCli(process.argv.slice(2), host).then((code) => {
  process.exitCode = code;
  // Node puts terminals back as they were when it leaves, and aborts when one is not there any more.
  if (hungUp && terminals.some((fd) => !isatty(fd))) process.kill(process.pid, "SIGHUP");
});

async function connect(
  projectDirectory: string,
  { hasTerminal, wants = [] }: { readonly hasTerminal: boolean; readonly wants?: readonly string[] },
): Promise<Engine> {
  const [{ DatmoClient }, { protocolVersion }, link] = await Promise.all([
    import("../client/client.ts"),
    import("../protocol/methods.ts"),
    process.env["DATMO_ENGINE"] ? spawnNamed(process.env["DATMO_ENGINE"]) : startHere(hasTerminal),
  ]);
  const client = await DatmoClient.connect(link, {
    protocolVersion,
    client: { name: "datmo-cli", version, language: "TypeScript" },
    projectDir: projectDirectory,
    // Whoever sets DATMO_LOG gets the engine's log on stderr as it is.
    capabilities: {
      logMessages: !process.env["DATMO_LOG"],
      ...(wants.length > 0 ? { notifications: wants } : {}),
    },
  });
  return {
    request: (method, params, options = {}) => client.request(method, params, options as object),
    on: (notification, listener) => client.on(notification, listener),
    close: () => client.close(),
  };
}

/** An engine in this process: no second Node has to start. */
async function startHere(hasTerminal: boolean): Promise<EngineLink> {
  const [{ startInMemory }, { serve }, { Logger, lineSink, parseLogLevel }] = await Promise.all([
    import("../client/in-memory.ts"),
    import("../rpc/server.ts"),
    import("../rpc/logger.ts"),
  ]);
  const environment: EngineEnvironment = {
    directory: process.cwd(),
    variables: process.env,
    hasTerminal,
    // The built engine lies beside this file; so do the sources of both.
    engineFile: fileURLToPath(new URL(`./engine${import.meta.url.slice(-3)}`, import.meta.url)),
  };
  const { protocolVersion } = await import("../protocol/methods.ts");
  return startInMemory((transport) =>
    serve(transport, {
      engine: { name: "datmo", version },
      protocolVersion,
      logger: new Logger(
        parseLogLevel(process.env["DATMO_LOG"]),
        process.env["DATMO_LOG"] ? lineSink(() => process.stderr) : () => {},
      ),
      open: async (session) => (await import("../engine.ts")).openEngine(session, environment),
    }),
  );
}

async function spawnNamed(named: string): Promise<EngineLink> {
  const [{ spawnEngine }, { engineWords }] = await Promise.all([
    import("../client/spawn.ts"),
    import("../client/engine-words.ts"),
  ]);
  const words = engineWords(named);
  if (words === undefined && !existsSync(named)) {
    const { errors } = await import("../protocol/errors.ts");
    const hint = "DATMO_ENGINE names it; unset it to use the engine that belongs to this command line.";
    throw errors.ENGINE_NOT_FOUND({ reason: `there is no file ${named}` }, { hint });
  }
  return spawnEngine({ engine: words ?? named, directory: process.cwd(), environment: process.env });
}
