/** The repository of an image's name, registry and all, without tag and digest: `python:3.12` and `python@sha256:…` share one. */
export function repositoryOf(name: string): string {
  const [withTag = ""] = name.split("@");
  const repository = withTag.replace(/:[^:/]*$/, "");
  return repository.replace(/^(?:(?:index\.)?docker\.io\/)?(?:library\/)?/, "");
}
