import type { ServerReport } from "@vllm/discovery";
import { providerSettings } from "../../agent-config/provider-settings.ts";
import type { AgentId } from "../../agents/agent-location.ts";
import type { AgentRule, AgentSituation } from "../agent-situation.ts";

/** A base URL that lacks `/v1`. */
export const address: AgentRule = ({ config, providerId }) => {
  const baseUrl = providerSettings(config, providerId)?.["baseUrl"];
  if (typeof baseUrl !== "string" || baseUrl.includes("${") || /\/v1\/?$/.test(baseUrl.trim())) return undefined;
  const written = baseUrl.trim().replace(/(?<!\/)\/+$/, "");
  const corrected = `${written}/v1`;
  return {
    code: "BASE_URL_WITHOUT_V1",
    severity: "error",
    message: `models.providers.${providerId}.baseUrl does not end in /v1: the agent would ask ${written}/chat/completions, which vLLM does not have.`,
    fix: `Set it to ${corrected} (npx @vllm/connect setup --base-url ${corrected}).`,
  };
};

/** The variables that name a proxy for an address, as undici reads them, with which both agents send. */
function proxyVariables(protocol: string, agent: AgentId): string[] {
  const names = protocol === "https:" ? ["HTTPS_PROXY", "HTTP_PROXY"] : ["HTTP_PROXY"];
  // CoderClaw takes undici's own reading, which leaves this one out
  if (agent === "openclaw") names.push("ALL_PROXY");
  return names.flatMap((name) => [name, name.toLowerCase()]);
}

const THIS_MACHINE = /^(?:(?:.*\.)?localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\])$/;

/** This command, too, asks through the proxy of the environment, though never this machine. */
function wasReachedThroughProxy({ apiRoot, state }: ServerReport, env: AgentSituation["env"]): boolean {
  const { hostname, protocol } = new URL(apiRoot);
  if (state === "unreachable" || state === "wrong-server" || THIS_MACHINE.test(hostname)) return false;
  // Networks and ports are exceptions for this command, and not for the agents.
  if (/[/:]/.test(`${env["NO_PROXY"] ?? ""}${env["no_proxy"] ?? ""}`)) return false;
  const names = [protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY", "ALL_PROXY"];
  return names.flatMap((name) => [name, name.toLowerCase()]).some((name) => (env[name]?.trim() ?? "") !== "");
}

/** A proxy of the environment between agent and server. */
export const proxy: AgentRule = ({ env, report, agent }) => {
  if (report === undefined) return undefined;
  const { hostname, protocol } = new URL(report.apiRoot);
  const name = proxyVariables(protocol, agent).find((variable) => (env[variable] ?? "") !== "");
  if (name === undefined) return undefined;
  const exceptions = `${env["NO_PROXY"] ?? ""},${env["no_proxy"] ?? ""}`
    .split(",")
    .map((entry) => entry.trim().replace(/^\./, ""));
  if (
    exceptions.some(
      (entry) => entry === "*" || (entry !== "" && (hostname === entry || hostname.endsWith(`.${entry}`))),
    )
  )
    return undefined;
  if (wasReachedThroughProxy(report, env)) {
    return {
      code: "PROXY_IN_THE_WAY",
      severity: "info",
      message: `${name} is set: requests to ${hostname} go through that proxy, the agent's as those of this command, which it let through.`,
      fix: `Nothing to do. To ask the server directly, add ${hostname} to NO_PROXY.`,
    };
  }
  return {
    code: "PROXY_IN_THE_WAY",
    severity: "warning",
    message: `${name} is set, and the agent sends requests to ${hostname} through that proxy, too.`,
    fix: `export NO_PROXY=${[env["NO_PROXY"], hostname].filter(Boolean).join(",")}`,
  };
};
