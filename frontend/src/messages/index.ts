// The language of the page: chosen by hand, else by the browser.
import { computed, signal } from "@preact/signals";
import { de } from "./de";
import { en, type Messages } from "./en";

export type Language = "en" | "de";
const kept = localStorage.getItem("stopline.language");
export const language = signal<Language>(
  kept === "de" || kept === "en" ? kept : navigator.language.startsWith("de") ? "de" : "en",
);
const current = computed<Messages>(() => (language.value === "de" ? de : en));

/** The sentences of the language that is chosen now. */
export const t = new Proxy({} as Messages, {
  get: (_, key: string) => current.value[key as keyof Messages],
});

export function speak(wanted: Language): void {
  localStorage.setItem("stopline.language", wanted);
  language.value = wanted;
  document.documentElement.lang = wanted;
}
