/** Runtimes whose bundlers and loaders take the portable build have `fetch` only. */
export const ownHttp: undefined = undefined;
