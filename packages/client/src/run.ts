export { runTools } from "./run/run-tools.ts";
export type { ToolRun } from "./run/run-tools.ts";
export type { RunState, RunToolsOptions, RunToolsParams } from "./run/run-params.ts";
export type {
  HistoryTrimmedEvent,
  RunDoneEvent,
  RunEvent,
  RunResult,
  RunStop,
  StepEvent,
  ToolResultEvent,
} from "./run/run-events.ts";
