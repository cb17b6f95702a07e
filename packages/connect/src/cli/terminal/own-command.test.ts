import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { toOwnCommand, toOwnCommands } from "./own-command.ts";

const NPX = "/root/.npm/_npx/9c7067c5737e830f/node_modules";
const SCRIPT = { npm_command: "run-script", npm_lifecycle_event: "vllm-connect" };
const PNPM = { ...SCRIPT, npm_config_user_agent: "pnpm/12.21.0 npm/? node/? linux x64" };

// The variables are those that npm 11.19, npx and pnpm 12.21 set.
test.each([
  ["installed", {}, "/usr/local/bin/vllm-connect", "vllm-connect"],
  ["installed, started in a script of another name", { ...SCRIPT, npm_lifecycle_event: "test" }, "/x", "vllm-connect"],
  ["fetched by npx", {}, `${NPX}/.bin/vllm-connect`, "npx @vllm/connect"],
  ["fetched by npx on Windows", {}, String.raw`C:\npm-cache\_npx\9c\node_modules\x.js`, "npx @vllm/connect"],
  ["npx, of a project that has it", { npm_command: "exec" }, "/p/node_modules/.bin/vllm-connect", "npx @vllm/connect"],
  ["the script", { ...PNPM, npm_execpath: "/usr/lib/pnpm.cjs" }, "main.ts", "pnpm vllm-connect"],
  [
    "the script, pnpm fetched by npx",
    { ...PNPM, npm_execpath: `${NPX}/pnpm/pnpm` },
    "main.ts",
    "npx --yes pnpm@12 vllm-connect",
  ],
  [
    "the script, by npm",
    { ...SCRIPT, npm_config_user_agent: "npm/11.19.1 node/v24 linux x64" },
    "main.ts",
    "npm run vllm-connect --",
  ],
])("%s", (_how, env, program, expected) => {
  expect(toOwnCommand(env, program)).toBe(expected);
});

test("commands in a text are written as this program was started, for the agent and the file that were named", () => {
  const text =
    "Run npx @vllm/connect sync --provider vllm-b, then npx @vllm/connect bridge; see npx @vllm/connect --help.";
  expect(toOwnCommands(text, "pnpm vllm-connect", {})).toBe(
    "Run pnpm vllm-connect sync --provider vllm-b, then pnpm vllm-connect bridge; see pnpm vllm-connect --help.",
  );
  expect(toOwnCommands(text, "vllm-connect", { agent: "openclaw", configPath: "/my files/c.json" })).toBe(
    "Run vllm-connect sync --agent openclaw --config '/my files/c.json' --provider vllm-b, then vllm-connect bridge; see vllm-connect --help.",
  );
  expect(toOwnCommands("npx @vllm/connect sync --agent openclaw", "vllm-connect", { agent: "openclaw" })).toBe(
    "vllm-connect sync --agent openclaw",
  );
  expect(toOwnCommands("npx @vllm/connect sync --help", "vllm-connect", { agent: "openclaw" })).toBe(
    "vllm-connect sync --help",
  );
});

test("commands that ask a server repeat the certificates, which they would fail without", () => {
  const options = { caPath: "/etc/our ca.pem", agent: "openclaw" } as const;
  const written = (text: string) => toOwnCommands(text, "vllm-connect", options);
  expect(written("npx @vllm/connect doctor --active, or npx @vllm/connect undo")).toBe(
    "vllm-connect doctor --agent openclaw --ca-file '/etc/our ca.pem' --active, or vllm-connect undo --agent openclaw",
  );
  expect(written("npx @vllm/connect launch claude -- -p hi")).toBe(
    "vllm-connect launch --ca-file '/etc/our ca.pem' claude -- -p hi",
  );
  expect(written("npx @vllm/connect bridge --upstream https://gpu/v1 --ca-file /a.pem\nnpx @vllm/connect top")).toBe(
    "vllm-connect bridge --upstream https://gpu/v1 --ca-file /a.pem\nvllm-connect top --ca-file '/etc/our ca.pem'",
  );
  expect(written("npx @vllm/connect --help, npx @vllm/connect where")).toBe(
    "vllm-connect --help, vllm-connect where --agent openclaw",
  );
});

test.each(["bridge", "coderclaw-adapter", "connect"])(
  "every text of %s writes a command in the form that is replaced",
  (name) => {
    const folder = new URL(`../../../../${name}/src/`, import.meta.url).pathname;
    const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
    );
    const written = sources.flatMap((file) =>
      readFileSync(join(folder, file), "utf8")
        .split("\n")
        .filter((line) => !/^\s*(?:\/\*|\*|\/\/)/.test(line))
        .filter((line) => /vllm-connect (?:setup|doctor|models|sync|undo|where|init-plugin|bridge)\b/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(sources.length).toBeGreaterThan(10);
    expect(written).toEqual([]);
  },
);
