import type { Fact, ModelProfile } from "@vllm/schema";
import type { Finding } from "@vllm/discovery";

/** What is learned on the way to a model. `--json` prints them as they are. */
export type ConnectEvent =
  | {
      type: "provider";
      /** How the server became known. */
      source: "option" | "explicit" | "discovered" | "off" | "unavailable";
      /** One sentence, fit to print. */
      reason: string;
      /** Where the key comes from, never the key itself. */
      keySource?: string | undefined;
    }
  | { type: "embedded_server"; baseUrl: string; message: string }
  | { type: "server"; baseUrl: string; kind: string; version: string | undefined; state: string }
  | ({ type: "model" } & ModelFacts)
  | ({ type: "finding" } & Finding)
  | { type: "model_chosen"; id: string; reason: string };

/** What is known about a model, each value with its source. */
export type ModelFacts = Pick<ModelProfile, "id" | "contextWindow" | "toolCalling" | "reasoning" | "input"> & {
  thinking?: Fact<unknown> | undefined;
};

export function toModelEvent({
  id,
  contextWindow,
  toolCalling,
  reasoning,
  input,
  thinking,
}: ModelProfile): ConnectEvent {
  return {
    type: "model",
    id,
    contextWindow,
    toolCalling,
    reasoning,
    input,
    ...(thinking === undefined ? {} : { thinking }),
  };
}
