import { installPackages } from "@vllm-tooling/install";

/**
 * CoderClaw's engine as CoderClaw pins it, and the AI SDK that the peers were measured with.
 *
 * @returns the folder with their `node_modules`.
 */
export function installEngine(): Promise<string> {
  return installPackages("engine", {
    "@ai-sdk/openai-compatible": "3.0.92",
    "@mariozechner/pi-agent-core": "0.54.0",
    "@mariozechner/pi-ai": "0.54.0",
    ai: "7.0.173",
  });
}
