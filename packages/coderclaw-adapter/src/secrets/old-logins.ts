import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileError } from "../config-file/file-error.ts";
import type { JsonObject } from "../config-file/json-value.ts";
import { getValue } from "../config-file/json-value.ts";
import { quoteForShell } from "../setup/quote-for-shell.ts";

/**
 * Refuses to create a store of keys while CoderClaw would still migrate logins of an older version into it, which it does only as long as
 * there is no store (agent rule: `auth-profiles/store.ts`). That such a file exists means nothing: the engine creates an empty `auth.json`
 * whenever it runs.
 *
 * @param oauthPath `credentials/oauth.json`. Default: the one of the state directory that the store is in.
 * @throws {ConfigError} naming the file, and the command that migrates it.
 */
export async function refuseHiddenLogins(storePath: string, oauthPath?: string): Promise<void> {
  const agentDir = dirname(storePath);
  const agentsDir = join(agentDir, "..", "..");
  const agentId = basename(agentsDir) === "agents" ? basename(dirname(agentDir)) : "main";
  const mainStorePath = join(agentsDir, "main", "agent", basename(storePath));
  // Another agent inherits the main agent's profiles, and falls back to old files only if there are none.
  const inherited = agentId === "main" ? [] : entriesOf(getValue(await readJson(mainStorePath), ["profiles"]));
  if (inherited.some(([, profile]) => isKept(profile))) return;

  const authPath = join(agentDir, "auth.json");
  const loginsPath = oauthPath ?? join(agentsDir, "..", "credentials", "oauth.json");
  const isInAuth = toAuthProfiles(await readJson(authPath)).some(isKept);
  if (!isInAuth && !toOauthProfiles(await readJson(loginsPath)).some(isKept)) return;
  const found = isInAuth ? authPath : loginsPath;
  const agent = isInAuth && agentId !== "main" ? ` --agent ${quoteForShell(agentId)}` : "";
  throw fileError({
    message: `${found} holds logins of an older version that CoderClaw has not migrated yet, and a new ${storePath} would hide them. Nothing was written.`,
    hint: `Run \`coderclaw models status${agent}\` once, which migrates them, then this command again. If you do not need them: mv ${quoteForShell(found)} ${quoteForShell(`${found}.old`)}`,
    received: "logins of an older version",
    accepted: "an auth-profiles.json",
  });
}

function toAuthProfiles(content: unknown): JsonObject[] {
  if (isKeyed(content) && "profiles" in content) return [];
  return entriesOf(content).map(([id, entry]) => ({ ...entry, provider: String(entry["provider"] ?? id) }));
}

function toOauthProfiles(content: unknown): JsonObject[] {
  return entriesOf(content).map(([id, entry]) => ({ type: "oauth", provider: id, ...entry }));
}

/** CoderClaw drops other profiles when it reads its own store. */
function isKept({ type, provider }: JsonObject): boolean {
  return (type === "api_key" || type === "oauth" || type === "token") && Boolean(provider);
}

function entriesOf(content: unknown): [string, JsonObject][] {
  if (!isKeyed(content)) return [];
  return Object.entries(content).filter((entry): entry is [string, JsonObject] => isKeyed(entry[1]));
}

/** To CoderClaw a list is an object, too: its keys are the positions. */
function isKeyed(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null;
}

/** What CoderClaw reads from it: nothing from a file that it cannot read or parse. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}
