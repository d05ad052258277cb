import { describe, expect, it } from "vitest";
import type { Picture } from "../src/api/types";
import { de } from "../src/messages/de";
import { en } from "../src/messages/en";
import { stepOf, type Step } from "../src/parts/guide";

function picture(phase: string, part: object = {}): Picture {
  const shown = {
    incident: { began: "2026-06-12T19:30:00Z", phase, over: phase === "CLOSED" }, line: { up: true }, troubles: [], verdict: null, sightings: [], ...part,
  };
  return shown as unknown as Picture;
}

describe("the strip for a first time", () => {
  it("goes with the case, the most pressing first", () => {
    const steps: [Picture | null, Step, string][] = [
      [null, "quiet", "home"],
      [picture("READY", { incident: { began: null, phase: "READY", over: false } }), "quiet", "home"],
      [picture("ALARM"), "alarm", "tasks"],
      [picture("LIAISON"), "liaison", "thread"],
      [picture("LIAISON", { sightings: [{}] }), "seen", "home"],
      [picture("AGREE", { sightings: [{}] }), "heading", "thread"],
      [picture("ALONE", { sightings: [{}] }), "seen", "home"],
      [picture("SEAL", { verdict: { verdict: "leaking" } }), "leaking", "plan"],
      [picture("SEARCH", { verdict: { verdict: "sealed" } }), "sealed", "orders"],
      [picture("SEARCH", { verdict: { verdict: "sealed" }, line: { up: false } }), "lineDown", "thread"],
      [picture("SEARCH", { verdict: { verdict: "unknown" }, troubles: [{}] }), "fails", "home"],
      [picture("DETAINED", { verdict: { verdict: "leaking" } }), "detained", "tasks"],
      [picture("STAND_DOWN", { verdict: { verdict: "leaking" } }), "standDown", "orders"],
      [picture("CLOSED", { line: { up: false } }), "over", "review"],
    ];
    for (const [shown, step, to] of steps) expect(stepOf(shown)).toEqual({ step, to });
    for (const [, step, to] of steps) {
      for (const words of [en, de]) {
        expect(words.guideHappens(step, "Birch", 1, 2)).not.toBe("");
        expect(words.guideLook(step, "Birch")).not.toBe("");
        if (to !== "home") expect(words.guideGo(to)).not.toBe(to);
      }
    }
  });
});
