import { describe, expect, it } from "vitest";
import { setApart, type Item } from "../src/map/apart";

function item(key: string, x: number, y: number, off = false): Item {
  return { key, x, y, width: 26, height: 26, off };
}

function overlap(a: { left: number; top: number; width: number; height: number }, b: typeof a): boolean {
  return Math.abs(a.left - b.left) < (a.width + b.width) / 2 && Math.abs(a.top - b.top) < (a.height + b.height) / 2;
}

describe("signs", () => {
  it("stay where they belong while there is room", () => {
    const [one] = setApart([item("a", 100, 100)], 800, 600);
    expect(one).toMatchObject({ left: 100, top: 100, moved: false });
  });
  it("never lie on each other, and stay inside", () => {
    const items = Array.from({ length: 12 }, (_, n) => item(String(n), 400 + (n % 4) * 6, 300 + Math.floor(n / 4) * 6));
    const placed = setApart(items, 800, 600);
    for (const [n, one] of placed.entries()) {
      expect(one.left).toBeGreaterThan(0);
      expect(one.left).toBeLessThan(800);
      for (const other of placed.slice(n + 1)) expect(overlap(one, other)).toBe(false);
    }
  });
  it("moves a plate off its place", () => {
    const [one] = setApart([item("a", 100, 100, true)], 800, 600);
    expect(one?.moved).toBe(true);
  });
});
