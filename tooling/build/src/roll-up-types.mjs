#!/usr/bin/env node
// After `tsc`: puts the declarations of each entry of the package in the current folder into one file, and removes all others.
// JavaScript, because it runs on whatever Node the build was started with.
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from "node:fs";
import path from "node:path";

const root = process.cwd();
const compilerOptions = JSON.parse(readFileSync(new URL("compiler-options.json", import.meta.url), "utf8"));
const dist = path.join(root, "dist");
const { name: ownName, exports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const entries = [...new Set(Object.values(exports).flatMap((target) => target.types ?? []))];
/** The main entry as another package sees it: an import of it by name then stays one, and is not repeated in the other entries. */
const mainElsewhere = path.join(root, "node_modules/.roll-up-types/index.d.ts");

const [main, ...others] = entries.map((entry) => toConfig(path.join(root, entry), entry === entries[0]));
rollUp([main]);
mkdirSync(path.dirname(mainElsewhere), { recursive: true });
copyFileSync(main.untrimmedFilePath, mainElsewhere);
if (others.length > 0) rollUp(others);
removeOthers(dist);
for (const config of [main, ...others]) renameSync(config.untrimmedFilePath, config.mainEntryPointFilePath);

function rollUp(configs) {
  const additionalEntryPoints = configs.map((config) => config.mainEntryPointFilePath);
  const compilerState = CompilerState.create(configs[0], { additionalEntryPoints });
  for (const config of configs) {
    const { succeeded, errorCount, warningCount } = Extractor.invoke(config, { compilerState, localBuild: true });
    if (!succeeded) throw new Error(`${config.mainEntryPointFilePath}: ${errorCount} errors, ${warningCount} warnings`);
  }
}

function toConfig(mainEntryPointFilePath, isMain) {
  const silent = { logLevel: ExtractorLogLevel.None };
  return ExtractorConfig.prepare({
    configObjectFullPath: path.join(root, "api-extractor.json"),
    packageJsonFullPath: path.join(root, "package.json"),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath,
      newlineKind: "lf",
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            ...compilerOptions,
            ...(isMain ? {} : { paths: { [ownName]: [mainElsewhere] } }),
          },
          files: [mainEntryPointFilePath],
        },
      },
      apiReport: { enabled: false },
      docModel: { enabled: false },
      dtsRollup: { enabled: true, untrimmedFilePath: `${mainEntryPointFilePath}.rolled` },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: silent },
        tsdocMessageReporting: { default: silent },
      },
    },
  });
}

/** Removes every declaration, and the folders that held nothing else. */
function removeOthers(folder) {
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    const name = path.join(folder, item.name);
    if (item.isFile() && item.name.endsWith(".d.ts")) rmSync(name);
    if (item.isDirectory()) removeOthers(name);
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
