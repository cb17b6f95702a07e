import type { ServerReport } from "@vllm/discovery";
import type { ModelProfile } from "@vllm/schema/core";
import { DEFAULTS, normalizeBaseUrl, readAddress } from "@vllm/schema/core";
import { QUERY_IGNORED } from "@vllm/schema/internal";
import { findingsBeforeSetup } from "../findings/findings-before-setup.ts";
import type { AgentId } from "../agents/agent-location.ts";
import type { WizardPrompter } from "../wizard/wizard-prompter.ts";
import type { HostModel } from "../provider/host-model.ts";
import { toHostModels } from "../provider/host-model.ts";
import { explainRefusal } from "../wizard/explain-refusal.ts";
import { parseApiKey } from "../secrets/api-key.ts";

export interface ServerQuestions {
  prompter: WizardPrompter;
  agent: AgentId;
  providerId: string;
  initialBaseUrl: string;
  /** Asks the server; undefined where nothing may be asked. `warn` hears why there is no report. */
  look:
    | ((baseUrl: string, key: string | undefined, warn: (message: string) => void) => Promise<ServerReport | undefined>)
    | undefined;
}

export interface AskedServer {
  apiRoot: string;
  /** Undefined for a server without a key. */
  typedKey: string | undefined;
  /** Served models, and the chosen one if it is not among them. */
  models: readonly HostModel[];
  modelId: string;
}

/**
 * Asks for address, key and model, in the order of the agents' own wizard, and looks at the server in between. CoderClaw's
 * callers count on three questions; OpenClaw's user is asked again for a key that is refused and an address where nobody answers, until
 * the answer stays the same: a server may be started later.
 */
export async function askForServer(questions: ServerQuestions): Promise<AskedServer> {
  const { prompter, agent, initialBaseUrl, look } = questions;
  let address = await askForAddress(prompter, "", initialBaseUrl);
  let typedKey = await askForKey(prompter, "");
  let found = look === undefined ? NOT_ASKED : await findModels({ ...questions, look }, address, typedKey);
  while (look !== undefined && agent === "openclaw" && found.wrong !== undefined) {
    if (found.wrong === "key") {
      const again = await askForKey(prompter, " (the same again: go on without it)");
      if (again === typedKey) break;
      typedKey = again;
    } else {
      const again = await askForAddress(prompter, " (Enter: go on without the server)", address);
      if (again === address) break;
      address = again;
    }
    found = await findModels({ ...questions, look }, address, typedKey);
  }
  const served = found.models;
  const modelId = (await askForModel(prompter, served)).trim();
  const isServed = served.some((model) => model.id === modelId);
  return {
    apiRoot: address,
    typedKey,
    modelId,
    models: isServed ? served : [...served, ...toHostModels([unknownModel(modelId)], agent)],
  };
}

async function askForAddress(prompter: WizardPrompter, more: string, initialValue: string): Promise<string> {
  const address = await prompter.text({
    message: `vLLM base URL${more}`,
    initialValue,
    placeholder: DEFAULTS.baseUrl,
    validate: (value) => explainRefusal(() => readAddress(value)) ?? explainQuery(value),
  });
  return normalizeBaseUrl(address).apiRoot;
}

/** Here nobody reads a log: the person takes the query away, or puts what is in it where it is sent. */
function explainQuery(address: string): string | undefined {
  return readAddress(address).hasQuery === true ? `${QUERY_IGNORED.message} ${QUERY_IGNORED.fix}` : undefined;
}

async function askForKey(prompter: WizardPrompter, more: string): Promise<string | undefined> {
  const key = await prompter.text({
    message: `vLLM API key${more}`,
    placeholder: "blank for a server without a key",
    sensitive: true,
    validate: (value) => (value.trim() === "" ? undefined : explainRefusal(() => parseApiKey(value))),
  });
  return key.trim() === "" ? undefined : parseApiKey(key);
}

interface Found {
  models: readonly HostModel[];
  /** What to ask for again. */
  wrong: "key" | "address" | undefined;
}

const NOT_ASKED: Found = { models: [], wrong: undefined };

async function findModels(
  {
    prompter,
    agent,
    providerId,
    look,
  }: Pick<ServerQuestions, "prompter" | "agent" | "providerId"> & { look: NonNullable<ServerQuestions["look"]> },
  apiRoot: string,
  typedKey: string | undefined,
): Promise<Found> {
  const progress = prompter.progress?.(`Looking at ${apiRoot}`);
  const warnings: string[] = [];
  const report = await look(apiRoot, typedKey, (message) => warnings.push(message));
  const models = report === undefined ? [] : toHostModels(report.models, agent);
  const count = models.length === 1 ? "one model" : `${models.length} models`;
  progress?.stop(models.length === 0 ? "No model found" : `Found ${count}`);
  const findings = report === undefined ? [] : findingsBeforeSetup(report, models, { agent, providerId });
  const lines = [...warnings, ...findings.map((finding) => `${finding.message}\n${finding.fix}`)];
  if (lines.length > 0) await prompter.note(lines.join("\n\n"), "vLLM server");
  return { models, wrong: WRONG_BY_STATE[report?.state ?? ""] };
}

const WRONG_BY_STATE: Readonly<Record<string, Found["wrong"]>> = { locked: "key", unreachable: "address" };

async function askForModel(prompter: WizardPrompter, served: readonly HostModel[]): Promise<string> {
  if (served.length === 0) {
    return prompter.text({
      message: "vLLM model",
      placeholder: "meta-llama/Meta-Llama-3-8B-Instruct",
      validate: (value) => (value.trim() === "" ? "The id that --served-model-name (or vllm serve) names" : undefined),
    });
  }
  return prompter.select({
    message: "vLLM model",
    options: served.map(({ id, entry }) => ({
      value: id,
      label: id,
      hint: `${String(entry["contextWindow"])} tokens`,
    })),
    initialValue: (served[0] as HostModel).id,
  });
}

function unknownModel(id: string): ModelProfile {
  const evidence = "the server was not asked";
  return {
    id,
    contextWindow: { value: DEFAULTS.contextWindow, source: "assumed", evidence },
    input: { value: ["text"], source: "assumed", evidence },
    toolCalling: { value: "unknown", source: "assumed", evidence },
    reasoning: { value: "unknown", source: "assumed", evidence },
  };
}
