// The officer's own signing key, for decisions that the protocol wants signed by the person. It is
// made in this browser and cannot be read out of it; the node has its public half alone. What is
// signed: docs/formats/officer-signature.md.
import { signal } from "@preact/signals";
import { get } from "../api/client";
import { send } from "./outbox";
import { FORM, signedText } from "./signedText";
import { me } from "./store";
import { nodeNow } from "./time";

const ROOM = "keys";

interface Kept {
  person: string;
  pair: CryptoKeyPair;
  key: string;
}

/** The key of whoever is signed in, if this browser holds one that the node knows as theirs. */
export const ownKey = signal<Kept | null>(null);

/** Look whether this browser holds the key. */
export async function findKey(): Promise<void> {
  const who = me.value;
  if (who === null) return;
  const found = await ask<Kept | undefined>("readonly", (room) => room.get(`${who.side}/${who.name}`)).catch(() => undefined);
  ownKey.value = found !== undefined && found.key === who.signing_key ? found : null;
}

/** Make a key and enrol it; the reason if the node refuses. */
export async function makeKey(title: string, role: string): Promise<string> {
  const who = me.value;
  if (who === null) return "";
  const pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
  const key = base64(await crypto.subtle.exportKey("raw", pair.publicKey));
  const made: Kept = { person: who.name, pair, key };
  const signature = await signed(made, "signing-key.enrolled", "", "", { key });
  const done = await send(null, "signing-key.enrol", { key, signature }, title, role);
  if (done.stage === "refused") return done.why;
  await ask("readwrite", (room) => room.put(made, `${who.side}/${who.name}`));
  me.value = await get("/v1/me");
  ownKey.value = made;
  return "";
}

/** Sign a voice as the fact will hold it; empty without a key here. */
export async function signVoice(incident: string, role: string, fields: Record<string, string>): Promise<string> {
  return ownKey.value === null ? "" : signed(ownKey.value, "decision.voiced", incident, role, fields);
}

async function signed(by: Kept, kind: string, incident: string, role: string, fields: Record<string, string>): Promise<string> {
  const time = new Date(nodeNow()).toISOString();
  const text = signedText({ fields, form: FORM, incident, kind, person: by.person, role, side: me.value?.side ?? "", time });
  const value = await crypto.subtle.sign("Ed25519", by.pair.privateKey, new TextEncoder().encode(text));
  return `${time} ${by.key} ${base64(value)}`;
}

function base64(raw: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(raw)));
}

/** Ask the store of keys of this browser. */
function ask<T>(mode: IDBTransactionMode, what: (room: IDBObjectStore) => IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("stopline", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(ROOM);
    opening.onerror = () => reject(opening.error ?? new Error("no store"));
    opening.onsuccess = () => {
      const asked = what(opening.result.transaction(ROOM, mode).objectStore(ROOM));
      asked.onsuccess = () => resolve(asked.result as T);
      asked.onerror = () => reject(asked.error ?? new Error("no store"));
    };
  });
}
