/** The address without anything that could be a password or token; text that is no URL is left as it is. */
export function withoutCredentials(url: string): string {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?[^#]*)?(#.*)?$/is.exec(url);
  if (parts === null) return url;
  const [, scheme = "", authority = "", path = "", fragment = ""] = parts;
  const at = authority.lastIndexOf("@");
  // Over ssh the user is part of the address (git@…); over http a token is often sent as the user.
  const user = at > 0 && !isHttp(scheme) ? `${authority.slice(0, at).split(":", 1)[0]}@` : "";
  return `${scheme}://${user}${authority.slice(at + 1)}${path}${fragment}`;
}

function isHttp(scheme: string): boolean {
  return /^(?:\w+\+)?https?$/i.test(scheme);
}
