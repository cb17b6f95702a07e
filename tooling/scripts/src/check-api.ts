/**
 * Compares what each public entry of the built packages declares with its report in `docs/api`, so that no change of the public API goes
 * unseen: it shows in the diff of the change that makes it. `--write` writes the reports.
 */
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import compilerOptions from "@vllm-tooling/build/compiler-options.json" with { type: "json" };
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { publishedPackages, repositoryRoot } from "./repository.ts";
import { showHelp } from "./show-help.ts";

showHelp(`pnpm check:api [--write]

Compares what the built packages declare with docs/api; --write writes docs/api anew. Build first: pnpm build.`);

const reportFolder = path.join(repositoryRoot, "docs/api");
const isWriting = process.argv.includes("--write");
const scratch = mkdtempSync(path.join(tmpdir(), "vllm-api-"));
mkdirSync(reportFolder, { recursive: true });

const problems: string[] = [];
const reports = new Set<string>();
try {
  for (const { manifest, directory } of publishedPackages()) {
    const shortName = manifest.name.replace("@vllm/", "");
    for (const [entry, target] of Object.entries(manifest.exports)) {
      const types = typeof target === "object" ? target["types"] : undefined;
      // What is for packages of the same version only promises nothing.
      if (types === undefined || entry.startsWith("./internal")) continue;
      const report = `${shortName}${entry === "." ? "" : entry.slice(1).replaceAll("/", "-").replace(/^-/, ".")}.api.md`;
      reports.add(report);
      const succeeded = compare(directory, path.join(directory, types), report);
      if (succeeded) console.log(`ok    ${report}`);
      else problems.push(`FAIL  docs/api/${report} is not what the built package declares.`);
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
for (const left of readdirSync(reportFolder).filter((name) => name.endsWith(".api.md") && !reports.has(name))) {
  if (isWriting) rmSync(path.join(reportFolder, left));
  else problems.push(`FAIL  docs/api/${left} is of no entry.`);
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) console.error("Run `pnpm build && pnpm check:api --write`, and look at the difference.");
process.exitCode = problems.length === 0 ? 0 : 1;

function compare(directory: string, mainEntryPointFilePath: string, reportFileName: string): boolean {
  const silent = { logLevel: ExtractorLogLevel.None };
  const config = ExtractorConfig.prepare({
    configObjectFullPath: path.join(directory, "api-extractor.json"),
    packageJsonFullPath: path.join(directory, "package.json"),
    configObject: {
      projectFolder: directory,
      mainEntryPointFilePath,
      newlineKind: "lf",
      compiler: {
        overrideTsconfig: { compilerOptions, files: [mainEntryPointFilePath] },
      },
      apiReport: {
        enabled: true,
        reportFileName,
        reportFolder,
        reportTempFolder: scratch,
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: silent },
        tsdocMessageReporting: { default: silent },
      },
    },
  });
  const { succeeded } = Extractor.invoke(config, {
    localBuild: isWriting,
    messageCallback(message) {
      // The reason is in the list at the end.
      if (message.logLevel === ExtractorLogLevel.Info || message.logLevel === ExtractorLogLevel.Warning)
        message.handled = true;
    },
  });
  return succeeded;
}
