import { providerSettings } from "../../host-config/provider-settings.ts";
import type { HostRule } from "../host-situation.ts";

/** A base URL that lacks `/v1`. */
export const address: HostRule = ({ config, providerId }) => {
  const baseUrl = providerSettings(config, providerId)?.["baseUrl"];
  if (typeof baseUrl !== "string" || baseUrl.includes("${") || /\/v1\/?$/.test(baseUrl.trim())) return undefined;
  const written = baseUrl.trim().replace(/(?<!\/)\/+$/, "");
  const corrected = `${written}/v1`;
  return {
    code: "BASE_URL_WITHOUT_V1",
    severity: "error",
    message: `models.providers.${providerId}.baseUrl does not end in /v1: the host would ask ${written}/chat/completions, which vLLM does not have.`,
    fix: `Set it to ${corrected} (npx @vllm/connect setup --base-url ${corrected}).`,
  };
};

/** A proxy of the environment between host and server. */
export const proxy: HostRule = ({ env, report }) => {
  const name = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].find(
    (variable) => (env[variable] ?? "") !== "",
  );
  if (name === undefined || report === undefined) return undefined;
  const { hostname } = new URL(report.apiRoot);
  const exceptions = `${env["NO_PROXY"] ?? ""},${env["no_proxy"] ?? ""}`
    .split(",")
    .map((entry) => entry.trim().replace(/^\./, ""));
  if (
    exceptions.some(
      (entry) => entry === "*" || (entry !== "" && (hostname === entry || hostname.endsWith(`.${entry}`))),
    )
  )
    return undefined;
  return {
    code: "PROXY_IN_THE_WAY",
    severity: "warning",
    message: `${name} is set, and the host sends requests to ${hostname} through that proxy, too.`,
    fix: `export NO_PROXY=${[env["NO_PROXY"], hostname].filter(Boolean).join(",")}`,
  };
};
