// How the case went, as lanes over time; read while somebody looks back over it.
import { signal } from "@preact/signals";
import { get } from "../api/client";
import type { Course } from "../api/types";
import { incident } from "./store";

export const course = signal<Course | null>(null);
let of: string | null = null;
let reading = false;
let again = false;

/** Read it, once more if facts came meanwhile. */
export async function readCourse(): Promise<void> {
  const name = incident.peek();
  if (name !== of) course.value = null;
  of = name;
  if (name === null) return;
  again = reading;
  if (reading) return;
  reading = true;
  const found = await get("/v1/incidents/{incident}/course", { path: { incident: name } }).catch(() => null);
  reading = false;
  if (found !== null && incident.peek() === name) course.value = found;
  if (again) void readCourse();
}
