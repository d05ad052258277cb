// A window's end of the shared stream.
import { Stream, type StreamMessage, type StreamOrder } from "./stream";
import streamUrl from "./stream.worker?worker&url";

export interface Following {
  /** Look whether it is alive, for example when the window is shown again. */
  look(): void;
  /** Begin again, for example after somebody signed in. */
  again(): void;
}

export function follow(hear: (message: StreamMessage) => void): Following {
  if (typeof SharedWorker === "undefined") {
    const own = new Stream(hear);
    return { look: () => own.look(), again: () => own.again() };
  }
  const worker = new SharedWorker(streamUrl, { type: "module", name: "stopline-stream" });
  worker.port.onmessage = (event: MessageEvent<StreamMessage>) => hear(event.data);
  worker.port.start();
  const order = (what: StreamOrder): void => worker.port.postMessage(what);
  window.addEventListener("pagehide", () => order({ type: "bye" }));
  return { look: () => order({ type: "look" }), again: () => order({ type: "again" }) };
}
