export { coderClawConfig, coderClawProvider, completeCoderClawModel, piModelsFile } from "./coderclaw.ts";
export { openClawConfig, openClawModel } from "./openclaw.ts";
export { HOME_KINDS, toUsedPath, writeUsedHome, type HomeKind } from "./used-home.ts";
