import { execFile } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { parseHostConfig } from "@vllm/schema";
import { describe, expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../../..");
const scripts = Object.keys(
  (JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { scripts: object }).scripts,
);

interface CodeBlock {
  file: string;
  line: number;
  language: string;
  code: string;
}

function codeBlocks(): CodeBlock[] {
  const files = globSync(["*.md", "docs/*.md", "{packages,apps,tooling}/*/README.md"], { cwd: root }).toSorted();
  return files.flatMap((file) => {
    const text = readFileSync(path.join(root, file), "utf8");
    return [...text.matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm)].map((match) => ({
      file,
      line: text.slice(0, match.index).split("\n").length,
      language: match[1] ?? "",
      code: match[2] ?? "",
    }));
  });
}

const blocks = codeBlocks();

describe("code blocks in the docs", () => {
  test("every ts block compiles against the packages' public entries", async () => {
    // Inside the app, so that the imports resolve as a user's would.
    const folder = path.join(import.meta.dirname, ".docs");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    try {
      // What docs/frameworks.md needs is hundreds of MB: `pnpm test:frameworks` installs and compiles it.
      const typescript = blocks.filter(({ language, file }) => language === "ts" && file !== "docs/frameworks.md");
      expect(typescript.length).toBeGreaterThanOrEqual(3);
      for (const [index, block] of typescript.entries()) {
        const name = `${index}-${block.file.replaceAll(/\W+/g, "-")}-line-${block.line}.ts`;
        writeFileSync(path.join(folder, name), `${block.code}\nexport {};\n`);
      }
      writeFileSync(
        path.join(folder, "tsconfig.json"),
        JSON.stringify({
          extends: "../../../../tsconfig.base.json",
          compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
          include: ["*.ts"],
        }),
      );
      const tsc = path.join(root, "node_modules/.bin/tsc");
      const { stdout } = await promisify(execFile)(tsc, ["-p", folder]).catch((error: { stdout: string }) => error);
      expect(stdout).toBe("");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("every pnpm command in a shell block is a script of the root", () => {
    const commands = blocks
      .filter((block) => block.language === "sh")
      .flatMap((block) =>
        [...block.code.matchAll(/npx --yes pnpm@12 (?:(?:run|--(?:dir|filter) \S+) )*([\w:-]+)/g)].map((match) => ({
          ...block,
          script: match[1] ?? "",
        })),
      );
    expect(commands.length).toBeGreaterThan(0);
    const unknown = commands.filter(
      ({ script }) => !scripts.includes(script) && !["install", "exec", "pack", "add"].includes(script),
    );
    expect(unknown.map(({ file, line, script }) => `${file}:${line} ${script}`)).toEqual([]);
  });

  test("every json5 block is a config the agents accept", () => {
    // The bridge's page shows the bridge's own settings, which the adapter's tests read.
    const isHostConfig = ({ language, file }: CodeBlock) => language === "json5" && file !== "docs/bridge.md";
    for (const block of blocks.filter(isHostConfig)) {
      expect(() =>
        parseHostConfig(block.code, { env: { VLLM_API_KEY: "x" }, path: `${block.file}:${block.line}` }),
      ).not.toThrow();
    }
  });

  test("every relative link leads somewhere", () => {
    const broken = globSync(["*.md", "docs/*.md", "{packages,apps,tooling}/*/README.md"], { cwd: root }).flatMap(
      (file) => {
        const text = readFileSync(path.join(root, file), "utf8").replaceAll(/```[\s\S]*?```/g, "");
        return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
          .map((match) => match[1] ?? "")
          .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(path.join(root, path.dirname(file), target)))
          .map((target) => `${file}: ${target}`);
      },
    );
    expect(broken).toEqual([]);
  });
});
