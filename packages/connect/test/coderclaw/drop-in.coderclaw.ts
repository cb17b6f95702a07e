import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { CoderClawHome } from "./coderclaw-home.ts";
import { createCoderClawHome } from "./coderclaw-home.ts";
import type { DropInCopy } from "./drop-in-copy.ts";
import { createDropInCopy, FUNCTION_BY_FUNCTION, IMPLICIT_PROVIDER } from "./drop-in-copy.ts";
import { openCoderClaw } from "./open-coderclaw.ts";
import { agentEnvironment, runCommand } from "../agent-process.ts";
import { HOME_KINDS } from "@vllm-tooling/agent-homes";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import { packPackages } from "../host/pack-packages.ts";
import type { PackageRegistry } from "../host/package-registry.ts";
import { startPackageRegistry } from "../host/package-registry.ts";
import type { Person } from "../terminal.ts";
import { CTRL_U, DOWN, ENTER } from "../terminal.ts";

let product: string;
let scratch: string;
let registry: PackageRegistry;
const start = useFakeServers();

beforeAll(async () => {
  product = await openCoderClaw();
  scratch = await mkdtemp(join(tmpdir(), "adapter-coderclaw-own-"));
  registry = await startPackageRegistry(await packPackages(join(scratch, "tarballs")));
});

afterAll(async () => {
  await registry.close();
  await rm(scratch, { recursive: true, force: true });
});

/** Runs a tool that CoderClaw brings, on its sources or on a copy of them. */
const runTool = (folder: string, ...words: [string, ...string[]]) =>
  runCommand(process.execPath, [join(product, "node_modules", words[0]), ...words.slice(1)], folder, {
    ...agentEnvironment(),
    HOME: scratch,
  });

/** Its test files that have to do with vLLM, by the config that runs them. */
async function findTests(): Promise<Record<string, string[]>> {
  const names = (await readdir(join(product, "src"), { recursive: true })).filter((name) => name.endsWith(".test.ts"));
  const found: string[] = [];
  for (const name of names) {
    const isNear = /models-config\.|auth-choice|model-picker/.test(name) && !name.endsWith(".live.test.ts");
    if (isNear || /vllm/i.test(await readFile(join(product, "src", name), "utf8"))) found.push(`src/${name}`);
  }
  const isEndToEnd = (name: string): boolean => name.endsWith(".e2e.test.ts");
  return {
    "vitest.unit.config.ts": found.filter((name) => !isEndToEnd(name)),
    "vitest.e2e.config.ts": found.filter(isEndToEnd),
  };
}

/** `passed` or `failed` for each of its tests. */
async function runTests(folder: string): Promise<Map<string, string>> {
  const verdicts = new Map<string, string>();
  for (const [config, files] of Object.entries(await findTests())) {
    expect(files, config).not.toEqual([]);
    const output = join(scratch, "report.json");
    const words = ["run", "--config", config, "--reporter=json", `--outputFile=${output}`, ...files];
    const { stderr } = await runTool(folder, "vitest/vitest.mjs", ...words);
    const text = await readFile(output, "utf8").catch(() => Promise.reject(new Error(stderr)));
    await rm(output);
    const report = JSON.parse(text) as {
      testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[];
    };
    for (const { name, assertionResults } of report.testResults)
      for (const { fullName, status } of assertionResults)
        verdicts.set(`${name.replace(`${folder}/`, "")} > ${fullName}`, status);
  }
  return verdicts;
}

/** What its type checker says about its own sources. The bundled extensions are left out: their dependencies are not installed. */
async function checkTypes(folder: string): Promise<string[]> {
  const { stdout } = await runTool(folder, "@typescript/native-preview/bin/tsgo.js", "--noEmit", "-p", "tsconfig.json");
  return stdout.split("\n").filter((line) => line.startsWith("src/"));
}

