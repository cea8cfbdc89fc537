/* A page of the composition root: what carries out commands. */
import type { Driver } from "./services/ports/drivers.ts";
import type { OpenProject } from "./services/project/open-project.ts";
import type { Variables } from "./util/executables.ts";
import { lazyObject } from "./util/lazy-object.ts";

interface Machine {
  readonly variables: Variables;
}

/** Each is loaded by the first command that it gets. */
export function driverParts(environment: Machine): Pick<OpenProject, "drivers" | "elsewhere"> {
  return {
    drivers: new Map([
      ["host", hostDriver()],
      ["docker", dockerDriver(environment)],
    ]),
    elsewhere: (name, runner) =>
      lazyObject<Driver>(
        async () =>
          (await import("./drivers/elsewhere/elsewhere-driver.ts")).createElsewhereDriver(name, runner),
        { name },
      ),
  };
}

function hostDriver(): Driver {
  return lazyObject<Driver>(async () => (await import("./drivers/host/host-driver.ts")).createHostDriver(), {
    name: "host",
  });
}

/** Containers of the same engine that the images are built by. */
function dockerDriver({ variables }: Machine): Driver {
  return lazyObject<Driver>(
    async () =>
      (await import("./drivers/docker/docker-driver.ts")).createDockerDriver({ environment: variables }),
    { name: "docker" },
  );
}
