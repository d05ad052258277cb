// Asking the node: every path, parameter and answer is typed by its OpenAPI document, and what a page
// must send along is sent along.
import type { paths } from "./schema";
import type { Problem } from "./types";

let roleHeader = "";
let onSignedOut: () => void = () => undefined;
let onReached: (reached: boolean) => void = () => undefined;

type Json<Responses> = Responses extends { 200: { content: { "application/json": infer Body } } } ? Body
  : Responses extends { 201: { content: { "application/json": infer Body } } } ? Body : never;
type Gettable = { [P in keyof paths]: paths[P] extends { get: { responses: infer R } } ? ([Json<R>] extends [never] ? never : P) : never }[keyof paths];
type Answers<P extends Gettable> = paths[P] extends { get: { responses: infer R } } ? Json<R> : never;
type Parameters<P extends Gettable> = paths[P] extends { get: { parameters: infer A } } ? A : never;
type Given<P extends Gettable> = {
  params?: Pick<Parameters<P>, Extract<keyof Parameters<P>, "path" | "query">>;
};

function headers(): Record<string, string> {
  return { "Stopline-Request": "1", ...(roleHeader ? { "Stopline-Role": roleHeader } : {}) };
}

async function ask(method: string, path: string, body?: unknown): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: { ...headers(), ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    onReached(false);
    throw error;
  }
  onReached(true);
  if (response.status === 401 && path !== "/v1/session") onSignedOut();
  return response;
}

function address(path: string, params: { path?: unknown; query?: unknown } | undefined): string {
  const named = Object.entries((params?.path ?? {}) as Record<string, string | number>);
  const filled = named.reduce((all, [key, value]) => all.replace(`{${key}}`, encodeURIComponent(value)), path);
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries((params?.query ?? {}) as Record<string, unknown>)) {
    if (value !== undefined && value !== null) query.set(key, String(value));
  }
  return query.size ? `${filled}?${query}` : filled;
}

/** Read from a path of the node. */
export async function get<P extends Gettable>(path: P, params?: Given<P>["params"]): Promise<Answers<P>> {
  const found = await content(await ask("GET", address(path, params)));
  // The journal is shown as it was written.
  return (words.size === 0 || path.startsWith("/v1/journal") ? found : inOtherWords(found)) as Answers<P>;
}

let words = new Map<string, string>();
/** What the agreed protocol says, by its own words, in the language of the page. */
export function sayInstead(found: Record<string, string>): void {
  words = new Map(Object.entries(found));
}

/** Whatever is a text of the protocol, in the other language; everything else as it is. */
export function inOtherWords(found: unknown): unknown {
  if (typeof found === "string") return words.get(found) ?? found;
  if (Array.isArray(found)) return typeof found[0] === "number" ? found : found.map(inOtherWords);
  if (found === null || typeof found !== "object") return found;
  return Object.fromEntries(Object.entries(found).map(([key, value]) => [key, inOtherWords(value)]));
}

/** A longer text in which texts of the protocol stand. */
export function withOtherWords(text: string): string {
  let said = text;
  for (const [from, to] of words) said = said.replaceAll(from, to);
  return said;
}

/** Read text from a path of the node, for example a proof. */
export async function getText(path: string): Promise<string> {
  const response = await ask("GET", path);
  if (!response.ok) await content(response);
  return response.text();
}

/** Begin or end a session. */
export async function session(method: "POST" | "DELETE", body?: unknown): Promise<void> {
  await content(await ask(method, "/v1/session", body));
}

async function content(response: Response): Promise<unknown> {
  if (response.status === 204) return null;
  const found = (await response.json().catch(() => null)) as unknown;
  if (!response.ok) throw new Refusal(response.status, found as Problem | null);
  return found;
}

/** In which role this page asks and acts. */
export function actIn(role: string): void {
  roleHeader = role;
}

export function whenSignedOut(then: () => void): void {
  onSignedOut = then;
}

export function whenReached(then: (reached: boolean) => void): void {
  onReached = then;
}

/** What went wrong, in the node's words. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem | null,
  ) {
    super(inWords(status, problem));
  }

  /** The last part of the problem's type: `faults`, `not-now`, ... */
  get kind(): string {
    return this.problem?.type.split("/").pop() ?? "";
  }
}

function inWords(status: number, problem: Problem | null): string {
  if (problem === null) return `HTTP ${status}`;
  const faults = problem.faults?.map((one) => `${one.where}: ${one.seen}; ${one.expected}`) ?? [];
  return [problem.detail || problem.title, ...faults].filter(Boolean).join(" ");
}

/** Give a command by its name: the path depends on whether it belongs to an incident. */
export async function give(
  incident: string | null,
  kind: string,
  body: unknown,
  key: string,
  role: string,
): Promise<{ ids: string[]; entries: number[] }> {
  const path = incident
    ? `/v1/incidents/${encodeURIComponent(incident)}/commands/${kind}`
    : `/v1/commands/${kind}`;
  const response = await fetch(path, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "Idempotency-Key": key,
      "Stopline-Request": "1",
      ...(role ? { "Stopline-Role": role } : {}),
    },
    body: JSON.stringify(body),
  });
  onReached(true);
  const content = (await response.json().catch(() => null)) as unknown;
  if (!response.ok) {
    if (response.status === 401) onSignedOut();
    throw new Refusal(response.status, content as Problem | null);
  }
  return content as { ids: string[]; entries: number[] };
}
