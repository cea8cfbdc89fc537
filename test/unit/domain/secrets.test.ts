import assert from "node:assert/strict";
import { test } from "node:test";
import {
  maskAddresses,
  maskCommand,
  maskConfig,
  maskText,
  maskVariables,
} from "../../../src/domain/secrets.ts";

const TOKEN = "a9F3kQ7xLm20PzR8vT5w";
const HEX = "3f2a9c81d04be7765a1c90ffe2b3d418";

test("values are masked when the name says credential and the value looks random", () => {
  const masked: string[] = [];
  const config = maskConfig(
    {
      api_key: TOKEN,
      nested: { wandbApiKey: HEX, lr: 0.1 },
      list: [{ secret: TOKEN }],
      dbPassword: "hunter22",
    },
    (name) => masked.push(name),
  );
  assert.deepEqual(config, {
    api_key: "***",
    nested: { wandbApiKey: "***", lr: 0.1 },
    list: [{ secret: "***" }],
    dbPassword: "***",
  });
  assert.deepEqual(masked, ["api_key", "wandbApiKey", "secret", "dbPassword"]);
});

test("ordinary settings are never masked", () => {
  const config = {
    max_tokens: 4096,
    tokenizer: "bert-base-uncased-tokenizer-v2",
    max_new_tokens: "4096",
    eos_token: "<|endoftext|>",
    pad_token_id: "50256abcdef1234567890",
    token: "bert-base-uncased-v2",
    primary_key: HEX,
    sort_key: "created_at_descending_2",
    commit: "46228b1eacbde2a9aa81b4dffe5b412869b846c4",
    secret_file: "/run/secrets/db_password_2024",
    api_key: "$OPENAI_API_KEY_FROM_ENV1",
    password: "",
    keyboard: TOKEN,
    monkey: TOKEN,
  };
  assert.deepEqual(maskConfig(config), config);
});

test("environment variables", () => {
  const variables = {
    HF_TOKEN: TOKEN,
    AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1",
    KAGGLE_KEY: HEX,
    PWD: "/home/someone/project9aF3kQ7",
    OLDPWD: "/home/a9F3kQ7xLm20PzR8vT5w",
    SSH_AUTH_SOCK: "/tmp/ssh-a9F3kQ7xLm20/agent.12",
    TOKENIZERS_PARALLELISM: "false",
    DATABASE_URL: "postgres://me:pa55@db:5432/x",
    PATH: "/usr/bin:/bin",
  };
  assert.deepEqual(maskVariables(variables), {
    ...variables,
    HF_TOKEN: "***",
    AWS_SECRET_ACCESS_KEY: "***",
    KAGGLE_KEY: "***",
    DATABASE_URL: "postgres://me:***@db:5432/x",
  });
});

test("commands keep their shape", () => {
  assert.deepEqual(maskCommand(["python", "t.py", "--api-key", TOKEN, `--token=${TOKEN}`, "--lr", "0.1"]), [
    "python",
    "t.py",
    "--api-key",
    "***",
    "--token=***",
    "--lr",
    "0.1",
  ]);
  assert.equal(
    maskCommand(`API_KEY=${TOKEN} python t.py --flag --password 'hunter22' --epochs 3`),
    "API_KEY=*** python t.py --flag --password '***' --epochs 3",
  );
  assert.equal(
    maskText(`curl -H "Authorization: Bearer ${TOKEN}" 'https://h/x?access_token=${TOKEN}&page=2'`),
    `curl -H "Authorization: Bearer ***" 'https://h/x?access_token=***&page=2'`,
  );
  const harmless =
    "python train.py --max-tokens 512 --tokenizer bert-base-uncased lr=0.1 2>&1 | tee log-2026-01-01.txt";
  assert.equal(maskCommand(harmless), harmless);
});

test("addresses lose passwords and tokens, nothing else", () => {
  assert.equal(maskAddresses("https://me:p@ss:w@host/x"), "https://me:***@host/x");
  assert.equal(maskAddresses(`https://${TOKEN}@host/x`), "https://***@host/x");
  for (const plain of [
    "https://host:8080/@scope/x",
    "ssh://git@host/x.git",
    "https://host/x?a=b@c",
    "http://h/x",
    "s3://bucket/key",
  ]) {
    assert.equal(maskAddresses(plain), plain);
  }
});

test("tokens of well-known services are masked under any name", () => {
  const github = `ghp_${"a1B2".repeat(9)}`;
  assert.deepEqual(maskConfig({ model: `sk-${"abcD1".repeat(5)}`, note: `use ${github} here` }), {
    model: "***",
    note: "use *** here",
  });
  assert.deepEqual(
    maskConfig({ cert: "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n" }),
    {
      cert: "***\n",
    },
  );
});

test("a key named __proto__ stays a key", () => {
  const config = JSON.parse('{"__proto__": {"api_key": "x"}}');
  assert.equal(JSON.stringify(maskConfig(config)), '{"__proto__":{"api_key":"x"}}');
});

test("long texts take linear time", () => {
  const long = `${"a".repeat(200_000)} ${"a-".repeat(100_000)} ${"://".repeat(50_000)} ${"a:b@".repeat(50_000)}`;
  assert.equal(typeof maskText(long), "string");
});
