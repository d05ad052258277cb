import { describe, expect, it } from "vitest";
import { clock, left, localTimes, signed, span } from "../src/state/time";

describe("counts", () => {
  it("writes minutes and seconds, and hours from one on", () => {
    expect(span(184_000)).toBe("3:04");
    expect(span(3_723_000)).toBe("1:02:03");
    expect(span(-24_000)).toBe("0:24");
  });
  it("rounds what is left up, so that 0:00 is when it is over", () => {
    expect(left(10_000, 100)).toBe("0:10");
    expect(left(10_000, 10_000)).toBe("0:00");
    expect(left(10_000, 34_900)).toBe("0:24");
  });
  it("gives a margin its sign", () => {
    expect(signed(24)).toBe("+0:24");
    expect(signed(-84)).toBe("−1:24");
  });
  it("writes a sentence's times in the zone of the screen", () => {
    const now = Date.parse("2026-11-18T11:00:00Z");
    expect(localTimes("later than 11:11:42 UTC, by 09:05 UTC", now))
      .toBe(`later than ${clock("2026-11-18T11:11:42Z")}, by ${clock("2026-11-18T09:05:00Z").slice(0, 5)}`);
    expect(localTimes("until 2026-11-18 11:11 UTC")).toContain(clock("2026-11-18T11:11:00Z").slice(0, 5));
    expect(localTimes("all UTC")).toBe("all UTC");
  });
  it("says that a moment is not known", () => {
    expect(clock(null)).toBe("–");
  });
});
