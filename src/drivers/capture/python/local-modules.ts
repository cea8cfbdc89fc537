import type { SourceFolder } from "../project-sources.ts";

/** How sure it is that a module name means code of the project. */
export type Locality =
  /** A module or package that Python finds before anything installed. */
  | "first"
  /** Found only when nothing installed has that name: a folder without `__init__.py`, a module elsewhere. */
  | "last"
  | "none";

/** Answers for the top-level names that the sources of one project import. */
export class LocalModules {
  private readonly folders: ReadonlyMap<string, SourceFolder>;
  private readonly modules = new Map<string, Set<string>>();
  private everywhere: Set<string> | undefined;

  constructor(folders: ReadonlyMap<string, SourceFolder>) {
    this.folders = folders;
  }

  /**
   * @param folder The folder of the importing file. Scripts search their own folder; code is also run from
   *   the folders above, and from a `src` folder beside any of them.
   */
  locality(name: string, folder: string): Locality {
    for (const place of searchPlaces(folder)) {
      if (this.modulesIn(place).has(name)) return "first";
    }
    return this.anywhere().has(name) ? "last" : "none";
  }

  private modulesIn(folder: string): Set<string> {
    let names = this.modules.get(folder);
    if (names === undefined) {
      names = this.readModules(folder);
      this.modules.set(folder, names);
    }
    return names;
  }

  private readModules(path: string): Set<string> {
    const folder = this.folders.get(path);
    const files = folder?.files.flatMap((file) => moduleOf(file[0]) ?? []) ?? [];
    const packages = folder?.folders.filter((name) => this.isPackage(below(path, name))) ?? [];
    return new Set([...files, ...packages]);
  }

  private isPackage(path: string): boolean {
    return this.folders.get(path)?.files.some((file) => file[0] === "__init__.py") ?? false;
  }

  private anywhere(): Set<string> {
    if (this.everywhere === undefined) {
      this.everywhere = new Set();
      for (const [path, folder] of this.folders) {
        const modules = folder.files.flatMap((file) => moduleOf(file[0]) ?? []);
        for (const name of modules) this.everywhere.add(name);
        // Code that lies in `a/b/` makes both `a` and `b` importable.
        if (modules.length > 0) for (const name of path.split("/")) this.everywhere.add(name);
      }
    }
    return this.everywhere;
  }
}

function searchPlaces(folder: string): string[] {
  const places: string[] = [];
  for (let at: string | undefined = folder; at !== undefined; at = parentOf(at)) {
    places.push(at, below(at, "src"));
  }
  return places;
}

function parentOf(folder: string): string | undefined {
  if (folder === "") return undefined;
  return folder.slice(0, Math.max(folder.lastIndexOf("/"), 0));
}

function below(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

function moduleOf(file: string): string | undefined {
  return /^(.+)\.pyw?$/.exec(file)?.[1];
}
