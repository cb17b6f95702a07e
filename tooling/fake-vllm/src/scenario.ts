import type { ControlledStream } from "./controlled-stream.ts";
import type { ReceivedRequest } from "./received-request.ts";

/**
 * What a chat request is answered with, once vLLM would have accepted it.
 * - `"demo"` (default): the recording of the same conversation; else the agent's turn recorded at the same point; else a greeting
 * - a fixture: `tool-one` of the configuration, or a whole id such as `0.10.2/small/tool-cut`
 * - a list: one after the other, the last one from then on
 * - a function: decides for each request; undefined means `"demo"`
 * - a controlled stream: the test writes the answer step by step
 */
export type Scenario =
  | string
  | ControlledStream
  | readonly (string | ControlledStream)[]
  | ((request: ReceivedRequest) => string | ControlledStream | undefined);
