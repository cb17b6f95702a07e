export { requirements, type RequirementId } from "./requirements/index.ts";
export type { Requirement } from "./requirements/requirement.ts";
export { growthOf, ofSize } from "./growth.ts";
export { ATOMS, complaintsAbout } from "./slow-passes.ts";
export { findSlowText } from "./regexp/slow-text.ts";
export { verifies } from "./verifies.ts";
export { describeTargets, type ServedTarget, type ServeOptions, type Target, type TargetName } from "./targets.ts";
