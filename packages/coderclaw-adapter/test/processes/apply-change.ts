import { planConfigEdit, writeConfigChange } from "../../src/config-file/edit-config-file.ts";
import { planUndo, undoConfig } from "../../src/config-file/undo-config.ts";
import { saveApiKeyProfile } from "../../src/secrets/auth-profiles.ts";

const accept = (): void => undefined;

/** One change of a file, as the kill tests make it: in a process that dies of it, and in one that does not. */
export async function applyChange(kind: string, path: string, name = "a"): Promise<void> {
  if (kind === "edit") await writeConfigChange(await planConfigEdit(path, [{ path: [name], value: "new" }], accept));
  if (kind === "undo") await undoConfig(await planUndo(path, accept));
  if (kind === "key") await saveApiKeyProfile(path, { provider: name, key: "new" });
  if (kind === "edit-many") await editMany(path, name);
}

async function editMany(path: string, name: string): Promise<void> {
  for (let index = 0; index < 8;) {
    try {
      const edits = [{ path: ["shared", `${name}${index}`], value: index }];
      await writeConfigChange(await planConfigEdit(path, edits, accept));
      index += 1;
    } catch (error) {
      if (!String(error).includes("in the meantime")) throw error;
    }
  }
}
