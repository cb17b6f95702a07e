import type { ModelProfile } from "@vllm/schema";
import { modelProfileSchema } from "@vllm/schema";
import { parseJson } from "@vllm/schema/internal";
import { dirname, join } from "node:path";
import { replaceFile } from "../config-file/replace-file.ts";
import type { JsonObject, JsonValue } from "../config-file/json-value.ts";
import { asObject, getValue, isObject } from "../config-file/json-value.ts";
import { readBytes } from "../config-file/read-bytes.ts";
import type { AgentLocation } from "../agents/agent-location.ts";

/** What this package wrote into a provider the last time, by model id. */
export type RecordedModels = Readonly<Record<string, JsonObject>>;

/** The bridge whose address was written for a provider, and the vLLM behind it: what a bridge that does not run cannot tell. */
interface RecordedBridge {
  baseUrl: string;
  upstream: string;
}

/**
 * What this package wrote into an agent's configuration, so that it can tell its own values from the user's the next time, and what it found
 * out about the server. Beside the configuration; holds nothing secret. Losing it only means that every value counts as the user's.
 */
export interface SetupRecord {
  modelsOf(providerId: string): RecordedModels;
  bridgeOf(providerId: string): RecordedBridge | undefined;
  /** SHA-256 of the configuration, if a set-up made the file; undefined where there was one already. */
  createdHash(): string | undefined;
  /** What discovery showed about the models of a server, by its `apiRoot`, for the plugin: it asks nobody before the first token. */
  profiles(): Readonly<Record<string, readonly ModelProfile[]>>;
}

export function recordPath(location: AgentLocation): string {
  return join(dirname(location.configPath), "vllm-connect.json");
}

/** Reads the file once. One that is missing or broken is an empty record. */
export async function readSetupRecord(location: AgentLocation): Promise<SetupRecord> {
  const content = await readContent(location);
  return {
    modelsOf: (providerId) => toModels(getValue(content, ["providers", providerId])),
    bridgeOf: (providerId) => toBridge(getValue(content, ["bridges", providerId])),
    createdHash: () => (typeof content["created"] === "string" ? content["created"] : undefined),
    profiles: () => toProfiles(content["profiles"]),
  };
}

/** One set-up or sync, as it is to be remembered. */
export interface SetupToRemember {
  providerId: string;
  /** Added to what is recorded: models that are not named keep theirs. */
  models: RecordedModels;
  /** Replace what is kept about this server. */
  profiles: { apiRoot: string; models: readonly ModelProfile[] };
  /** Undefined leaves the recorded one. */
  bridge?: RecordedBridge | undefined;
  /** SHA-256 of a configuration that did not exist before. */
  created?: string | undefined;
}

export async function saveSetupRecord(location: AgentLocation, setup: SetupToRemember): Promise<void> {
  const { providerId, models, profiles, bridge, created } = setup;
  const content = await readContent(location);
  const providers = asObject(content["providers"]);
  const bridges = asObject(content["bridges"]);
  const next: JsonObject = {
    version: 1,
    ...content,
    providers: { ...providers, [providerId]: { ...asObject(providers[providerId]), ...models } },
    profiles: {
      ...asObject(content["profiles"]),
      [profiles.apiRoot]: profiles.models as unknown as JsonValue,
    },
    ...(bridge === undefined ? {} : { bridges: { ...bridges, [providerId]: { ...bridge } } }),
    ...(created === undefined ? {} : { created }),
  };
  await replaceFile(recordPath(location), `${JSON.stringify(next, null, 2)}\n`);
}

function toModels(recorded: unknown): RecordedModels {
  return isObject(recorded)
    ? Object.fromEntries(Object.entries(recorded).filter((entry): entry is [string, JsonObject] => isObject(entry[1])))
    : {};
}

function toBridge(recorded: unknown): RecordedBridge | undefined {
  if (!isObject(recorded)) return undefined;
  const { baseUrl, upstream } = recorded;
  return typeof baseUrl === "string" && typeof upstream === "string" ? { baseUrl, upstream } : undefined;
}

function toProfiles(recorded: unknown): Readonly<Record<string, readonly ModelProfile[]>> {
  if (!isObject(recorded)) return {};
  const entries = Object.entries(recorded).map(([apiRoot, list]): [string, ModelProfile[]] => [
    apiRoot,
    (Array.isArray(list) ? (list as unknown[]) : []).flatMap((item) => {
      const parsed = modelProfileSchema.safeParse(item);
      return parsed.success ? [parsed.data] : [];
    }),
  ]);
  return Object.fromEntries(entries);
}

async function readContent(location: AgentLocation): Promise<JsonObject> {
  const bytes = await readBytes(recordPath(location));
  return asObject(parseJson(bytes?.toString() ?? "{}"));
}
