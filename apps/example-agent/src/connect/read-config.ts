import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { detectAgent, findProfileKey, readAgentConfig } from "@vllm/coderclaw-adapter";
import type { HostConfig } from "@vllm/schema";
import { ConfigError, DEFAULTS, parseHostConfig } from "@vllm/schema";

type Environment = Readonly<Record<string, string | undefined>>;

/** An agent's config as the agent sees it: includes put in, its `.env` file read, its stored key found. */
export interface AgentSettings {
  config: HostConfig;
  /** The process's variables, the agent's `.env` file and the config's own `env` section. */
  env: Environment;
  /** The key in the agent's auth profile for vLLM. */
  profileKey: string | undefined;
}

/**
 * Reads an agent's config file by the agent's own rules. Nothing is written.
 *
 * @throws {ConfigError} with every problem, also when the file cannot be read.
 */
export async function readConfig(file: string, processEnv: Environment): Promise<AgentSettings> {
  const text = await readText(file);
  const { location } = detectAgent({ env: processEnv, homeDirectory: homedir() }, { configPath: file });
  const agent = await readAgentConfig(location, processEnv).catch((error: unknown) => {
    // Throws first where the text itself is bad: all its problems at once, unset variables among them.
    parseHostConfig(text, { env: processEnv, path: file });
    throw error;
  });
  // The file's own text where it is whole, so that a problem is named with its line.
  const whole = agent.includedFiles.length === 0 ? text : JSON.stringify(agent.value);
  const config = parseHostConfig(whole, { env: agent.env, path: file });
  return { config, env: agent.env, profileKey: findProfileKey(agent.profiles, DEFAULTS.providerId) };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const received =
      code === "ENOENT" ? "no file" : code === "EISDIR" ? "a folder" : `a file that cannot be read (${String(code)})`;
    throw new ConfigError({
      message: `The config ${file} cannot be read: ${received} at this path.`,
      hint: "Give --config the path of a coderclaw.json (JSON5), or leave it out to use VLLM_BASE_URL and VLLM_API_KEY.",
      issues: [{ path: "", received, accepted: "a JSON5 file", fix: "Correct the path given to --config." }],
      cause: error,
    });
  }
}
