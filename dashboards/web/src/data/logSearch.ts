/** What a search field asks for: a text in any case, or an expression between slashes. */

export type LogQuestion = { readonly q: string } | { readonly re: string };

export function toQuestion(find: string): LogQuestion {
  const [, re] = /^\/(.+)\/$/u.exec(find) ?? [];
  return re === undefined ? { q: find } : { re };
}

/** The same question to lines that are here already; null asks for nothing, or nothing valid. */
export function toMatcher(find: string): ((text: string) => boolean) | null {
  if (find === "") return null;
  const question = toQuestion(find);
  if ("q" in question) {
    const wanted = question.q.toLowerCase();
    return (text) => text.toLowerCase().includes(wanted);
  }
  try {
    const pattern = new RegExp(question.re, "u");
    return (text) => pattern.test(text);
  } catch {
    return null;
  }
}

/** Levels belong to events: console text has none, and is not asked for with one. */
export function streamsOf(kind: string, level: string): { stream?: string; level?: string } {
  const console = kind === "stdout" || kind === "stderr";
  return {
    ...(kind === "all" ? {} : { stream: kind }),
    ...(level === "DEBUG" || console ? {} : { level }),
  };
}
