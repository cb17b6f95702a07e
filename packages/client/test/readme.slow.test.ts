import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { VLLM_ERROR_CODES } from "@vllm/client";
import { expect, onTestFinished, test } from "vitest";
import { serveScript, type ScriptedAnswer } from "./support/scripted-server.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
let section = "";
const programs = [...readme.matchAll(/^## (.+)$|```ts\n([\s\S]*?)```/gm)].flatMap(([, heading, code]) => {
  section = heading ?? section;
  return code === undefined ? [] : [{ section, code }];
});
const [{ code: first } = { code: "" }] = programs;
const programOf = (heading: string) => programs.find((each) => each.section === heading)?.code ?? "";

/** Runs a program as somebody would who pasted it into a file. */
function run(program: string, environment: Record<string, string>): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--conditions=@vllm/source", "--input-type=module-typescript", "--eval", program],
      { cwd: import.meta.dirname, env: { ...process.env, ...environment } },
      (_, stdout, stderr) => resolve({ stdout, stderr }),
    );
  });
}

test("the first program works as it stands", async () => {
  const server = await startFakeVllm({ scenario: "hello", apiKey: "sk-1" });
  const { stdout, stderr } = await run(first, { VLLM_BASE_URL: server.baseUrl, VLLM_API_KEY: "sk-1" });
  await server.close();
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^\n\nHello there! How can I help you today\?/);
  expect(stdout).toMatch(/reasoning: '\\nThe user greets me/);
  expect(stdout).toContain("prompt_tokens: 16");
});

test("and tells what to do when no server is there", async () => {
  const { stderr } = await run(first, { VLLM_BASE_URL: "http://127.0.0.1:1", VLLM_API_KEY: "" });
  expect(stderr).toMatch(/^SERVER_UNREACHABLE: Nothing listens at 127\.0\.0\.1:1.*\n.*vllm serve/);
});

test("every program compiles as it stands", async () => {
  const folder = mkdtempSync(join(import.meta.dirname, ".readme-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [index, { code }] of programs.entries()) writeFileSync(join(folder, `${index}.ts`), code);
  const tsconfig = { extends: "../../../../tsconfig.base.json", include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
  const tsc = fileURLToPath(new URL("../lib/tsc.js", import.meta.resolve("typescript")));
  const output = await new Promise<string>((resolve) =>
    execFile(process.execPath, [tsc, "-p", folder], (error, stdout) => resolve(error === null ? "fine" : stdout)),
  );
  expect(programs.length).toBeGreaterThan(5);
  expect(output).toBe("fine");
});

const says = (text: string): ScriptedAnswer => answers({ content: text }, "stop");
const answers = (delta: object, finish_reason: string): ScriptedAnswer => ({
  body: [
    { id: "chatcmpl-1", model: "m", choices: [{ index: 0, delta, finish_reason }] },
    { choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } },
  ],
});

test.each<[string, ScriptedAnswer[], string]>([
  [
    "Tools",
    [
      answers(
        {
          tool_calls: ["Paris", "Rome"].map((city, index) => ({
            index,
            id: `call-${index}`,
            type: "function",
            function: { name: "get_weather", arguments: JSON.stringify({ city }) },
          })),
        },
        "tool_calls",
      ),
      says("Sunny in Paris, rain in Rome."),
    ],
    'get_weather: "18 °C, sunny"\nget_weather: "22 °C, rain"\nSunny in Paris, rain in Rome.{ prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 }\n',
  ],
  ["Several turns", [says("Goethe."), says("In 1749.")], "Goethe.\nIn 1749.\n"],
  ["Images", [says("A lighthouse.")], "A lighthouse.\n"],
  ["Structured output", [says('{"city":"Paris","population":2100000}')], "Paris 2100000\n"],
])("the program of %s works as it stands", async (section, script, expected) => {
  const server = await serveScript(...script);
  const folder = mkdtempSync(join(tmpdir(), "readme-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const photo = join(folder, "photo.png");
  writeFileSync(photo, "not really");
  const program = programOf(section)
    .replace("createVllmClient()", 'createVllmClient({ model: "m" })')
    .replace('"photo.png"', JSON.stringify(photo));
  const { stdout, stderr } = await run(program, { VLLM_BASE_URL: server.baseUrl, VLLM_API_KEY: "" });
  expect(stderr).toBe("");
  expect(stdout).toBe(expected);
});

test("every error code that a reply can end with is explained", () => {
  const missing = VLLM_ERROR_CODES.filter((code) => !readme.includes(`\`${code}\``));
  expect(missing).toEqual(["SERVER_STARTING"]);
});
