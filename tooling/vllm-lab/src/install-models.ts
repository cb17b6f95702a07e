import { join } from "node:path";

import { PYTHON_FOLDER } from "./lab-paths.ts";
import { runCommand } from "./run-command.ts";
import { toTiedArguments } from "./to-tied-arguments.ts";

/** The models of the lab: name on the command line and folder below `lab/` alike. */
export const MODELS = {
  tiny: { about: "answers without thinking", flags: [] },
  "tiny-r": { about: "thinks before it answers", flags: ["--reasoning"] },
  "tiny-v": { about: "takes one picture, does not think", flags: ["--vision"] },
} as const;
export type ModelName = keyof typeof MODELS;

export const LORA_FOLDER = "lab/my-lora";

/** Makes all models and the LoRA adapter in a serving folder, in seconds. */
export async function installModels(python: string, folder: string, signal?: AbortSignal): Promise<void> {
  const make = (script: string, target: string, ...flags: string[]) =>
    runCommand(python, toTiedArguments(python, [join(PYTHON_FOLDER, script), join(folder, target), ...flags]), {
      purpose: `make ${target}`,
      signal,
    });
  await Promise.all([
    ...Object.entries(MODELS).map(([name, { flags }]) => make("make_model.py", `lab/${name}`, ...flags)),
    make("make_lora.py", LORA_FOLDER),
  ]);
}
