import type { RunAgentOptions } from "../run/run-agent.ts";
import type { Screen } from "./create-screen.ts";
import type { Interrupts } from "./interrupts.ts";
import type { CommonOptions } from "./parse-command.ts";

/** What a command works with. */
export interface CommandRun {
  connectOptions: RunAgentOptions;
  options: CommonOptions;
  interrupts: Interrupts;
  screen: Screen;
}
