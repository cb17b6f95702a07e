import { ConfigError } from "@vllm/schema/core";

/** What a keyless server gets from an agent that insists on a key (agent/coderclaw/keyless-placeholder). */
export const KEYLESS_PLACEHOLDER = "local";

/**
 * The key as the agents store it: without line breaks and outer spaces.
 *
 * @throws {ConfigError} for an empty key, and for one that starts with `!`: CoderClaw's engine would run it as a shell command.
 */
export function parseApiKey(text: string): string {
  const key = text.replace(/[\r\n\u2028\u2029]/g, "").trim();
  if (key === "") {
    throw refuse(
      "The API key is empty.",
      "nothing",
      `For a server without a key leave it out, or use "${KEYLESS_PLACEHOLDER}".`,
    );
  }
  if (key.startsWith("!")) {
    throw refuse(
      "The API key starts with an exclamation mark, and the agent would run the rest as a shell command.",
      "a text that starts with !",
      "Start the server with another key (vllm serve --api-key …).",
    );
  }
  return key;
}

/** A key that is also the name of a set environment variable: the agent's engine would send that variable's value instead. */
export function isVariableName(key: string, env: Readonly<Record<string, string | undefined>>): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) && env[key] !== undefined && env[key] !== "" && env[key] !== key;
}

/** What to tell about such a key; never the key itself. */
export function variableNameNotes(key: string, env: Readonly<Record<string, string | undefined>>): string[] {
  return isVariableName(key, env)
    ? [
        "The key is also the name of an environment variable that is set here; CoderClaw's engine may send that variable's value instead. Another key for the server avoids that.",
      ]
    : [];
}

function refuse(message: string, received: string, fix: string): ConfigError {
  return new ConfigError({
    message,
    hint: fix,
    issues: [{ path: "apiKey", received, accepted: "a key that does not start with !", fix }],
  });
}
