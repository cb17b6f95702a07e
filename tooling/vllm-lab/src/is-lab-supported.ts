import { statfs } from "node:fs/promises";
import { dirname } from "node:path";

import { exists } from "@vllm-tooling/install";

import { findPython, type FoundPython } from "./find-python.ts";
import { findLabPaths } from "./lab-paths.ts";
import { DEFAULT_VLLM_VERSION, type VllmVersion } from "./vllm-versions.ts";

/** What the verdict depends on, as values. */
export interface Machine {
  platform: string;
  architecture: string;
  /** "2.36"; undefined on a system without glibc (Alpine). */
  glibcVersion: string | undefined;
  python: FoundPython;
  /** Bytes free in the cache folder. */
  freeBytes: number;
  isInstalled: boolean;
}

export type LabSupport = { supported: true; basePython: string } | { supported: false; reason: string; hint: string };

const NEEDED_BYTES = 6e9;
const NEEDED_GLIBC = [2, 28] as const;
const PLATFORM_NAMES: Record<string, string> = { darwin: "macOS", win32: "Windows", linux: "Linux" };
const ELSEWHERE = "Everything else works without it: the demo and the tests bring their own recorded server.";

/** Can this machine run the lab? Never throws: the reason is one sentence, the hint says what to do. */
export async function isLabSupported(vllmVersion: VllmVersion = DEFAULT_VLLM_VERSION): Promise<LabSupport> {
  const { cacheFolder, python } = await findLabPaths(vllmVersion);
  return toSupport({
    platform: process.platform,
    architecture: process.arch,
    glibcVersion: findGlibcVersion(),
    python: process.platform === "linux" ? await findPython() : { problem: "absent" },
    freeBytes: await findFreeBytes(cacheFolder),
    isInstalled: await exists(python),
  });
}

export function toSupport(machine: Machine): LabSupport {
  if (machine.platform !== "linux" || machine.architecture !== "x64") {
    return no(
      `The lab needs Linux on x86_64, and this is ${PLATFORM_NAMES[machine.platform] ?? machine.platform} on ${machine.architecture}.`,
      `vLLM's CPU packages are made for Linux: use a Linux machine, WSL 2 or a container with --platform linux/amd64. ${ELSEWHERE}`,
    );
  }
  if (!isAtLeast(machine.glibcVersion, NEEDED_GLIBC)) {
    const found = machine.glibcVersion === undefined ? "has none (Alpine?)" : `has ${machine.glibcVersion}`;
    return no(
      `The lab needs glibc ${NEEDED_GLIBC.join(".")} or newer, and this system ${found}.`,
      "Use Debian 10, Ubuntu 20.04, RHEL 8 or newer.",
    );
  }
  if (machine.python.path === undefined) {
    return machine.python.problem === "without-venv"
      ? no(
          "The lab needs Python's venv module, and this Python 3.11 has none.",
          "Install it: apt install python3.11-venv.",
        )
      : no(
          "The lab needs Python 3.11, and there is none on PATH.",
          "Install it (apt install python3.11 python3.11-venv, or pyenv install 3.11, or uv python install 3.11) and put python3.11 on PATH.",
        );
  }
  if (!machine.isInstalled && machine.freeBytes < NEEDED_BYTES) {
    const free = (machine.freeBytes / 1e9).toFixed(1);
    return no(
      `The lab needs ${NEEDED_BYTES / 1e9} GB of disk, and the cache folder's has ${free} GB free.`,
      "Free some, or set XDG_CACHE_HOME to a folder on a larger disk.",
    );
  }
  return { supported: true, basePython: machine.python.path };
}

function no(reason: string, hint: string): LabSupport {
  return { supported: false, reason, hint };
}

function isAtLeast(version: string | undefined, [neededMajor, neededMinor]: readonly [number, number]): boolean {
  if (version === undefined) return false;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}

function findGlibcVersion(): string | undefined {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime;
}

/** On the disk that holds the folder, or would: its nearest parent that exists is asked. */
async function findFreeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    if (dirname(folder) === folder) throw error;
    return findFreeBytes(dirname(folder));
  }
}
