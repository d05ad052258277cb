// The sighting that somebody is writing; it survives a change of page, a reload and a sign-in.
import { effect, signal } from "@preact/signals";

export interface Draft {
  text: string;
  place: string;
  lon: number | null;
  lat: number | null;
  section: number | null;
  minutesAgo: number;
  confirmed: boolean;
  source: string;
  towards: string;
}

const PLACE = "stopline.draft";
export const NONE: Draft = {
  text: "", place: "", lon: null, lat: null, section: null, minutesAgo: 0, confirmed: false,
  source: "", towards: "",
};

function kept(): Draft {
  try {
    return { ...NONE, ...(JSON.parse(sessionStorage.getItem(PLACE) ?? "{}") as Partial<Draft>) };
  } catch {
    return NONE;
  }
}

export const draft = signal<Draft>(kept());
effect(() => sessionStorage.setItem(PLACE, JSON.stringify(draft.value)));

export function write(part: Partial<Draft>): void {
  draft.value = { ...draft.value, ...part };
}

export function clearDraft(): void {
  draft.value = NONE;
}
