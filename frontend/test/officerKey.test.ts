import { describe, expect, it } from "vitest";
import { signedText } from "../src/state/signedText";

describe("what an officer signs", () => {
  it("is the form, a new line, and JSON with sorted names and nothing between", () => {
    const said = { time: "2026-06-12T19:30:00.000Z", person: "Zoë", fields: { outcome: "yes", decision: "d", reason: 'a "b"\n' }, form: "f" };
    expect(signedText(said)).toBe(
      'stopline-officer-signature@v1\n{"fields":{"decision":"d","outcome":"yes","reason":"a \\"b\\"\\n"},"form":"f","person":"Zoë","time":"2026-06-12T19:30:00.000Z"}',
    );
  });
});
