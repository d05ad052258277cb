// Which page is shown: kept in the address behind the hash, so that "back" works and a reload
// comes back to the same place.
import { computed, signal } from "@preact/signals";
import { isAdministrator, isUnit, role } from "./store";

export const PAGES = [
  "main", "sighting", "plan", "orders", "units", "thread", "call", "situation", "journal", "review",
  "head", "chief", "press", "admin", "unit", "keys", "search", "case", "tasks", "claim",
] as const;
export type Page = (typeof PAGES)[number];

const hash = signal(location.hash);
window.addEventListener("hashchange", () => (hash.value = location.hash));

const HEADS = new Set(["head_of_state", "prime_minister", "interior_minister", "defence_minister", "state_secretary"]);
const CHIEFS = new Set([
  "chief_of_police", "deputy_chief_of_police", "riot_police_commander", "riot_police_duty",
  "border_commander", "border_duty", "security_chief", "security_duty", "military_commander", "military_duty",
]);
const LIAISON = new Set(["liaison_officer", "second_liaison_officer"]);
const PRESS = new Set(["press_officer", "second_press_officer"]);
const PROSECUTOR = new Set(["prosecutor", "second_prosecutor", "reviewer"]);

/** The first page of a role. */
export function homeOf(name: string): Page {
  if (name === "unit") return "unit";
  if (name === "administrator") return "admin";
  if (HEADS.has(name)) return "head";
  if (CHIEFS.has(name)) return "chief";
  if (LIAISON.has(name)) return "thread";
  if (PRESS.has(name)) return "press";
  if (PROSECUTOR.has(name)) return "journal";
  return "main";
}

export const page = computed<Page>(() => {
  const wanted = hash.value.replace(/^#\//, "") as Page;
  if (isUnit.value) return "unit";
  if (isAdministrator.value && wanted !== "journal" && wanted !== "keys") return "admin";
  return PAGES.includes(wanted) ? wanted : homeOf(role.value);
});

export function go(to: Page | "home"): void {
  const wanted = to === "home" ? homeOf(role.value) : to;
  location.hash = `#/${wanted}`;
  hash.value = location.hash;
}
