import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../agent-process.ts";
import type { PackageRegistry } from "../host/package-registry.ts";

/** A copy of CoderClaw's sources, inside the built one, so that its dependencies are found. */
export interface DropInCopy {
  folder: string;
  remove(): Promise<void>;
}

/** An edit of one of CoderClaw's sources, as its maintainers would make it. */
export interface SourceEdit {
  file: string;
  edit(text: string): string;
}

const PACKAGE = "@vllm/coderclaw-adapter";

/** CoderClaw with our functions in place of its own. */
export async function createDropInCopy(
  product: string,
  { registry, edits }: { registry: PackageRegistry; edits: readonly SourceEdit[] },
): Promise<DropInCopy> {
  const folder = await mkdtemp(join(product, "drop-in-"));
  for (const name of ["src", "test", "package.json", "tsconfig.json", "tsdown.config.ts", "coderclaw.mjs"])
    await cp(join(product, name), join(folder, name), { recursive: true });
  for (const name of ["vitest.config.ts", "vitest.unit.config.ts", "vitest.e2e.config.ts"])
    await cp(join(product, name), join(folder, name));
  for (const name of ["extensions", "scripts", "skills", "ui"]) await symlink(join(product, name), join(folder, name));
  await installAdapter(folder, registry);
  for (const { file, edit } of edits) {
    const path = join(folder, file);
    await writeFile(path, edit(await readFile(path, "utf8")));
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** As its maintainers would: from the registry. Not in the folder itself, whose own dependencies npm would install again. */
async function installAdapter(folder: string, registry: PackageRegistry): Promise<void> {
  const place = join(folder, "adapter");
  await mkdir(place);
  await writeFile(join(place, "package.json"), '{ "private": true }');
  await writeFile(join(place, ".npmrc"), `@vllm:registry=${registry.url}/\n`);
  const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? ""]));
  const { code, stderr } = await runCommand("npm", ["install", "--no-audit", "--no-fund", PACKAGE], place, env);
  if (code !== 0) throw new Error(`npm could not install ${PACKAGE}: ${stderr}`);
  await rename(join(place, "node_modules"), join(folder, "node_modules"));
}

/** Takes a top-level function out of a source. */
function cut(text: string, start: string): string {
  const from = text.indexOf(start);
  const to = text.indexOf("\n}\n", from);
  if (from < 0 || to < 0) throw new Error(`CoderClaw's source no longer has "${start}".`);
  return text.slice(0, from) + text.slice(to + 3);
}

function replaceOnce(text: string, what: RegExp, by: string): string {
  if (!what.test(text)) throw new Error(`CoderClaw's source no longer has ${String(what)}.`);
  return text.replace(what, () => by);
}

const importOf = (...names: string[]): string => `import { ${names.join(", ")} } from "${PACKAGE}";\n`;

/** The two wizards, with CoderClaw's own way to store a key. */
const ONBOARDING: readonly SourceEdit[] = [
  {
    file: "src/commands/vllm-setup.ts",
    edit: (text) =>
      importOf("promptAndConfigureVllm as askForVllm") +
      cut(text, "export async function promptAndConfigureVllm(").replace(
        'import { normalizeBaseUrl } from "../utils/normalize-base-url.js";\n',
        "",
      ) +
      `
export function promptAndConfigureVllm(params: {
  cfg: CoderClawConfig;
  prompter: WizardPrompter;
  agentDir?: string;
}): Promise<{ config: CoderClawConfig; modelId: string; modelRef: string }> {
  return askForVllm(params, { saveProfile: upsertAuthProfileWithLock });
}
`,
  },
  {
    file: "src/commands/auth-choice.apply.vllm.ts",
    edit: () => `${importOf("applyAuthChoiceVllm as applyVllm")}
import { upsertAuthProfileWithLock } from "../agents/auth-profiles.js";
import type { ApplyAuthChoiceParams, ApplyAuthChoiceResult } from "./auth-choice.apply.js";

export function applyAuthChoiceVllm(params: ApplyAuthChoiceParams): Promise<ApplyAuthChoiceResult | null> {
  return applyVllm(params, { saveProfile: upsertAuthProfileWithLock });
}
`,
  },
  {
    file: "src/commands/auth-choice.apply.local.ts",
    edit: (text) =>
      importOf("discoverOpenAiCompatibleModels") + cut(text, "async function discoverOpenAiCompatibleModels("),
  },
];

const PROVIDERS = "src/agents/models-config.providers.ts";

/** Each function of discovery in place of the one of its name. */
export const FUNCTION_BY_FUNCTION: readonly SourceEdit[] = [
  ...ONBOARDING,
  {
    file: PROVIDERS,
    edit: (text) =>
      importOf("buildVllmProvider") +
      cut(cut(text, "async function discoverVllmModels("), "async function buildVllmProvider("),
  },
];

/** The block of `resolveImplicitProviders` as a whole. */
export const IMPLICIT_PROVIDER: readonly SourceEdit[] = [
  ...ONBOARDING,
  {
    file: PROVIDERS,
    edit: (text) =>
      importOf("resolveImplicitVllmProvider") +
      replaceOnce(
        cut(cut(text, "async function discoverVllmModels("), "async function buildVllmProvider("),
        / {2}if \(!params\.explicitProviders\?\.vllm\) \{\n[\s\S]*?\n {2}\}\n/,
        `  const vllm = await resolveImplicitVllmProvider(params);
  if (vllm) {
    providers.vllm = vllm;
  }
`,
      ),
  },
];
