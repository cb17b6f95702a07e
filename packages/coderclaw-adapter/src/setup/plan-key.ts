import { DEFAULTS } from "@vllm/schema/core";
import { variableReference } from "@vllm/schema/internal";
import type { DocumentEdit } from "../config-file/edit-document.ts";
import { asObject } from "../config-file/json-value.ts";
import { keyVariable, providerSettings, resolveKey } from "../agent-config/provider-settings.ts";
import type { ReadAgentConfig } from "../agent-config/read-agent-config.ts";
import { AGENT_LABELS } from "../agents/agent-location.ts";
import { KEYLESS_PLACEHOLDER, parseApiKey, variableNameNotes } from "../secrets/api-key.ts";
import { findProfileKey } from "../secrets/auth-profile-store.ts";

/** Where the key for the server comes from. */
export type KeyChoice =
  | { kind: "none" }
  /** Typed by the person: it is stored where the agent keeps keys. */
  | { kind: "typed"; key: string }
  /** The agent finds it already; `source` says where. */
  | { kind: "existing"; source: string };

/** A secret and the place where the agent keeps it. Never printed. */
export type KeyWrite =
  | { kind: "profile"; path: string; provider: string; key: string }
  | { kind: "variable"; path: string; name: string; key: string };

export interface KeyRequest {
  agent: ReadAgentConfig;
  providerId: string;
  key: KeyChoice;
  /** A key that the agent finds elsewhere is stored, too. */
  storeKey?: boolean | undefined;
}

export interface KeyPlan {
  /** What stands for the key in the configuration; undefined for none. */
  reference: string | undefined;
  write: KeyWrite | undefined;
  edits: readonly DocumentEdit[];
  notes: readonly string[];
}

/** Where the key is written, and what the configuration says of it. */
export function planKey(request: KeyRequest): KeyPlan {
  const { agent, providerId } = request;
  const { location } = agent;
  const key = choiceOf(request);
  const apiKey = providerSettings(agent.file.value, providerId)?.["apiKey"];
  if (location.agent === "coderclaw") {
    const reference = DEFAULTS.apiKeyVariable;
    // CoderClaw ignores the whole file where a variable is not set that it refers to; and a key has no place in it.
    const edits: DocumentEdit[] =
      request.storeKey === true && apiKey !== undefined && apiKey !== reference
        ? [{ path: ["models", "providers", providerId, "apiKey"], value: reference }]
        : [];
    const store = { kind: "profile", path: location.authProfilesPath as string, provider: providerId } as const;
    if (key.kind === "typed")
      return { reference, write: { ...store, key: key.key }, edits, notes: variableNameNotes(key.key, agent.env) };
    if (key.kind === "none") {
      const notes = [`The server requires no key; CoderClaw does, so "${KEYLESS_PLACEHOLDER}" is stored as one.`];
      return { reference, write: { ...store, key: KEYLESS_PLACEHOLDER }, edits, notes };
    }
    return { reference, write: undefined, edits, notes: existingKeyNotes(key.source, request) };
  }
  if (key.kind === "none") return { reference: undefined, write: undefined, edits: [], notes: [] };
  const name = (typeof apiKey === "string" ? variableReference(apiKey) : undefined) ?? keyVariable(providerId);
  if (key.kind === "typed") {
    const isHidden = (agent.processEnv[name] ?? key.key) !== key.key;
    return {
      reference: referTo(name),
      write: { kind: "variable", path: location.envFile, name, key: key.key },
      edits: [],
      notes: isHidden
        ? [`${name} is set to another value in this shell, and that wins over ${location.envFile}: unset it.`]
        : [],
    };
  }
  const isVariable = /^[A-Z_][A-Z0-9_]*$/.test(key.source);
  return {
    reference: isVariable ? referTo(key.source) : undefined,
    write: undefined,
    edits: [],
    notes: existingKeyNotes(key.source, request),
  };
}

/** With `storeKey`, a key of this shell or of the configuration counts as one that was typed. */
function choiceOf({ agent, providerId, key, storeKey = false }: KeyRequest): KeyChoice {
  const isStored = findProfileKey(agent.profiles, providerId, asObject(agent.value["auth"])) !== undefined;
  if (key.kind !== "existing" || !storeKey || isStored) return key;
  const found = resolveKey(agent, providerId).key;
  return found === undefined || found === DEFAULTS.apiKeyVariable
    ? { kind: "none" }
    : { kind: "typed", key: parseApiKey(found) };
}

/** The agents know `VLLM_API_KEY` by its name; a `${NAME}` that is not set makes them refuse the whole file. */
function referTo(variable: string): string {
  return variable === DEFAULTS.apiKeyVariable ? variable : `\${${variable}}`;
}

/** A variable of this shell alone is not there where a service starts. */
function existingKeyNotes(source: string, { agent, providerId }: KeyRequest): string[] {
  const { location, processEnv } = agent;
  const provider = providerId === DEFAULTS.providerId ? "" : ` --provider ${providerId}`;
  return source === DEFAULTS.apiKeyVariable && processEnv[source] !== undefined
    ? [
        `The key comes from ${source} of this shell, which a gateway that runs as a service does not have. To store it for ${AGENT_LABELS[location.agent]}: npx @vllm/connect setup --store-key${provider}`,
      ]
    : [];
}
