import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readExamples } from "@vllm-tooling/contract/examples";

export const examples = readExamples(fileURLToPath(new URL("../../examples", import.meta.url)));

export interface Ran {
  stdout: string;
  stderr: string;
}

/** Runs a program of docs/frameworks.md, with the address of a server instead of the one that is written. */
export function runExample(folder: string, name: string, baseUrl: string): Promise<Ran> {
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, examples.read(name).replaceAll("http://gpu1:8000", baseUrl.replace(/\/v1$/, "")));
  const env = { ...process.env, MASTRA_TELEMETRY_DISABLED: "1", LANGCHAIN_TRACING_V2: "false" };
  return new Promise((resolve) => {
    const options = { cwd: folder, env, timeout: 100_000 };
    const parameters = ["--conditions=@vllm/source", "--disable-warning=ExperimentalWarning", file];
    execFile(process.execPath, parameters, options, (_, stdout, stderr) => resolve({ stdout, stderr }));
  });
}
