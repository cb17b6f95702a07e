import { describe, expect, it } from "vitest";

import { isLabSupported, type Machine, toSupport } from "./is-lab-supported.ts";

const MACHINE: Machine = {
  platform: "linux",
  architecture: "x64",
  glibcVersion: "2.36",
  python: { path: "/usr/bin/python3.11" },
  freeBytes: 50e9,
  isInstalled: false,
};
const on = (differences: Partial<Machine>) => toSupport({ ...MACHINE, ...differences });

describe("toSupport", () => {
  it("says yes, and with which Python", () => {
    expect(on({})).toEqual({ supported: true, basePython: "/usr/bin/python3.11" });
  });

  it.each<[string, Partial<Machine>, reason: string, hint: RegExp]>([
    [
      "macOS",
      { platform: "darwin", architecture: "arm64" },
      "The lab needs Linux on x86_64, and this is macOS on arm64.",
      /container/,
    ],
    ["Windows", { platform: "win32" }, "The lab needs Linux on x86_64, and this is Windows on x64.", /WSL 2/],
    [
      "Linux on ARM",
      { architecture: "arm64" },
      "The lab needs Linux on x86_64, and this is Linux on arm64.",
      /recorded server/,
    ],
    [
      "Alpine",
      { glibcVersion: undefined },
      "The lab needs glibc 2.28 or newer, and this system has none (Alpine?).",
      /Debian/,
    ],
    ["CentOS 7", { glibcVersion: "2.17" }, "The lab needs glibc 2.28 or newer, and this system has 2.17.", /Debian/],
    [
      "no Python 3.11",
      { python: { problem: "absent" } },
      "The lab needs Python 3.11, and there is none on PATH.",
      /apt install python3\.11 /,
    ],
    [
      "Debian without python3.11-venv",
      { python: { problem: "without-venv" } },
      "The lab needs Python's venv module, and this Python 3.11 has none.",
      /apt install python3\.11-venv/,
    ],
    [
      "a full disk",
      { freeBytes: 1.23e9 },
      "The lab needs 6 GB of disk, and the cache folder's has 1.2 GB free.",
      /XDG_CACHE_HOME/,
    ],
  ])("says no in one line: %s", (_, differences, reason, hint) => {
    const support = on(differences);
    expect(support).toEqual({ supported: false, reason, hint: expect.stringMatching(hint) });
    expect(reason).not.toContain("\n");
  });

  it.each(["2.28", "2.40", "3.0"])("takes glibc %s", (glibcVersion) => {
    expect(on({ glibcVersion }).supported).toBe(true);
  });

  it("asks for no disk when it is installed already", () => {
    expect(on({ freeBytes: 0, isInstalled: true }).supported).toBe(true);
  });

  it("names what can't be changed first", () => {
    const support = on({ platform: "darwin", python: { problem: "absent" }, freeBytes: 0 });
    expect(support).toMatchObject({ reason: expect.stringContaining("Linux") });
  });
});

it("gives a verdict on this machine, whichever", async () => {
  const support = await isLabSupported();
  expect(support.supported ? support.basePython : support.reason).not.toBe("");
});
