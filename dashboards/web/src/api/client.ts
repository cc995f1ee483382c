/** The only place that fetches. Every failure becomes an `ApiError` with words to show. */

/** The page may live under a path prefix; this module's own address tells which. */
export const BASE: string = import.meta.env.PROD ? new URL("../", import.meta.url).pathname : "/";

export class ApiError extends Error {
  /** HTTP status; 0 when no reply came. */
  readonly status: number;
  readonly title: string;
  readonly detail: string;

  constructor(status: number, title: string, detail: string) {
    super(detail === "" ? title : `${title}: ${detail}`);
    this.name = "ApiError";
    this.status = status;
    this.title = title;
    this.detail = detail;
  }
}

export type Query = { readonly [name: string]: string | number | boolean | null | undefined };

/** Run addresses and project names keep their slashes; every other character is escaped. */
export function escapePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

export function apiUrl(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return `${BASE}api/${path}${text === "" ? "" : `?${text}`}`;
}

async function problem(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const record = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const say = (name: string, other: string): string =>
    typeof record[name] === "string" ? record[name] : other;
  return new ApiError(
    response.status,
    say("title", response.statusText || `HTTP ${response.status}`),
    say("detail", ""),
  );
}

async function send(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { credentials: "same-origin", ...init }).catch(
    (error: unknown) => {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new ApiError(0, "offline", String(error));
    },
  );
  if (!response.ok) throw await problem(response);
  return response;
}

const JSON_HEADERS = { accept: "application/json" };

export async function getJson<Reply>(
  path: string,
  query: Query = {},
  signal?: AbortSignal,
): Promise<Reply> {
  const response = await send(apiUrl(path, query), {
    headers: JSON_HEADERS,
    ...(signal ? { signal } : {}),
  });
  // The server's types are checked by its own tests against the schema these are made from.
  return (await response.json()) as Reply;
}

export async function getText(path: string, signal?: AbortSignal): Promise<string> {
  const response = await send(apiUrl(path), signal ? { signal } : {});
  return response.text();
}

export async function sendJson<Reply>(
  method: "POST" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
): Promise<Reply | null> {
  const response = await send(apiUrl(path), {
    method,
    headers: { ...JSON_HEADERS, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return text === "" ? null : (JSON.parse(text) as Reply);
}

/** Ask for columns; the reply is a binary frame for `decodeFrame`. */
export async function postForFrame(path: string, body: unknown): Promise<ArrayBuffer> {
  const response = await send(apiUrl(path), {
    method: "POST",
    headers: { accept: "application/vnd.tracklab.series", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.arrayBuffer();
}
