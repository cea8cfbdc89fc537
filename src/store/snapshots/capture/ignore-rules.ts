import type { Ignore } from "ignore";
import createIgnore from "ignore";

/** Files of rules, in gitignore syntax; the later one wins. */
export const RULE_FILES: readonly string[] = [".gitignore", ".datmoignore"];

/** Names that make the folder around them a virtual environment of Python or conda. */
export const ENVIRONMENT_MARKERS: readonly string[] = ["pyvenv.cfg", "conda-meta"];

/** Left out unless a rule file says `!name`: what tools make again, and secrets. */
const BUILT_IN = new Set([
  "__pycache__",
  ".venv",
  "node_modules",
  ".ipynb_checkpoints",
  ".mypy_cache",
  ".pytest_cache",
  ".ruff_cache",
  ".tox",
  ".DS_Store",
  ".Rproj.user",
]);

export type Decision = "ignored" | "kept" | undefined;

/** The rules that hold in one folder: its own and those of the folders above it. Compiled when first asked. */
export class RuleLevel {
  readonly #aboveOf: () => RuleLevel | undefined;
  readonly #prefix: string;
  readonly #ignoreCase: boolean;
  readonly #load: () => string[];
  #above: { level: RuleLevel | undefined } | undefined;
  #matcher: Ignore | null | undefined;

  private constructor(
    aboveOf: () => RuleLevel | undefined,
    prefix: string,
    ignoreCase: boolean,
    load: () => string[],
    matcher?: Ignore | null,
  ) {
    this.#aboveOf = aboveOf;
    this.#prefix = prefix;
    this.#ignoreCase = ignoreCase;
    this.#load = load;
    this.#matcher = matcher;
  }

  /** Rules of the project's own folder; `load` gives the texts of its rule files, in the order of `RULE_FILES`. */
  static top(ignoreCase: boolean, load: () => string[]): RuleLevel {
    return new RuleLevel(() => undefined, "", ignoreCase, load);
  }

  /**
   * The rules in a folder of this one (`path` relative to the project, ending in `/`). The matcher counts all in
   * an ignored folder as ignored; where deeper rules keep such a folder, the levels above that ignore it are left
   * out for what is in it.
   */
  enter(path: string, load: () => string[]): RuleLevel {
    return new RuleLevel(() => this.#keeping(path), path, this.#ignoreCase, load);
  }

  /** True when the entry is left out. The path is relative to the project; folders end in `/`. */
  ignores(path: string, name: string): boolean {
    const decision = this.decide(path);
    return decision === undefined ? isBuiltIn(name) : decision === "ignored";
  }

  /** What the rule files say; the deepest one that says anything wins, as in git. */
  decide(path: string): Decision {
    return this.#own(path) ?? this.#upper()?.decide(path);
  }

  /** True when rules say outright that this folder itself is to be kept. */
  get keptByRule(): boolean {
    return this.#upper()?.decide(this.#prefix) === "kept";
  }

  #own(path: string): Decision {
    if (this.#matcher === undefined) this.#matcher = compile(this.#load(), this.#ignoreCase);
    if (!this.#matcher) return undefined;
    const { ignored, unignored } = this.#matcher.test(path.slice(this.#prefix.length));
    return ignored ? "ignored" : unignored ? "kept" : undefined;
  }

  #upper(): RuleLevel | undefined {
    this.#above ??= { level: this.#aboveOf() };
    return this.#above.level;
  }

  #keeping(path: string): RuleLevel | undefined {
    return this.decide(path) === "kept" ? this.#without(path) : this;
  }

  /** This chain without the levels that ignore the path. */
  #without(path: string): RuleLevel | undefined {
    const above = (): RuleLevel | undefined => {
      const upper = this.#upper();
      return upper ? upper.#without(path) : undefined;
    };
    if (this.#own(path) === "ignored") return above();
    return new RuleLevel(above, this.#prefix, this.#ignoreCase, this.#load, this.#matcher);
  }
}

function compile(texts: readonly string[], ignoreCase: boolean): Ignore | null {
  if (texts.length === 0) return null;
  const matcher = createIgnore({ ignorecase: ignoreCase });
  for (const text of texts) matcher.add(text);
  return matcher;
}

function isBuiltIn(name: string): boolean {
  return BUILT_IN.has(name) || name.startsWith(".env") || name.endsWith(".pyc");
}
