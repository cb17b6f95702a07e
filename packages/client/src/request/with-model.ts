/** The request with the client's own model, where it names none. What is no object is refused with the rest of the request. */
export function withModel<Params extends { model?: string | undefined }>(
  params: Params,
  model: string | undefined,
): Params {
  return params?.model === undefined && model !== undefined ? { ...params, model } : params;
}
