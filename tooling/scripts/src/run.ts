import { spawn } from "node:child_process";
import { repositoryRoot } from "./repository.ts";

export interface RunResult {
  code: number;
  output: string;
}

/** Runs a command to its end and returns what it printed. */
export function run(
  command: string,
  parameters: readonly string[],
  options: { directory?: string; env?: Record<string, string>; show?: boolean } = {},
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      cwd: options.directory ?? repositoryRoot,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
      if (options.show === true) process.stdout.write(chunk);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code: code ?? (signal === null ? 1 : 128), output }));
  });
}
