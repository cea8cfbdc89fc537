/*
 * When is a value a credential? Its name must say so and the value must look random: either alone is common
 * and harmless (`max_tokens: 4096`, `tokenizer: "bert-base-uncased"`, a commit id). Tokens of well-known
 * services carry a form of their own and need no name.
 */

/** True for names such as `api_key`, `HF_TOKEN`, `dbPassword`; false for `max_tokens`, `pad_token_id`, `PWD`. */
export function isCredentialName(name: string): boolean {
  return credentialClass(name) !== undefined;
}

/**
 * True when a value of that name is long and mixed enough to be a credential. People choose passwords, so
 * they need not look as random as keys and tokens, which machines make.
 */
export function looksRandom(value: string, name: string): boolean {
  if (isPlaceholder(value) || /\s/.test(value) || isPathOrAddress(value)) return false;
  if (credentialClass(name) === "password") return value.length >= 6 && new Set(value).size >= 4;
  if (value.length < 16 || SLUG.test(value)) return false;
  return /\d/.test(value) && /[A-Za-z]/.test(value) && entropy(value) >= 3;
}

/** Puts `mask` in place of every token of a well-known service. Calls `onMasked` for each. */
export function maskKnownTokens(text: string, mask: string, onMasked: () => void): string {
  if (text.length < 15) return text;
  return text.replace(KNOWN, () => {
    onMasked();
    return mask;
  });
}

/** True for a token of a well-known service. */
export function isKnownToken(text: string): boolean {
  return text.search(KNOWN) === 0;
}

const PASSWORD_WORDS = new Set(["password", "passwd", "passphrase", "pwd", "dbpassword", "userpassword"]);
const SECRET_WORDS = new Set([
  "secret",
  "secrets",
  "credential",
  "credentials",
  "authorization",
  "bearer",
  "apikey",
  "authkey",
  "accesskey",
  "secretkey",
  "privatekey",
  "authtoken",
  "accesstoken",
  "apitoken",
  "jwt",
]);
/** With one of these beside it, `token` or `key` is a word of language models or data, not a credential. */
const NOT_TOKEN = new Set(
  (
    "max min num n count len length limit size budget per id ids type pad eos bos sep cls mask unk special " +
    "class image vocab index next start end stop new prompt text"
  ).split(" "),
);
const NOT_KEY = new Set(
  "public primary foreign sort cache partition group hash dict index order join fingerprint".split(" "),
);

type CredentialClass = "password" | "secret";

function credentialClass(name: string): CredentialClass | undefined {
  // The shell's working directories.
  if (name === "PWD" || name === "OLDPWD") return undefined;
  const words = wordsOf(name);
  const has = (set: ReadonlySet<string>) => words.some((word) => set.has(word));
  if (has(PASSWORD_WORDS)) return "password";
  if (has(SECRET_WORDS)) return "secret";
  if (words.includes("token") && !has(NOT_TOKEN)) return "secret";
  if (words.includes("tokens") && (words.includes("api") || words.includes("access"))) return "secret";
  if ((words.includes("key") || words.includes("keys")) && !has(NOT_KEY)) return "secret";
  return undefined;
}

/** `dbPassword`, `DB_PASSWORD` and `db-password` are the same words. */
function wordsOf(name: string): string[] {
  return name
    .slice(0, 200)
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

/** Words and small numbers joined by punctuation: a name that somebody gave, such as `bert-base-uncased-v2`. */
const SLUG = /^[A-Za-z]+(?:[-_./:]+(?:[A-Za-z]+|v?\d{1,3}))*$/;

function isPlaceholder(value: string): boolean {
  return /^[$<{%*]/.test(value) || value === "" || /^[*x.]+$/i.test(value);
}

function isPathOrAddress(value: string): boolean {
  return /^(?:\.{0,2}\/|~\/)/.test(value) || value.includes("://") || /^[\w./-]+\.[a-z]{1,5}$/.test(value);
}

/** Shannon entropy in bits a character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

const KNOWN = new RegExp(
  `(?<![A-Za-z0-9_])(?:${[
    "sk-[A-Za-z0-9_-]{20,}",
    "[sr]k_(?:live|test)_[A-Za-z0-9]{20,}",
    "gh[pousr]_[A-Za-z0-9]{36,}",
    "github_pat_[A-Za-z0-9_]{22,}",
    "glpat-[A-Za-z0-9_-]{20,}",
    "hf_[A-Za-z0-9]{30,}",
    "(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    "xox[abeprs]-[A-Za-z0-9-]{10,}",
    "AIza[A-Za-z0-9_-]{35}",
    "eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}",
    "npm_[A-Za-z0-9]{36}",
    "pypi-[A-Za-z0-9_-]{50,}",
    "dckr_pat_[A-Za-z0-9_-]{20,}",
    "SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}",
    "r8_[A-Za-z0-9]{30,}",
    "-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)",
  ].join("|")})`,
  "g",
);
