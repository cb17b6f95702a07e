import type { FoundBy, FoundServer } from "@vllm/discovery";

const FOUND: Readonly<Record<FoundBy, string>> = {
  option: "from --base-url",
  variable: "from VLLM_BASE_URL",
  process: "vllm serve runs here",
  port: "on this machine",
  "container-host": "the machine around this container",
  gateway: "the default gateway",
  used: "used before",
};

/** What tells found servers apart: `lab/tiny · vllm serve runs here · run by alice`. */
export function describeServer({ report, foundBy, owner, isLoading }: FoundServer): string {
  const [model, ...others] = report.models.map(({ id }) => id);
  const what = isLoading ? "loading" : report.state === "locked" ? "requires a key" : (model ?? report.state);
  const parts = [
    others.length === 0 ? what : `${what} and ${others.length} more`,
    FOUND[foundBy[0] ?? "port"],
    ...(owner === undefined || owner.isYou ? [] : [`run by ${owner.user}`]),
  ];
  return parts.join(" · ");
}
