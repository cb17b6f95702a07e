import { VllmError, type ModelProfile } from "@vllm/schema/core";
import { isRecord } from "@vllm/schema/internal";

/** What is known about a model: as much of it as there is. */
type KnownProfile = Partial<ModelProfile> | undefined;

/** Finds out what is known about the model of that served id. */
export type FindProfile = (model: string) => KnownProfile | Promise<KnownProfile>;

/** What is known about the model, or a function that finds it out before the request is prepared. */
export type ProfileSource = Partial<ModelProfile> | FindProfile;

/** Asks a source once for each model. What failed, or found nothing, is asked again. */
export function rememberProfiles(source: ProfileSource | undefined): ProfileSource | undefined {
  if (typeof source !== "function") return source;
  const found = new Map<string, Promise<KnownProfile>>();
  return async (model) => {
    const known = found.get(model) ?? Promise.resolve(model).then(source);
    found.set(model, known);
    const profile = await known.catch((error: unknown) => {
      found.delete(model);
      throw error;
    });
    if (profile === undefined) found.delete(model);
    return profile;
  };
}

/**
 * @param findModel the id of the model when the request names none
 * @throws {VllmError} what the function threw, or `CONFIG_INVALID`
 */
export async function findProfile(
  source: FindProfile,
  request: unknown,
  findModel: () => Promise<string>,
): Promise<KnownProfile> {
  // What is not an object is refused with the rest of the request.
  if (!isRecord(request)) return undefined;
  const model = modelOf(request) ?? (await findModel());
  try {
    return await source(model);
  } catch (cause) {
    if (VllmError.isInstance(cause)) throw cause;
    throw new VllmError({
      code: "CONFIG_INVALID",
      message: `The function that was given as profile threw an error for the model ${JSON.stringify(model)}.`,
      hint: "Look at error.cause. A function that finds nothing returns undefined: the request is then sent without a profile.",
      cause,
    });
  }
}

function modelOf({ model, extra_body: extra }: Readonly<Record<string, unknown>>): string | undefined {
  const sent = (isRecord(extra) ? extra["model"] : undefined) ?? model;
  return typeof sent === "string" && sent !== "" ? sent : undefined;
}
