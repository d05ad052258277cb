// What a person chose for this browser: theme, sound, keys.
import { signal } from "@preact/signals";

export type Theme = "dark" | "light";

function kept(name: string): string | null {
  return localStorage.getItem(`stopline.${name}`);
}

export const theme = signal<Theme>(
  kept("theme") === "light" ? "light"
  : kept("theme") === "dark" ? "dark"
  : matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark",
);
export const muted = signal(kept("muted") === "yes");
export const keysOff = signal(kept("keys") === "off");

/** Somebody came by the address that a demonstration prints: a strip says where to look. */
export const guided = signal(sessionStorage.getItem("stopline.guide") === "yes");
if (location.hash === "#/guide") {
  guided.value = true;
  sessionStorage.setItem("stopline.guide", "yes");
}

export function endGuide(): void {
  guided.value = false;
  sessionStorage.removeItem("stopline.guide");
}

document.documentElement.dataset["theme"] = theme.value;

export function turnTheme(): void {
  theme.value = theme.value === "dark" ? "light" : "dark";
  document.documentElement.dataset["theme"] = theme.value;
  localStorage.setItem("stopline.theme", theme.value);
}

export function turnSound(): void {
  muted.value = !muted.value;
  localStorage.setItem("stopline.muted", muted.value ? "yes" : "no");
}

export function turnKeys(): void {
  keysOff.value = !keysOff.value;
  localStorage.setItem("stopline.keys", keysOff.value ? "off" : "on");
}
