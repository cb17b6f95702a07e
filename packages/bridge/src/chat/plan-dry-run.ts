import { createVllmClient } from "@vllm/client";
import type { ModelProfile } from "@vllm/schema/core";
import type { BridgeModelOptions, BridgeOptions } from "../options/bridge-options.ts";
import { fitRequest } from "./fit-request.ts";
import { toRecover } from "../upstream/to-recover.ts";

/** Fields that the bridge always sets, for itself. */
const OWN_FIELDS = new Set(["stream", "stream_options"]);

/** What would be changed in a request: names of fields and reasons, no content. Nothing is sent. */
export async function planDryRun(
  body: Readonly<Record<string, unknown>>,
  profile: ModelProfile | undefined,
  settings: BridgeModelOptions | undefined,
  options: Pick<BridgeOptions, "recover">,
): Promise<string[]> {
  const { params, changes } = fitRequest(body, profile, settings);
  let sent: Record<string, unknown> = {};
  const client = createVllmClient({
    baseUrl: "http://127.0.0.1/v1",
    retry: { maxRetries: 0 },
    recover: toRecover(options),
    fetch: (_url, init) => {
      sent = JSON.parse(init.body ?? "{}") as Record<string, unknown>;
      return Promise.reject(new Error("Nothing is sent in a dry run."));
    },
  });
  await client.complete({ ...params, model: params.model ?? "-" }, { profile }).catch(() => {});
  const fields = new Set([...Object.keys(body), ...Object.keys(sent)]);
  const rewritten = [...fields].filter((field) => {
    if (OWN_FIELDS.has(field) || changes.some((change) => change.startsWith(`${field} `))) return false;
    return JSON.stringify(body[field]) !== JSON.stringify(sent[field]);
  });
  return [...changes, ...rewritten.filter((field) => field !== "model").map((field) => `${field} rewritten`)];
}
