import type { ModelProfile } from "@vllm/schema";
import { modelProfileSchema } from "@vllm/schema";
import { dirname, join } from "node:path";
import { replaceFile } from "../config-file/replace-file.ts";
import type { JsonObject, JsonValue } from "../config-file/json-value.ts";
import { asObject, getValue, isObject } from "../config-file/json-value.ts";
import { readBytes } from "../config-file/read-bytes.ts";
import type { HostLocation } from "../hosts/host-location.ts";

/** What this package wrote into a provider the last time, by model id. */
export type RecordedModels = Readonly<Record<string, JsonObject>>;

/**
 * What this package wrote into a host's configuration, so that it can tell its own values from the user's the next time.
 * Beside the configuration; holds nothing secret. Losing it only means that every value counts as the user's.
 */
export function recordPath(location: HostLocation): string {
  return join(dirname(location.configPath), "vllm-connect.json");
}

export async function readRecord(location: HostLocation, providerId: string): Promise<RecordedModels> {
  const models = getValue(await readAll(location), ["providers", providerId]);
  return isObject(models)
    ? Object.fromEntries(Object.entries(models).filter((entry): entry is [string, JsonObject] => isObject(entry[1])))
    : {};
}

/** Adds to what is recorded; models that are not named keep theirs. */
export async function saveRecord(location: HostLocation, providerId: string, models: RecordedModels): Promise<void> {
  const all = await readAll(location);
  const providers = asObject(all["providers"]);
  const own = asObject(providers[providerId]);
  await writeAll(location, { ...all, providers: { ...providers, [providerId]: { ...own, ...models } } });
}

/** What discovery showed about the models of a server, for the plugin: it asks nobody before the first token. */
export async function readProfiles(location: HostLocation): Promise<Readonly<Record<string, readonly ModelProfile[]>>> {
  const profiles = (await readAll(location))["profiles"];
  if (!isObject(profiles)) return {};
  const entries = Object.entries(profiles).map(([apiRoot, list]): [string, ModelProfile[]] => [
    apiRoot,
    (Array.isArray(list) ? (list as unknown[]) : []).flatMap((item) => {
      const parsed = modelProfileSchema.safeParse(item);
      return parsed.success ? [parsed.data] : [];
    }),
  ]);
  return Object.fromEntries(entries);
}

/** Replaces what is kept about one server. */
export async function saveProfiles(
  location: HostLocation,
  apiRoot: string,
  profiles: readonly ModelProfile[],
): Promise<void> {
  const all = await readAll(location);
  const kept = asObject(all["profiles"]);
  await writeAll(location, { ...all, profiles: { ...kept, [apiRoot]: profiles as unknown as JsonValue } });
}

/** The bridge whose address was written for a provider, and the vLLM behind it: what a bridge that does not run cannot tell. */
interface RecordedBridge {
  baseUrl: string;
  upstream: string;
}

export async function readBridge(location: HostLocation, providerId: string): Promise<RecordedBridge | undefined> {
  const recorded = getValue(await readAll(location), ["bridges", providerId]);
  if (!isObject(recorded)) return undefined;
  const { baseUrl, upstream } = recorded;
  return typeof baseUrl === "string" && typeof upstream === "string" ? { baseUrl, upstream } : undefined;
}

export async function saveBridge(location: HostLocation, providerId: string, bridge: RecordedBridge): Promise<void> {
  const all = await readAll(location);
  const bridges = asObject(all["bridges"]);
  await writeAll(location, { ...all, bridges: { ...bridges, [providerId]: { ...bridge } } });
}

async function writeAll(location: HostLocation, content: JsonObject): Promise<void> {
  const path = recordPath(location);
  await replaceFile(path, `${JSON.stringify({ version: 1, ...content }, null, 2)}\n`);
}

async function readAll(location: HostLocation): Promise<JsonObject> {
  const bytes = await readBytes(recordPath(location));
  try {
    const value: unknown = JSON.parse(bytes?.toString() ?? "{}");
    return asObject(value);
  } catch {
    return {};
  }
}
