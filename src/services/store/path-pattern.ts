/** Characters that make a pattern of a path. */
const WILD = /[*?]/;

/**
 * A test for paths: a path itself, everything in a folder of that name, or a pattern in which `*` stands for anything
 * but a slash, `**` for anything, and `?` for one character. A pattern without a slash fits names in every folder.
 */
export function pathPattern(text: string): (path: string) => boolean {
  const wanted = text.replace(/^(\.\/)+/, "").replace(/\/+$/, "");
  if (!WILD.test(wanted)) return (path) => path === wanted || path.startsWith(`${wanted}/`);
  const anywhere = wanted.includes("/") ? "" : "(?:.*/)?";
  const source = wanted.replace(/\*\*\/?|\*|\?|[^*?]+/g, (part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    return part === "?" ? "[^/]" : part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  });
  const pattern = new RegExp(`^${anywhere}${source}(?:/.*)?$`, "s");
  return (path) => pattern.test(path);
}
