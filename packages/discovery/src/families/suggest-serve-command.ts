import type { Capability } from "../report/capability.ts";
import type { DiscoveredModel, ServerReport } from "../report/server-report.ts";
import { isChat } from "../models/base-of.ts";
import { familyOf } from "./model-families.ts";

/** One argument of the suggested command, against what runs now. */
export interface ServeArgument {
  /** As it is typed: `--tool-call-parser hermes`. */
  argument: string;
  /**
   * - `keep`: it is in force now
   * - `add`: it is missing
   * - `replace`: the flag is there with another value
   * - `check`: nobody could see whether it is in force
   */
  change: "keep" | "add" | "replace" | "check";
  /** `evidence`: the server showed it. `name`: only the model's name suggests it. */
  basis: "evidence" | "name";
  why: string;
}

/** A `vllm serve` command, and how it differs from what runs now. */
export interface ServeSuggestion {
  /** The id it is about. */
  model: string;
  /** One line for a shell. */
  command: string;
  arguments: readonly ServeArgument[];
  /** Lines fit to print: what to add and to check, with the reason. Empty when nothing is to be done. */
  changes: readonly string[];
}

/**
 * The `vllm serve ...` that suits agents, as a difference to what runs now. What the chat template showed decides; a name only fills in
 * what nobody saw, and then the text says so. A LoRA adapter is served with its base model.
 *
 * @param options.model the id to serve; default: the first chat model that is no adapter
 * @returns undefined when there is no such model
 */
export function suggestServeCommand(
  report: Pick<ServerReport, "models" | "capabilities"> & Partial<Pick<ServerReport, "apiRoot" | "kind" | "capacity">>,
  options: { model?: string | undefined } = {},
): ServeSuggestion | undefined {
  const model =
    options.model === undefined
      ? report.models.find((candidate) => isChat(candidate) && candidate.parent === undefined)
      : report.models.find((candidate) => candidate.id === options.model);
  if (model === undefined) return undefined;
  const base = report.models.find(({ id }) => id === model.parent) ?? model;
  const root = base.root ?? base.id;
  const serve = [...served(base, root), ...adapters(report.models, base), ...parsers(base), ...server(report)];
  const command = ["vllm serve", quote(root), ...serve.map(({ argument }) => argument)].join(" ");
  return { model: model.id, command, arguments: serve, changes: serve.flatMap(describe) };
}

function served(model: DiscoveredModel, root: string): ServeArgument[] {
  const names = [model.id, ...model.aliases];
  const found: ServeArgument[] = [];
  if (names.length > 1 || model.id !== root) {
    found.push({
      argument: `--served-model-name ${names.map(quote).join(" ")}`,
      change: "keep",
      basis: "evidence",
      why: "/v1/models lists it",
    });
  }
  if (model.contextWindow !== undefined) {
    found.push({
      argument: `--max-model-len ${model.contextWindow}`,
      change: "keep",
      basis: "evidence",
      why: model.profile.contextWindow.evidence,
    });
  }
  return found;
}

function adapters(models: readonly DiscoveredModel[], base: DiscoveredModel): ServeArgument[] {
  const found = models.filter(
    ({ parent, root }) => parent !== undefined && [base.id, ...base.aliases].includes(parent) && root !== undefined,
  );
  if (found.length === 0) return [];
  const modules = found.map(({ id, root }) => quote(`${id}=${root}`)).join(" ");
  const argument = `--enable-lora --lora-modules ${modules}`;
  return [{ argument, change: "keep", basis: "evidence", why: "/v1/models lists these adapters" }];
}

