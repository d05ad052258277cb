import { describe, expect, it } from "vitest";
import { clock, left, signed, span } from "../src/state/time";

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
  it("says that a moment is not known", () => {
    expect(clock(null)).toBe("–");
  });
});
