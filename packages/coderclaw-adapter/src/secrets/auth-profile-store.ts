import { cleanApiKey } from "@vllm/schema/core";
import { fileError } from "../config-file/file-error.ts";
import type { JsonObject } from "../config-file/json-value.ts";
import { asObject, getValue, isObject } from "../config-file/json-value.ts";
import { readBytes } from "../config-file/read-bytes.ts";

/** The part of CoderClaw's `auth-profiles.json` that is read here; everything else in it is carried along untouched. */
export interface AuthProfileStore {
  version: number;
  profiles: Readonly<Record<string, JsonObject>>;
  order: Readonly<Record<string, readonly string[]>>;
  /** What the agent noted about each profile: when it was used, until when it is held back. */
  usageStats: Readonly<Record<string, JsonObject>>;
}

/** `vllm` → `vllm:default` (agent rule: ids are `<provider>:<name>`). */
export function defaultProfileId(provider: string): string {
  return `${provider}:default`;
}

/**
 * Reads a store; a missing one is empty.
 *
 * @throws {ConfigError} when it is not what the agent writes. It is never repaired.
 */
export async function readAuthProfiles(path: string): Promise<AuthProfileStore> {
  const store = (await readStore(path)) ?? {};
  const profiles = asObject(store["profiles"]);
  const order = asObject(store["order"]);
  const usageStats = asObject(store["usageStats"]);
  return {
    version: typeof store["version"] === "number" ? store["version"] : 1,
    profiles: Object.fromEntries(
      Object.entries(profiles).filter((entry): entry is [string, JsonObject] => isObject(entry[1])),
    ),
    order: Object.fromEntries(
      Object.entries(order).filter((entry): entry is [string, readonly string[]] => Array.isArray(entry[1])),
    ),
    usageStats: Object.fromEntries(
      Object.entries(usageStats).filter((entry): entry is [string, JsonObject] => isObject(entry[1])),
    ),
  };
}

/**
 * The key the agent would send for a provider: the first usable profile in its order (agent/coderclaw/profile-order).
 * `auth` is the `auth` section of the agent's configuration.
 */
export function findProfileKey(
  store: AuthProfileStore,
  provider: string,
  auth: object = {},
  now = Date.now(),
): string | undefined {
  return usableProfiles(store, provider, auth, now)[0]?.secret;
}

/**
 * Until when the agent holds back every profile of a provider, in ms since 1970; undefined when it would use one. Requests that fail put a
 * profile in a cooldown of 1 minute and more, also when the server was the cause (agent/coderclaw/key-cooldown).
 */
export function heldBackUntil(
  store: AuthProfileStore,
  provider: string,
  auth: object = {},
  now = Date.now(),
): number | undefined {
  const [best] = usableProfiles(store, provider, auth, now);
  // Those that are held back come last: if the first is, all are.
  return best === undefined || best.heldBack <= now ? undefined : best.heldBack;
}

interface UsableProfile {
  secret: string;
  /** ms since 1970; 0 when it is not. */
  heldBack: number;
}

function usableProfiles(store: AuthProfileStore, provider: string, auth: object, now: number): UsableProfile[] {
  const explicit = store.order[provider] ?? getValue(auth, ["order", provider]);
  const listed = asObject(getValue(auth, ["profiles"]));
  const configured = Object.keys(listed).filter((id) => getValue(listed, [id, "provider"]) === provider);
  const ids = Array.isArray(explicit)
    ? (explicit as unknown[]).map(String)
    : (configured.length > 0 ? configured : Object.keys(store.profiles)).toSorted(
        (a, b) =>
          rankOf(store.profiles[a]) - rankOf(store.profiles[b]) ||
          timeOf(store, a, "lastUsed") - timeOf(store, b, "lastUsed"),
      );
  return ids
    .flatMap((id) => {
      const profile = store.profiles[id];
      if (profile === undefined || String(profile["provider"]).trim().toLowerCase() !== provider) return [];
      const secret = secretOf(profile, now);
      if (secret === undefined || !hasMode(profile, getValue(listed, [id, "mode"]))) return [];
      const heldBack = Math.max(timeOf(store, id, "cooldownUntil"), timeOf(store, id, "disabledUntil"));
      return [{ secret, heldBack }];
    })
    .toSorted((a, b) => Number(a.heldBack > now) - Number(b.heldBack > now));
}

/** A profile that the configuration lists with another mode than it has is passed over. */
function hasMode({ type }: JsonObject, mode: unknown): boolean {
  return mode === undefined || mode === type || (mode === "oauth" && type === "token");
}

function timeOf(store: AuthProfileStore, id: string, field: string): number {
  const value = store.usageStats[id]?.[field];
  return typeof value === "number" ? value : 0;
}

function rankOf(profile: JsonObject | undefined): number {
  return ["oauth", "token", "api_key"].indexOf(String(profile?.["type"]));
}

function secretOf(profile: JsonObject, now: number): string | undefined {
  const isExpired = typeof profile["expires"] === "number" && profile["expires"] <= now;
  const secret =
    profile["type"] === "api_key" ? profile["key"] : profile["type"] === "token" ? profile["token"] : undefined;
  if (typeof secret !== "string" || isExpired) return undefined;
  return cleanApiKey(secret);
}

/** The whole file as it is; undefined when there is none, or nothing in it. */
export async function readStore(path: string): Promise<JsonObject | undefined> {
  const bytes = await readBytes(path);
  if (bytes === undefined) return undefined;
  const text = bytes.toString();
  if (["", "null"].includes(text.trim())) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isObject(value) && (value["profiles"] === undefined || isObject(value["profiles"]))) return value;
  throw fileError({
    message: `${path} is not what the agent writes there. It was left as it is.`,
    hint: "Correct the file, or delete it if its keys are not needed.",
    received: "something else",
    accepted: `{ "version": 1, "profiles": { … } }`,
  });
}
