import type { Connection, ConnectOptions } from "../connect/connect.ts";
import { connect } from "../connect/connect.ts";
import type { Agent } from "../conversation/agent.ts";
import { createAgentTools } from "../tools/create-tools.ts";
import { createSession } from "./create-session.ts";
import { toExitCode } from "./exit-code.ts";
import type { RunEvent } from "./run-event.ts";
import { toErrorEvent } from "./to-error-event.ts";

const SYSTEM = [
  "You are a helpful assistant in a terminal, working in the folder of a project.",
  "Look at its files with your tools before you say anything about them; paths are relative to the folder. You can read, not write.",
  "Use the calculator for every calculation and the clock for the time.",
  "Answer briefly, in plain text.",
].join(" ");

export interface RunAgentOptions extends Omit<ConnectOptions, "startEmbedded"> {
  /** What the file tools may look at. */
  folder: string;
}

/**
 * Connects and hands an agent over the folder to `task`. A failure on the way is told to `emit`.
 *
 * @returns the exit code
 */
export async function runAgent(
  options: RunAgentOptions,
  emit: (event: RunEvent) => void,
  task: (agent: Agent, connection: Connection) => Promise<number>,
): Promise<number> {
  let connection: Connection | undefined;
  try {
    connection = await connect(options, emit);
    const agent = createSession(connection, { system: SYSTEM, tools: await createAgentTools(options.folder) });
    return await task(agent, connection);
  } catch (error) {
    emit(options.signal.aborted ? { type: "stopped" } : toErrorEvent(error));
    return toExitCode(error);
  } finally {
    await connection?.close();
  }
}
