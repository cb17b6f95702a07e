import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const RUN_TIMEOUT_MS = 240_000;

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
  ms: number;
}

type Variables = Readonly<Record<string, string>>;

/** Runs a command to its end. */
export function runCommand(command: string, words: readonly string[], cwd: string, env: Variables): Promise<Ended> {
  const start = performance.now();
  return new Promise((resolve) => {
    const options = { cwd, env: { ...env }, timeout: RUN_TIMEOUT_MS, maxBuffer: 1 << 26 };
    const child = execFile(command, [...words], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, stdout, stderr, ms: Math.round(performance.now() - start) });
    });
    // Agents add to the question what is piped into them, and wait for its end.
    child.stdin?.end();
  });
}

/** Runs `vllm-connect <words>`. */
export function runAdapter(words: readonly string[], cwd: string, env: Variables): Promise<Ended> {
  return runCommand(process.execPath, ["--conditions=@vllm/source", CLI, ...words], cwd, env);
}

/** The machine's proxies and certificates, and this Node; nothing about vLLM, an agent, or the script that runs this. */
export function agentEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(VLLM|OPENCLAW|CODERCLAW|VITEST|npm_|NODE_OPTIONS|NODE_ENV)/.test(name),
  );
  const env = Object.fromEntries(entries.map(([name, value]) => [name, value ?? ""]));
  return { ...env, PATH: `${dirname(process.execPath)}:${env["PATH"] ?? ""}`, NO_COLOR: "1" };
}
