import picocolors from "picocolors";

import type { LabProgress } from "./ensure-lab-installed.ts";
import { LabError } from "./lab-error.ts";
import type { Reply } from "./script/reply.ts";
import type { Lab } from "./start-lab.ts";

interface Output {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  write(text: string): unknown;
}

export interface Reporter {
  progress(progress: LabProgress): void;
  installed(folder: string): void;
  ready(lab: Pick<Lab, "baseUrl" | "pid" | "enginePid" | "command">, replies: readonly Reply[]): void;
  stopping(): void;
  /** The server ended without being asked to. */
  ended(how: string, logTail: readonly string[]): void;
  failed(error: unknown): void;
}

export interface ReporterOptions {
  json: boolean;
  /** Takes what was asked for. */
  out: Output;
  /** Takes progress and errors. */
  status: Output;
  now?: (() => number) | undefined;
}

/** Says what happens: lines for people, or with `json` one object a line. */
export function createReporter(options: ReporterOptions): Reporter {
  return options.json ? createJsonReporter(options) : createTextReporter(options);
}

function createTextReporter({ out, status, now = Date.now }: ReporterOptions): Reporter {
  const colors = picocolors.createColors(status.isTTY === true && picocolors.isColorSupported);
  const started = now();
  const elapsed = () => colors.dim(`${Math.round((now() - started) / 1000)} s`.padStart(6));
  const clearLine = () => {
    if (status.isTTY === true) status.write("\r\u001B[K");
  };
  let lastStep = "";
  return {
    progress({ step, detail }) {
      if (step !== lastStep) {
        lastStep = step;
        clearLine();
        status.write(`${elapsed()}  ${step}\n`);
      } else if (detail !== undefined && status.isTTY === true) {
        clearLine();
        status.write(
          colors.dim(`        ${detail.replaceAll(/[^\u0020-\u007E]/g, "")}`.slice(0, (status.columns || 80) - 1)),
        );
      }
    },
    installed(folder) {
      clearLine();
      out.write(`The lab is installed in ${folder}\n`);
    },
    ready(lab, replies) {
      clearLine();
      status.write(
        `${elapsed()}  ready\n\n${colors.dim(lab.command)}\n\nAsk it one of these (it has scripted replies only):\n`,
      );
      const asks = replies.filter((reply) => reply.ask !== undefined);
      const width = Math.max(...asks.map(({ ask }) => (ask ?? "").length));
      for (const { ask = "", about } of asks) status.write(`  ${ask.padEnd(width)}  ${colors.dim(about)}\n`);
      status.write("\nBase URL (Ctrl-C stops the server):\n");
      out.write(`${lab.baseUrl}\n`);
    },
    stopping() {
      clearLine();
      status.write("\nStopping vLLM\n");
    },
    ended(how, logTail) {
      status.write(
        `${colors.red("vLLM has ended by itself")} (${how}). Its last lines:\n${logTail.map((line) => `  ${line}\n`).join("")}`,
      );
    },
    failed(error) {
      clearLine();
      const { message, hint } = describe(error);
      status.write(`${colors.red(message)}\n${hint === "" ? "" : `${hint}\n`}`);
    },
  };
}

function createJsonReporter({ out }: ReporterOptions): Reporter {
  const write = (event: object) => out.write(`${JSON.stringify(event)}\n`);
  let lastStep = "";
  return {
    progress({ step }) {
      if (step !== lastStep) write({ type: "progress", step });
      lastStep = step;
    },
    installed: (folder) => write({ type: "installed", folder }),
    ready: ({ baseUrl, pid, enginePid, command }, replies) =>
      write({ type: "ready", baseUrl, pid, enginePid, command, asks: replies.flatMap(({ ask }) => ask ?? []) }),
    stopping: () => write({ type: "stopping" }),
    ended: (how, logTail) => write({ type: "ended", how, logTail }),
    failed: (error) => write({ type: "failed", ...describe(error) }),
  };
}

function describe(error: unknown): { message: string; hint: string } {
  if (error instanceof LabError) return { message: error.message, hint: error.hint };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error), hint: "" };
}
