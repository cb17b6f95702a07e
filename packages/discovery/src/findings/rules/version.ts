import { isBefore } from "../../server/is-before.ts";
import type { FindingRule } from "../finding-rule.ts";

/** What a version still lacks; each line is from recordings of vLLM 0.9.2 to 0.32.0. */
const SINCE: readonly { version: string; what: string }[] = [
  { version: "0.10.2", what: "/v1/responses" },
  { version: "0.12.0", what: "the field reasoning (before: reasoning_content), /v1/messages, structured_outputs" },
  { version: "0.24.0", what: "tool calls that arrive whole when two tokens come at once (hermes)" },
];

export const oldVersion: FindingRule = ({ version }) => {
  if (version === undefined) return [];
  const missing = SINCE.filter((entry) => isBefore(version, entry.version)).map((entry) => entry.what);
  if (missing.length === 0) return [];
  return [
    {
      code: "VERSION_OLD",
      severity: "warning",
      message: `vLLM ${version} lacks: ${missing.join("; ")}.`,
      fix: "Install a newer vLLM: pip install -U vllm.",
    },
  ];
};
