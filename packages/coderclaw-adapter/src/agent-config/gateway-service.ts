import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Surroundings } from "../agents/agent-home.ts";
import { setting, systemHome } from "../agents/agent-home.ts";

/** CoderClaw's gateway as a service of the user: systemd on Linux, launchd on macOS. */
export interface GatewayService {
  path: string;
  /** Names of the variables that its definition sets; undefined when they stand in another file, or it cannot be read. */
  variables: readonly string[] | undefined;
}

/**
 * The installed service. It starts with the variables of its own definition, CoderClaw's `.env` file and the configuration's `env` section,
 * not with those of a shell (agent rule: `daemon/service-env.ts`).
 */
export function findGatewayService(surroundings: Surroundings): GatewayService | undefined {
  const { env } = surroundings;
  const home = systemHome(surroundings);
  const profile = setting(env["CODERCLAW_PROFILE"]);
  const named = profile === undefined || profile.toLowerCase() === "default" ? undefined : profile;
  const unit = (
    setting(env["CODERCLAW_SYSTEMD_UNIT"]) ?? `coderclaw-gateway${named === undefined ? "" : `-${named}`}`
  ).replace(/\.service$/, "");
  const label = setting(env["CODERCLAW_LAUNCHD_LABEL"]) ?? `ai.coderclaw.${named ?? "gateway"}`;
  const unitPath = join(home, ".config", "systemd", "user", `${unit}.service`);
  const plistPath = join(home, "Library", "LaunchAgents", `${label}.plist`);
  if (existsSync(unitPath)) return { path: unitPath, variables: readable(() => unitVariables(readUnit(unitPath))) };
  if (existsSync(plistPath))
    return { path: plistPath, variables: readable(() => plistVariables(readFileSync(plistPath, "utf8"))) };
  return undefined;
}

function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** With the overrides that `systemctl edit` makes. */
function readUnit(path: string): string {
  const overrides = `${path}.d`;
  const names = existsSync(overrides) ? readdirSync(overrides).filter((name) => name.endsWith(".conf")) : [];
  return [path, ...names.map((name) => join(overrides, name))].map((file) => readFileSync(file, "utf8")).join("\n");
}

/** systemd.exec(5): `Environment=` has several assignments, `PassEnvironment=` several names. */
export function unitVariables(text: string): string[] | undefined {
  if (/^[ \t]*EnvironmentFile=./m.test(text)) return undefined;
  return [...text.matchAll(/^[ \t]*(Pass)?Environment=(.*)$/gm)].flatMap(([, passes, value = ""]) =>
    [...value.matchAll(passes === undefined ? /(?:^|[\s"'])([A-Za-z_]\w*)=/g : /([A-Za-z_]\w*)/g)].map(
      ([, name = ""]) => name,
    ),
  );
}

/** launchd.plist(5): the keys of a dictionary. */
export function plistVariables(text: string): string[] {
  const [, dictionary = ""] = /<key>EnvironmentVariables<\/key>\s*<dict>((?:(?!<dict>).)*?)<\/dict>/s.exec(text) ?? [];
  return [...dictionary.matchAll(/<key>([^<]*)<\/key>/g)].map(([, name = ""]) => name);
}
