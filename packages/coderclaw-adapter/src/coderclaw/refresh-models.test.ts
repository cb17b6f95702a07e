import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { verifies } from "@vllm-tooling/contract";
import { HOME_KINDS, piModelsFile, toUsedPath, writeUsedHome } from "@vllm-tooling/agent-homes";
import { createModelRefresh } from "./refresh-models.ts";

let home: string;
let path: string;

afterEach(() => rm(home, { recursive: true, force: true }));

const served: typeof fetch = async (input) => {
  const url = input instanceof Request ? input.url : String(input);
  const isList = url === "http://gpu1:9000/v1/models";
  const body = isList ? { data: [{ id: "org/m", max_model_len: 65_536 }] } : { detail: "Not Found" };
  return Response.json(body, { status: isList ? 200 : 404 });
};

async function refresh(): Promise<string[]> {
  const warnings: string[] = [];
  const env = { HOME: home, PATH: "", VLLM_API_KEY: "sk-secret", VLLM_BASE_URL: "http://gpu1:9000/v1" };
  const surroundings = { env, homeDirectory: home };
  const warn = (message: string): void => void warnings.push(message);
  await createModelRefresh({ config: {}, surroundings, warn, fetch: served })();
  return warnings;
}

async function write(content: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(content));
}

const other = { baseUrl: "x", apiKey: "k", api: "openai-completions", models: [{ id: "o" }], future: [1] };

describe.each(HOME_KINDS)("the refresh of models.json, in $kind", ({ used }) => {
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "adapter-refresh-"));
    const name = ".coderclaw/agents/main/agent/models.json";
    path = join(home, used ? toUsedPath(name) : name);
    if (used) await writeUsedHome(home, "coderclaw");
  });

  verifies("agent/coderclaw/models-json-kept", async () => {
    await write({ future: true, providers: { other, vllm: { baseUrl: "old", apiKey: "k", api: "a", models: [] } } });
    await chmod(path, 0o644);
    expect(await refresh()).toEqual([]);
    const text = await readFile(path, "utf8");
    expect(JSON.parse(text)).toMatchObject({
      future: true,
      providers: {
        other,
        vllm: {
          baseUrl: "http://gpu1:9000/v1",
          apiKey: "VLLM_API_KEY",
          models: [{ id: "org/m", contextWindow: 65_536 }],
        },
      },
    });
    expect(text).not.toContain("sk-secret");
    const first = await stat(path);
    expect(first.mode & 0o777).toBe(0o600);
    expect(await refresh()).toEqual([]);
    expect((await stat(path)).ino).toBe(first.ino);
  });

  verifies("agent/coderclaw/models-json-valid", "a new file", async () => {
    expect(await refresh()).toEqual([]);
    piModelsFile.parse(JSON.parse(await readFile(path, "utf8")));
  });

  const model = { id: "m" };
  verifies.each(
    "agent/coderclaw/models-json-valid",
    [
      ["left alone: models without a key", { baseUrl: "x", api: "a", models: [model] }],
      ["left alone: models without an address", { apiKey: "k", api: "a", models: [model] }],
      ["left alone: models without an api", { baseUrl: "x", apiKey: "k", models: [model] }],
      ["left alone: an empty key", { baseUrl: "x", apiKey: "", api: "a", models: [model] }],
      [
        "left alone: a cost of three numbers",
        { ...other, models: [{ ...model, cost: { input: 0, output: 0, cacheRead: 0 } }] },
      ],
      ["left alone: a window of zero", { ...other, models: [{ ...model, contextWindow: 0 }] }],
      ["left alone: neither models nor address", { apiKey: "k" }],
    ],
    async ([, broken]) => {
      const content = { providers: { broken } };
      await write(content);
      expect(await refresh()).toEqual([expect.stringContaining("left as it is")]);
      expect(JSON.parse(await readFile(path, "utf8"))).toEqual(content);
    },
  );

  verifies.each(
    "agent/coderclaw/models-json-valid",
    [
      ["extended: an api for each model", { baseUrl: "x", apiKey: "k", models: [{ ...model, api: "a" }] }],
      ["extended: an address alone", { baseUrl: "x" }],
      ["extended: overrides alone", { modelOverrides: {} }],
    ],
    async ([, fine]) => {
      await write({ providers: { fine } });
      expect(await refresh()).toEqual([]);
      expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ providers: { fine, vllm: { models: [{}] } } });
    },
  );
});
