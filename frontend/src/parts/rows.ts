// Arrow keys in lists: up and down go from row to row, Home and End to the first and the last.
import type { TargetedKeyboardEvent } from "preact";

export function walk(event: TargetedKeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -1e6, End: 1e6 }[event.key];
  if (step === undefined || isField(event.target)) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('tr[tabindex="0"], [data-row]')];
  const at = rows.findIndex((one) => one.contains(document.activeElement));
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

export function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}
