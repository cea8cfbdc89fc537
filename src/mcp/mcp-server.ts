import { Server, type ServerContext, type ServerOptions } from "@modelcontextprotocol/server";
import type { JsonObject } from "../util/json.ts";
import { version } from "../util/version.ts";
import { callTool } from "./call-tool.ts";
import type { Engine, Grant } from "./engine-port.ts";
import type { ProgressStep } from "./progress-steps.ts";
import { listResources, readResource, resourceTemplates } from "./resources.ts";
import { listTools } from "./tools.ts";

const INSTRUCTIONS = `datmo records which code, data, packages and settings gave a result, brings it back, and proves it. A run is snapshot → task → snapshot, with config, metrics and output; a snapshot is one state of the project: code, environment, files, config and metrics.
Begin with run_list (filter: "metrics.loss < 0.1 and config.lr = 0.001", sort: "-metrics.accuracy") or project_status; run_get, run_logs, metric_history and run_diff say more of runs. Ids may be shortened to a unique beginning of 4 characters or more. snapshot_create keeps the present state; snapshot_checkout brings an earlier one back into the user's folder.`;

/** The engine checks what it is given, and says where and why; the library's own check would only say less. */
const ACCEPT_ALL: NonNullable<ServerOptions["jsonSchemaValidator"]> = {
  getValidator: (() => (data: unknown) => ({ valid: true, data, errorMessage: undefined })) as never,
};

/** One connection's server. */
export function createMcpServer(engine: Engine, grant: Grant): Server {
  const server = new Server(
    { name: "datmo", version },
    {
      capabilities: { tools: {}, resources: {} },
      instructions: INSTRUCTIONS,
      jsonSchemaValidator: ACCEPT_ALL,
    },
  );
  server.setRequestHandler("tools/list", () => ({ tools: listTools(grant) }));
  server.setRequestHandler("tools/call", ({ params }, context) => {
    const onProgress = progressOf(context);
    return callTool(engine, grant, {
      name: params.name,
      arguments: (params.arguments ?? {}) as JsonObject,
      signal: context.mcpReq.signal,
      ...(onProgress && { onProgress }),
    });
  });
  server.setRequestHandler("resources/list", ({ params }, { mcpReq }) =>
    listResources(engine, params?.cursor, mcpReq.signal),
  );
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: [...resourceTemplates] }));
  server.setRequestHandler("resources/read", ({ params }, { mcpReq }) =>
    readResource(engine, params.uri, mcpReq.signal),
  );
  return server;
}

/** Undefined: the client did not ask. */
function progressOf({ mcpReq }: ServerContext): ((step: ProgressStep) => void) | undefined {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return (step) => {
    // A client that has left is noticed by the connection itself.
    mcpReq
      .notify({ method: "notifications/progress", params: { progressToken, ...step } })
      .catch(() => undefined);
  };
}
