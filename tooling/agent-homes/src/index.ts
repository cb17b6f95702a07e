export { coderClawConfig, coderClawProvider, completeCoderClawModel, piModelsFile } from "./coderclaw.ts";
export { openClawConfig, openClawModel } from "./openclaw.ts";
