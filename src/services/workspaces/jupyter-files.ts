/** What Jupyter is told by files in the run's own folder, so that no secret is on a command line. */
export interface JupyterOptions {
  readonly kind: "notebook" | "jupyterlab";
  readonly address: string;
  readonly port: number;
  /** Ports that may be tried after a taken one. */
  readonly retries: number;
  readonly idleMs?: number;
}

/**
 * Configuration for Jupyter Notebook 6 and 7 and JupyterLab. The user's own comes first and this one on top of it:
 * nobody's settings may take the secret or the address away.
 */
export function jupyterConfig({ kind, address, port, retries, idleMs }: JupyterOptions): string {
  const idle = idleMs === undefined ? 0 : Math.max(1, Math.round(idleMs / 1000));
  return `import os

c = get_config()  # noqa: F821
here = os.path.dirname(os.path.abspath(__file__))
try:
    from jupyter_core.paths import jupyter_config_path

    for folder in reversed(jupyter_config_path()):
        for name in ("jupyter_server_config.py", "jupyter_notebook_config.py"):
            if os.path.isfile(os.path.join(folder, name)):
                load_subconfig(name, path=folder)  # noqa: F821
except Exception as error:
    print(f"datmo: your Jupyter configuration was left out: {error!r}")

with open(os.path.join(here, "token")) as file:
    token = file.read().strip()


def major(package):
    from importlib.metadata import PackageNotFoundError, version

    try:
        return int(version(package).split(".")[0])
    except (PackageNotFoundError, ValueError):
        return 0


# Before version 7 the notebook was a server of its own.
classic = ${kind === "notebook" ? `0 < major("notebook") < 7` : "False"}
app = c.NotebookApp if classic else c.ServerApp
app.ip = ${JSON.stringify(address)}
app.port = ${port}
app.port_retries = ${retries}
app.open_browser = False
app.allow_root = True
app.sock = ""
app.base_url = "/"
app.certfile = ""
app.keyfile = ""
app.password = ""
app.disable_check_xsrf = False
app.allow_origin = ""
app.shutdown_no_activity_timeout = ${idle}
root = os.environ.get("DATMO_PROJECT_DIR") or os.getcwd()
if classic:
    app.notebook_dir = root
else:
    app.root_dir = root
if classic or major("jupyter_server") < 2:
    app.token = token
else:
    c.IdentityProvider.token = token
${idleLines(idle)}`;
}

/** Seconds between two looks at whether anything is done; Jupyter's own are a minute. */
const LOOK_SECONDS = 60;

/** Jupyter ends kernels that idle, and itself when there are none; short times need more looks than it takes. */
function idleLines(seconds: number): string {
  if (seconds === 0) return "";
  const look = Math.max(1, Math.min(LOOK_SECONDS, Math.round(seconds / 4)));
  const lines = `c.MappingKernelManager.cull_idle_timeout = ${seconds}
c.MappingKernelManager.cull_interval = ${look}
`;
  if (look === LOOK_SECONDS) return lines;
  return `${lines}

def look_often(self):
    from tornado.ioloop import PeriodicCallback

    PeriodicCallback(self.shutdown_no_activity, ${look * 1000}).start()


try:
    if classic:
        from notebook.notebookapp import NotebookApp as App
    else:
        from jupyter_server.serverapp import ServerApp as App
    App.init_shutdown_no_activity = look_often
except ImportError as error:
    print(f"datmo: it is looked once a minute whether anything is done: {error!r}")
`;
}

/**
 * A kernel in the environment's own Python, for a Jupyter that lives elsewhere. `site`: folder with ipykernel, looked
 * in last, so that the environment's packages come first.
 */
export function kernelSpec(python: string, site: string, name: string): string {
  const program = [
    `import sys; sys.path.append(${JSON.stringify(site)})`,
    "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()",
  ].join("; ");
  const argv = [python, "-c", program, "-f", "{connection_file}"];
  const spec = { argv, display_name: `Python 3 (${name})`, language: "python", metadata: { debugger: true } };
  return `${JSON.stringify(spec, null, 1)}\n`;
}
