/**
 * Compiled add-ons cannot be in a bundle that runs on every platform. The packages that name some take their absence
 * for "not built here" and go on without.
 */
export const withoutNativeCode = {
  name: "without-native-code",
  setup(build) {
    build.onResolve({ filter: /\.node$/ }, ({ path }) => ({ path, namespace: "native-code" }));
    build.onLoad({ filter: /.*/, namespace: "native-code" }, () => ({
      contents: 'throw new Error("compiled add-ons are not part of the bundle");',
    }));
  },
};