/** Goes down a menu until the line is the chosen one. */
async function choose(person: Person, line: RegExp): Promise<void> {
  for (let step = 0; step < 30; step += 1) {
    person.type(DOWN);
    const isChosen = await person.see(line, 300).then(
      () => true,
      () => false,
    );
    if (isChosen) return person.type(ENTER);
  }
  throw new Error(`The menu has no ${String(line)}:\n${person.screen().slice(-2000)}`);
}

describe.each([
  { way: "function by function", edits: FUNCTION_BY_FUNCTION },
  { way: "the implicit provider as a whole", edits: IMPLICIT_PROVIDER },
])("CoderClaw with our functions in place of its own: $way", ({ edits }) => {
  let copy: DropInCopy;
  beforeAll(async () => {
    copy = await createDropInCopy(product, { registry, edits });
  });
  afterAll(() => copy.remove());

  test("it compiles", async () => {
    expect(await checkTypes(product)).toEqual([]);
    expect(await checkTypes(copy.folder)).toEqual([]);
  });

  test("its own tests have the verdicts that they have with its own functions", async () => {
    const own = await runTests(product);
    expect(own.size).toBeGreaterThan(100);
    expect([...own.values()].filter((verdict) => verdict === "passed").length).toBeGreaterThan(100);
    expect(await runTests(copy.folder)).toEqual(own);
  });
});

describe.each(HOME_KINDS)("CoderClaw built with our functions, in $kind", ({ used }) => {
  let copy: DropInCopy;
  let home: CoderClawHome;
  beforeAll(async () => {
    copy = await createDropInCopy(product, { registry, edits: IMPLICIT_PROVIDER });
    const { code, stderr } = await runTool(copy.folder, "tsdown/dist/run.mjs");
    expect(code, stderr).toBe(0);
  });
  afterAll(() => copy.remove());
  afterEach(() => home.remove());

  test("implicit discovery has the true windows; without a server the models that were known stay", async () => {
    home = await createCoderClawHome(copy.folder, { used });
    const server = await start({ port: 8000 });
    const list = () =>
      home.coderclaw(["models", "list", "--all", "--provider", "vllm", "--json"], { VLLM_API_KEY: "any" });
    const known = () =>
      home
        .agentFile<{ providers: Record<string, { models: object[] }> }>("models.json")
        .then((file) => file?.providers["vllm"]);
    await list();
    expect(await known()).toMatchObject({ models: [{ id: server.model, contextWindow: 32_768 }] });
    await server.close();
    const { stderr, stdout } = await list();
    expect(stdout + stderr).toMatch(/Nothing listens at 127\.0\.0\.1:8000.*Start the server/);
    expect(await known()).toMatchObject({ models: [{ id: server.model, contextWindow: 32_768 }] });
  });

  test("the vLLM choice of its onboarding finds the models, and stores the key", async () => {
    home = await createCoderClawHome(copy.folder, { used });
    const server = await start({ apiKey: "sk-right" });
    const person = home.openTerminal(["configure", "--section", "model"]);
    await person.see(/Where will the Gateway run/, 60_000);
    person.type(ENTER);
    await person.see(/Model\/auth provider[\s\S]*Skip for now/);
    await choose(person, /● vLLM/);
    await person.see(/vLLM base URL/);
    person.type(`${CTRL_U}${server.baseUrl}${ENTER}`);
    await person.see(/vLLM API key/);
    person.type(`sk-right${ENTER}`);
    await person.see(new RegExp(`vLLM model[\\s\\S]*${server.model} \\(32768 tokens\\)`));
    person.type(ENTER);
    await person.see(/Models in \/model picker/, 60_000);
    person.type(ENTER);
    expect(await person.ended).toBe(0);
    expect(await home.agentFile("auth-profiles.json")).toMatchObject({
      profiles: { "vllm:default": { type: "api_key", provider: "vllm", key: "sk-right" } },
    });
    const { models, agents } = await home.config();
    expect(models?.providers?.["vllm"]?.models).toMatchObject([{ id: server.model, contextWindow: 32_768 }]);
    expect(agents?.defaults?.model?.primary).toBe(`vllm/${server.model}`);
  });
});
