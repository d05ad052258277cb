import { describe, expect, it } from "vitest";
import { de } from "../src/messages/de";
import { en, type Messages } from "../src/messages/en";

/** What a message says for some numbers, or for some words where it wants words. */
function said(messages: Messages, key: keyof Messages): string {
  const found = messages[key] as unknown;
  if (typeof found === "string") return found;
  const speak = found as (...words: unknown[]) => string;
  try {
    return speak(3, 7, 2, 9);
  } catch {
    return speak("birch", "7", "2", "9");
  }
}

describe("messages", () => {
  it("are all there in German, and none is the English one by mistake", () => {
    const same = (Object.keys(en) as (keyof Messages)[]).filter((key) => {
      const word = said(en, key);
      return word.length > 9 && /[a-z]{4}/.test(word) && word === said(de, key);
    });
    expect(same).toEqual([]);
  });
  it("leave German labels room: none is more than 1.8 times as long", () => {
    const long = (Object.keys(en) as (keyof Messages)[]).filter((key) => {
      const length = said(en, key).length;
      return length >= 8 && length <= 24 && said(de, key).length > length * 1.8 + 6;
    });
    expect(long).toEqual([]);
  });
});
