import { mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages } from "@vllm-tooling/install";

const packages = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * The frameworks of docs/frameworks.md, at the versions that the page was written with.
 *
 * @returns an empty folder, from which they are found, and our packages' sources
 */
export async function installFrameworks(): Promise<string> {
  const installed = await installPackages("frameworks", {
    "@ai-sdk/openai-compatible": "2.0.92",
    "@anthropic-ai/sdk": "1.14.0",
    "@langchain/core": "1.4.0",
    "@langchain/openai": "1.6.0",
    "@llamaindex/openai": "0.4.22",
    "@llamaindex/workflow": "1.1.24",
    "@mastra/core": "1.71.0",
    "@openai/agents": "0.20.0",
    ai6: "npm:ai@6.0.325",
    llamaindex: "0.12.1",
    openai: "7.57.0",
    zod: "4.6.7",
  });
  const folder = mkdtempSync(join(installed, "run-"));
  mkdirSync(join(folder, "node_modules/@vllm"), { recursive: true });
  for (const name of ["bridge", "client", "discovery", "schema", "transport"])
    symlinkSync(join(packages, name), join(folder, "node_modules/@vllm", name));
  return folder;
}
