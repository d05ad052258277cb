import { afterEach, describe, expect, it } from "vitest";
import { inOtherWords, sayInstead, withOtherWords } from "../src/api/client";

describe("the protocol in the language of the page", () => {
  afterEach(() => sayInstead({}));
  it("is said wherever the node says one of its texts, and what people say stays", () => {
    sayInstead({ "Is the search over?": "Ist die Suche vorbei?" });
    const found = { title: "Is the search over?", text: "Is the search over? Yes", rows: [{ of: ["Is the search over?"] }], ids: [1, 2], none: null };
    expect(inOtherWords(found)).toEqual({
      title: "Ist die Suche vorbei?", text: "Is the search over? Yes", rows: [{ of: ["Ist die Suche vorbei?"] }], ids: [1, 2], none: null,
    });
    expect(withOtherWords("Asked: Is the search over?")).toBe("Asked: Ist die Suche vorbei?");
  });
});
