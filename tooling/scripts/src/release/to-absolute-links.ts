import path from "node:path";

/** In front of a link's target: `](` of a link or an image, `src="` of a picture. Targets with a scheme and those on the page stay. */
const RELATIVE_TARGET = /(\]\(|\ssrc(?:set)?=")(?![a-z][a-z\d+.-]*:|#|\/)([^)\s"#]+)/g;
const IMAGE = /\.(?:svg|png|gif|jpe?g)$/;

/** A README as npm's page needs it: links into the repository begin with its address. */
export function toAbsoluteLinks(markdown: string, { folder, url }: { folder: string; url: string }): string {
  return markdown.replace(RELATIVE_TARGET, (_, before: string, target: string) => {
    const file = path.posix.join(folder, target);
    return `${before}${url}/${IMAGE.test(file) ? "raw" : "blob"}/main/${file}`;
  });
}
