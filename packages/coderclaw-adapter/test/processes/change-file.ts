/** `change-file.ts edit|edit-many|undo|key <path> [name]`: one change, in a process of its own. */
import { applyChange } from "./apply-change.ts";

const [kind = "", path = "", name] = process.argv.slice(2);
await applyChange(kind, path, name);
