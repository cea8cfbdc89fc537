import { errors, isDatmoError } from "../../protocol/errors.ts";
import type { Driver } from "../ports/drivers.ts";
import type { OpenProject } from "../project/open-project.ts";

const known = new WeakMap<OpenProject, Map<string, Driver>>();

/** The driver of that name, datmo's own or a plugin's. Throws DRIVER_UNKNOWN, PLUGIN_NOT_GRANTED and PLUGIN_INVALID. */
export async function driverNamed(project: OpenProject, name: string): Promise<Driver> {
  const own = project.drivers.get(name);
  if (own) return own;
  const { findProvider, providersOf } = await import("../plugins/providers.ts");
  const provider = await findProvider(project, "driver", name);
  if (!provider) {
    const others = await providersOf(project, "driver");
    const available = [...project.drivers.keys(), ...others.map(({ provides }) => provides.name)];
    throw errors.DRIVER_UNKNOWN({ name, available: available.join(", ") });
  }
  const drivers = known.get(project) ?? new Map<string, Driver>();
  known.set(project, drivers);
  const key = `${name} ${provider.plugin.content.hash}`;
  const before = drivers.get(key);
  if (before) return before;
  const { pluginRunner } = await import("../plugins/plugin-driver.ts");
  const driver = project.elsewhere(name, pluginRunner(project, provider));
  drivers.set(key, driver);
  return driver;
}

/** The driver that a run was given to. One whose plugin is gone can tell what is left of it, and no more. */
export async function driverOfRun(project: OpenProject, name: unknown): Promise<Driver> {
  const driver = typeof name === "string" ? name : "host";
  return driverNamed(project, driver).catch((error: unknown) => {
    if (isDatmoError(error) && error.kind === "DRIVER_UNKNOWN") return project.elsewhere(driver, undefined);
    throw error;
  });
}