function parsers(model: DiscoveredModel): ServeArgument[] {
  const { profile } = model;
  const family = familyOf(model);
  const from = family?.since === undefined ? "" : `, from vLLM ${family.since} on`;
  const byName = (what: string) => `the name suggests ${family?.name} (${family?.source}${from}); ${what}`;
  const found: ServeArgument[] = [];
  // A call that the server's parser did not read: there is one, and it is another.
  const isOther = model.toolCalling.cause === "call-not-read";
  const seen =
    model.toolCalling.parser === undefined
      ? profile.toolParser
      : { value: model.toolCalling.parser, evidence: model.toolCalling.evidence };
  const toolParser = seen?.value ?? family?.toolParser;
  if (toolParser !== undefined && model.templateTools?.status !== "no") {
    const isSeen = seen !== undefined;
    const why = seen?.evidence ?? byName("nobody saw how the template writes calls");
    const change = changeOf(model.toolCalling);
    found.push(
      {
        argument: "--enable-auto-tool-choice",
        change: isOther ? "keep" : change,
        basis: isSeen ? "evidence" : "name",
        why: "agents send tools with tool_choice auto",
      },
      {
        argument: `--tool-call-parser ${toolParser}`,
        change: isOther ? "replace" : isUnseen(model.toolCalling) ? "check" : change,
        basis: isSeen ? "evidence" : "name",
        why,
      },
    );
  }
  const reasoningParser =
    profile.reasoningParser?.value ?? (model.thinks.status === "no" ? undefined : family?.reasoningParser);
  // vLLM sets gpt-oss's reasoning parser itself.
  if (reasoningParser !== undefined && reasoningParser !== "openai_gptoss") {
    found.push({
      argument: `--reasoning-parser ${reasoningParser}`,
      change:
        model.reasoning.cause === "thought-not-read"
          ? "replace"
          : isUnseen(model.reasoning)
            ? "check"
            : changeOf(model.reasoning),
      basis: profile.reasoningParser === undefined ? "name" : "evidence",
      why: profile.reasoningParser?.evidence ?? byName("nobody saw how the template marks thoughts"),
    });
  }
  // A template that was seen to work needs no other; without that the family's flags are worth a probe.
  if (profile.toolParser === undefined || model.templateTools?.status === "no") {
    for (const flag of family?.flags ?? []) {
      found.push({ argument: flag, change: "check", basis: "name", why: byName("its source starts it so") });
    }
  }
  return found;
}

function server({
  capabilities,
  apiRoot,
  kind,
  capacity,
}: Pick<ServerReport, "capabilities"> & Partial<Pick<ServerReport, "apiRoot" | "kind" | "capacity">>): ServeArgument[] {
  const found: ServeArgument[] = [];
  if (apiRoot?.startsWith("https:") === true && kind === "vllm") {
    found.push({
      argument: '--ssl-certfile "$SSL_CERTFILE" --ssl-keyfile "$SSL_KEYFILE"',
      change: "keep",
      basis: "evidence",
      why: "the address is https; leave them out if a proxy in front of the server does TLS",
    });
  }
  if (kind === "vllm" && capacity !== undefined && capacity.engines > 1) {
    found.push({
      argument: `--data-parallel-size ${capacity.engines}`,
      change: "keep",
      basis: "evidence",
      why: `/metrics speaks of ${capacity.engines} engines`,
    });
  }
  if (capabilities.prefixCaching.status === "no") {
    found.push({
      argument: "--enable-prefix-caching",
      change: "add",
      basis: "evidence",
      why: `${capabilities.prefixCaching.evidence}; agents send the same beginning again and again`,
    });
  }
  if (capabilities.apiKey.status === "yes") {
    found.push({
      argument: '--api-key "$VLLM_API_KEY"',
      change: "keep",
      basis: "evidence",
      why: capabilities.apiKey.evidence,
    });
  }
  return found;
}

function changeOf(capability: Capability): ServeArgument["change"] {
  return capability.status === "yes" ? "keep" : capability.status === "no" ? "add" : "check";
}

/** The server has a parser, and nobody has seen it read anything. */
function isUnseen({ cause }: Capability): boolean {
  return cause === "call-not-seen" || cause === "thought-not-seen";
}

const WORDS = { add: "add", replace: "change it to", check: "check that it is there:" } as const;

function describe({ argument, change, basis, why }: ServeArgument): string[] {
  if (change === "keep") return [];
  const reason = basis === "name" ? `a guess: ${why}` : why;
  return [`${WORDS[change]} ${argument} (${reason})`];
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
