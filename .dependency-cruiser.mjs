/** Who may import whom; the table stands in CONTRIBUTING.md. An import that no rule allows is an error. */
const ours = "^src/";
const allow = {
  protocol: [],
  util: [],
  domain: ["protocol", "util"],
  services: ["domain", "protocol", "util", "services"],
  drivers: ["domain", "protocol", "util"],
  store: ["domain", "protocol", "util"],
  plugins: ["domain", "protocol", "util", "plugins"],
  builtin: ["domain", "protocol", "util", "builtin"],
  methods: ["domain", "protocol", "services", "methods"],
  rpc: ["protocol", "util", "rpc"],
  client: ["protocol", "util", "client"],
  mcp: ["domain", "protocol", "util", "mcp"],
  cli: ["client", "protocol", "util", "cli"],
};
/** Single files that a room may import besides. */
const besides = {
  drivers: ["^src/services/ports/", "^src/services/(project/open-project|runs/supervisor)\\.ts$"],
  store: ["^src/services/ports/", "^src/services/project/open-project\\.ts$"],
  plugins: ["^src/services/ports/", "^src/rpc/"],
  builtin: ["^src/services/ports/"],
  rpc: ["^src/domain/call-context\\.ts$"],
  client: ["^src/rpc/"],
};

const rooms = Object.entries(allow).map(([room, others]) => ({
  name: `${room}-imports`,
  severity: "error",
  from: { path: `${ours}${room}/` },
  to: {
    path: ours,
    pathNot: [...new Set([room, ...others])].map((other) => `${ours}${other}/`).concat(besides[room] ?? []),
  },
}));

/** Drivers and stores do not know their neighbours. */
const neighbours = ["drivers", "store"].map((room) => ({
  name: `${room}-neighbours`,
  severity: "error",
  from: { path: `${ours}${room}/([^/]+)/` },
  to: { path: `${ours}${room}/([^/]+)/`, pathNot: `${ours}${room}/$1/` },
}));

const libraries = Object.entries({
  "vscode-jsonrpc": "rpc/",
  dockerode: "drivers/docker/",
  "sql.js": "store/db/",
  commander: "cli/",
  "@modelcontextprotocol/server": "mcp/",
}).map(([library, room]) => ({
  name: `${library}-only-in-${room.replaceAll("/", "-")}`,
  severity: "error",
  from: { path: ours, pathNot: `${ours}${room}` },
  to: { path: `node_modules/${library.replace(".", "\\.")}/` },
}));

export const config = {
  forbidden: [
    ...rooms,
    ...neighbours,
    ...libraries,
    {
      name: "no-circular",
      severity: "error",
      from: { path: ours },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "engine-not-from-below",
      severity: "error",
      from: { path: ours, pathNot: "^src/(bin/|engine\\.ts)" },
      to: { path: "^src/(bin/|engine\\.ts)" },
    },
    {
      name: "no-development-dependency",
      severity: "error",
      from: { path: ours },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "types", "default"],
    },
  },
};
