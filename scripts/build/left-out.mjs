/*
 * Packages that a library asks for as soon as it is loaded, for uses that datmo does not have: the container client
 * can speak ssh and gRPC, and pack folders. They are megabytes, and one has native code. In the bundle each is an
 * empty module.
 */
const LEFT_OUT = {
  dockerode: ["@grpc/grpc-js", "@grpc/proto-loader", "protobufjs", "tar-fs", "@balena/dockerignore"],
  "docker-modem": ["ssh2"],
};
const NAMESPACE = "left-out";

/** An esbuild plugin. */
export const leftOut = {
  name: "left-out",
  setup({ onResolve, onLoad }) {
    for (const [library, names] of Object.entries(LEFT_OUT)) {
      onResolve({ filter: new RegExp(`^(${names.join("|")})$`) }, ({ path, importer }) =>
        importer.includes(`node_modules/${library}/`) ? { path, namespace: NAMESPACE } : undefined,
      );
    }
    onLoad({ filter: /^/, namespace: NAMESPACE }, () => ({ contents: "" }));
  },
};
