/** Preload (`--import`): ends the process with SIGKILL right before its KILL_AT-th file operation that can change something. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const killAt = Number(process.env["KILL_AT"]);
let count = 0;

type AnyFunction = (...parameters: unknown[]) => unknown;

function step(): void {
  count += 1;
  if (count === killAt) process.kill(process.pid, "SIGKILL");
}

function patch(target: object, names: readonly string[]): void {
  const functions = target as Record<string, AnyFunction>;
  for (const name of names) {
    const original = functions[name] as AnyFunction;
    functions[name] = function (this: unknown, ...parameters: unknown[]) {
      step();
      return original.apply(this, parameters);
    };
  }
}

const changing = ["mkdir", "writeFile", "chmod", "rename", "unlink", "rm"];
patch(fs, [...changing, "open", "write", "fsync", "close", "chown"]);
patch(fs.promises, changing);
const open = fs.promises.open;
fs.promises.open = async (...parameters) => {
  step();
  const handle = await open(...parameters);
  patch(handle, ["writeFile", "close"]);
  return handle;
};
syncBuiltinESMExports();
