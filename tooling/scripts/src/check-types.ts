/** Compiles programs against the installed packages with every TypeScript that is supported, in every way that programs are set up. */
import { installPackages } from "@vllm-tooling/install";
import { cpSync, writeFileSync } from "node:fs";
import path from "node:path";
import { repositoryRoot } from "./repository.ts";

/** The oldest that is supported, the last of each major version, and our own. */
const VERSIONS = { "5.6": "5.6.3", "5.9": "5.9.3", "6.0": "6.0.3" };

const RESOLUTIONS = {
  nodenext: { module: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
} as const;

export interface TypeCheck {
  name: string;
  command: string;
  parameters: string[];
}

/** @param entries of the packages that run anywhere */
export async function listTypeChecks(consumer: string, entries: readonly string[]): Promise<TypeCheck[]> {
  const aliases = Object.entries(VERSIONS).map(([name, version]) => [
    `typescript-${name}`,
    `npm:typescript@${version}`,
  ]);
  const installed = await installPackages("typescript", Object.fromEntries(aliases) as Record<string, string>);
  const compilers = [
    ...Object.keys(VERSIONS).map(
      (name) => [name, path.join(installed, `node_modules/typescript-${name}/bin/tsc`)] as const,
    ),
    ["7", path.join(repositoryRoot, "node_modules/typescript/bin/tsc")] as const,
  ];
  cpSync(path.join(import.meta.dirname, "../types/usage.ts"), path.join(consumer, "usage.ts"));
  writeFileSync(
    path.join(consumer, "entries.ts"),
    entries.map((entry, index) => `export * as entry${index} from ${JSON.stringify(entry)};`).join("\n"),
  );
  return compilers.flatMap(([version, compiler]) =>
    Object.entries(RESOLUTIONS).flatMap(([resolution, moduleOptions]) =>
      [true, false].map((exactOptionalPropertyTypes) => {
        const how = `${resolution}, exactOptionalPropertyTypes ${exactOptionalPropertyTypes ? "on" : "off"}`;
        const file = `types-${version}-${resolution}-${exactOptionalPropertyTypes ? "exact" : "loose"}.json`;
        const compilerOptions = {
          ...moduleOptions,
          exactOptionalPropertyTypes,
          target: "es2022",
          lib: ["es2022", "dom", "dom.iterable"],
          strict: true,
          skipLibCheck: false,
          noEmit: true,
          types: [],
        };
        const include = ["usage.ts", "entries.ts"];
        writeFileSync(path.join(consumer, file), JSON.stringify({ compilerOptions, include }));
        const name = `TypeScript ${version}, ${how}`;
        return { name, command: process.execPath, parameters: [compiler, "-p", file] };
      }),
    ),
  );
}
