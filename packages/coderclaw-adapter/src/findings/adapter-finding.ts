import type { Finding } from "@vllm/discovery";

/** What is wrong between an agent's configuration and a server; what is wrong with the server itself is a {@link Finding}. */
export const ADAPTER_FINDING_CODES = [
  "PROVIDER_MISSING",
  "PROVIDER_ID_CASE",
  "PROVIDER_HAS_NO_MODELS",
  "MODEL_NOT_SERVED",
  "MODEL_LISTED_TWICE",
  "DEFAULT_MODEL_NOT_CONFIGURED",
  "DEFAULT_MODEL_ELSEWHERE",
  "WINDOW_TOO_LARGE_IN_CONFIG",
  "WINDOW_OUT_OF_DATE",
  "FIELD_OUT_OF_DATE",
  "DEVELOPER_ROLE_SENT",
  "WINDOW_BELOW_HOST_MINIMUM",
  "NO_ROOM_FOR_THE_PROMPT",
  "COMPACTION_STARTS_EARLY",
  "BASE_URL_WITHOUT_V1",
  "KEY_IN_CONFIG",
  "KEY_WOULD_BE_EXECUTED",
  "KEY_IS_A_VARIABLE_NAME",
  "KEY_MISSING_FOR_HOST",
  "KEY_HELD_BACK",
  "VARIABLE_MISSING",
  "VARIABLE_ONLY_IN_SHELL",
  "PLUGIN_MISSING",
  "PLUGIN_DISABLED",
  "MODELS_FILE_OUT_OF_DATE",
  "MODEL_NOT_ALLOWED",
  "PROXY_IN_THE_WAY",
  "BRIDGE_NOT_RUNNING",
] as const;

export type AdapterFindingCode = (typeof ADAPTER_FINDING_CODES)[number];

const ORDER = ["error", "warning", "info"];

/** For a list, most severe first. */
export function bySeverity(a: AdapterFinding, b: AdapterFinding): number {
  return ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity);
}

export interface AdapterFinding extends Omit<Finding, "code"> {
  code: AdapterFindingCode | Finding["code"];
}
