import { run } from "../run.ts";

/** Finds a command of the installed packages. */
export type Bin = (name: string) => string;

/** Runs the flow in a project folder and gives what came out, once for each time it ran. */
export type Runtime = (project: string) => Promise<unknown[]>;

/** A program of a runtime that is started like Node. */
export function program(command: string, ...parameters: string[]): Runtime {
  return async (project) => {
    const { code, output } = await run(command, [...parameters, "program.mjs"], { directory: project });
    if (code !== 0) throw new Error(`it ended with exit code ${code}:\n${output}`);
    return [JSON.parse(output)];
  };
}
