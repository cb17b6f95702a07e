import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readPackages } from "./workspace.ts";

const packages = readPackages();
const byName = (name: string) => packages.find(({ manifest }) => manifest.name === name)!.manifest;

/** Literals on purpose: what is published changes here, by a decision, or not at all. */
const published: Readonly<Record<string, { exports: readonly string[]; dependencies: readonly string[] }>> = {
  "@vllm/ai-sdk-provider": {
    exports: [".", "./package.json"],
    dependencies: ["@ai-sdk/provider", "@types/json-schema", "@vllm/client", "@vllm/schema"],
  },
  "@vllm/schema": {
    exports: [".", "./core", "./internal", "./internal/page", "./internal/refusal", "./package.json"],
    dependencies: ["json5", "zod"],
  },
  "@vllm/transport": {
    exports: [".", "./internal", "./package.json"],
    dependencies: ["@vllm/schema"],
  },
  "@vllm/discovery": {
    exports: [".", "./file-store", "./internal", "./package.json"],
    dependencies: ["@vllm/schema", "@vllm/transport"],
  },
  "@vllm/client": {
    exports: [".", "./openai", "./package.json", "./run"],
    dependencies: ["@vllm/schema", "@vllm/transport"],
  },
  "@vllm/bridge": {
    exports: [".", "./fetch", "./internal", "./package.json"],
    dependencies: ["@vllm/client", "@vllm/discovery", "@vllm/schema", "@vllm/transport"],
  },
  "@vllm/coderclaw-adapter": {
    exports: [".", "./internal", "./package.json"],
    dependencies: ["@vllm/client", "@vllm/discovery", "@vllm/schema", "json5", "write-file-atomic", "zod"],
  },
  "@vllm/connect": {
    exports: ["./package.json"],
    dependencies: [
      "@clack/prompts",
      "@vllm/bridge",
      "@vllm/coderclaw-adapter",
      "@vllm/discovery",
      "@vllm/schema",
      "@vllm/transport",
      "commander",
      "diff",
      "json5",
      "picocolors",
      "string-width",
      "zod",
    ],
  },
};

/**
 * Conditions of packages with code for Node. Bun and Deno know "node", too, so they come before it; bundlers for workers, edges and
 * browsers would otherwise take the default.
 */
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  "@vllm/transport": ["bun", "deno", "node", "workerd", "edge-light", "browser"],
};

function entriesOf(exports: object | undefined): [string, Record<string, string>][] {
  return Object.entries(exports ?? {}).filter(([key]) => key !== "./package.json") as [
    string,
    Record<string, string>,
  ][];
}

test("only Node, and what nobody knows, loads our own HTTP", () => {
  for (const [, { "@vllm/source": _source, types: _types, ...files }] of entriesOf(byName("@vllm/transport").exports)) {
    const loading = Object.entries(files).filter(([, file]) => !file.startsWith("./dist/portable/"));
    expect(loading.map(([condition]) => condition)).toEqual(["node", "default"]);
  }
});

describe("the workspace", () => {
  test("is these packages and no others", () => {
    expect(Object.fromEntries(packages.map(({ folder, manifest }) => [folder, manifest.name]))).toEqual({
      "apps/example-agent": "example-agent",
      "packages/ai-sdk-provider": "@vllm/ai-sdk-provider",
      "packages/bridge": "@vllm/bridge",
      "packages/client": "@vllm/client",
      "packages/coderclaw-adapter": "@vllm/coderclaw-adapter",
      "packages/connect": "@vllm/connect",
      "packages/discovery": "@vllm/discovery",
      "packages/schema": "@vllm/schema",
      "packages/transport": "@vllm/transport",
      "tooling/agent-homes": "@vllm-tooling/agent-homes",
      "tooling/bench": "@vllm-tooling/bench",
      "tooling/build": "@vllm-tooling/build",
      "tooling/contract": "@vllm-tooling/contract",
      "tooling/fake-vllm": "@vllm-tooling/fake-vllm",
      "tooling/fixtures": "@vllm-tooling/fixtures",
      "tooling/install": "@vllm-tooling/install",
      "tooling/scripts": "@vllm-tooling/scripts",
      "tooling/vllm-lab": "@vllm-tooling/vllm-lab",
    });
  });

  test("publishes packages/ and nothing else", () => {
    const open = packages.filter(({ manifest }) => manifest.private !== true).map(({ folder }) => folder);
    expect(open).toEqual(
      Object.keys(published)
        .map((name) => name.replace("@vllm", "packages"))
        .toSorted(),
    );
  });
});

test("every version is named once, in the catalog of pnpm-workspace.yaml", () => {
  const named = packages.flatMap(({ folder, manifest }) =>
    Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
      .filter(([, version]) => version !== "catalog:" && version !== "workspace:*")
      .map(([name, version]) => `${folder}/package.json asks for ${name} ${version}: write "catalog:"`),
  );
  expect(named).toEqual([]);
});

test("the lockfile has the native parts for macOS wherever it has those for Linux", () => {
  const lockfile = readFileSync(new URL("../../../pnpm-lock.yaml", import.meta.url), "utf8");
  const names = [...lockfile.matchAll(/^ {2}'?(@?[^@'\s]+)@/gm)].map((match) => match[1]!);
  const families = new Set(names.filter((name) => name.includes("linux-")).map((name) => name.split("linux-")[0]!));
  expect(families.size).toBeGreaterThan(5);
  const missing = [...families].filter((family) => !names.some((name) => name.startsWith(`${family}darwin-`)));
  expect(missing).toEqual([]);
});

test("the version that our packages read is the one in every package.json", () => {
  const text = readFileSync(new URL("../../../packages/schema/src/version.ts", import.meta.url), "utf8");
  const versions = new Set(
    packages.filter(({ folder }) => folder.startsWith("packages/")).map(({ manifest }) => manifest.version),
  );
  expect([...versions]).toEqual([/VERSION = "([^"]*)"/.exec(text)?.[1]]);
});

describe.each(Object.entries(published))("%s", (name, { exports, dependencies }) => {
  const manifest = byName(name);

  test("exports exactly its entries", () => {
    expect(Object.keys(manifest.exports ?? {}).toSorted()).toEqual(exports);
  });

  test("depends at run time on exactly these, each weighed", () => {
    expect(Object.keys(manifest.dependencies ?? {}).toSorted()).toEqual(dependencies);
  });

  test("publishes its build, and no source", () => {
    expect(manifest.files).toContain("dist");
    expect(manifest.files?.filter((file) => file.startsWith("src"))).toEqual([]);
    expect(manifest.sideEffects).toBe(false);
  });

  test("each entry gives source to the workspace first, then types, then code", () => {
    const expected = ["@vllm/source", "types", ...(RUNTIMES[name] ?? []), "default"];
    for (const [key, conditions] of entriesOf(manifest.exports)) {
      expect(Object.keys(conditions), `${name} ${key}`).toEqual(expected);
    }
  });

  test("what is published is the same without the source", () => {
    const entries = entriesOf(manifest.exports).map(([key, { "@vllm/source": _source, ...rest }]) => [key, rest]);
    expect(entriesOf(manifest.publishConfig?.exports)).toEqual(entries);
  });
});
