// The bytes that an officer signs, apart from where the key lies: docs/formats/officer-signature.md.

export const FORM = "stopline-officer-signature@v1";

/** What is signed: the form, a line's end, and canonical JSON; of text alone that is sorted JSON. */
export function signedText(said: Record<string, string | Record<string, string>>): string {
  const sorted = (part: Record<string, unknown>): object =>
    Object.fromEntries(Object.keys(part).sort().map((name) => {
      const value = part[name];
      return [name, typeof value === "string" ? value : sorted(value as Record<string, unknown>)];
    }));
  return `${FORM}\n${JSON.stringify(sorted(said))}`;
}
