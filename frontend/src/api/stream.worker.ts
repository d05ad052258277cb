// The stream that all windows of a browser share: HTTP/1.1 allows six connections to a host, and
// with one stream for each window the seventh would wait for ever.
import { Stream, type StreamMessage, type StreamOrder } from "./stream";

const ports = new Set<MessagePort>();
let stream: Stream | null = null;

function tell(message: StreamMessage): void {
  for (const port of ports) port.postMessage(message);
}

(self as unknown as SharedWorkerGlobalScope).onconnect = (event) => {
  const port = event.ports[0];
  if (port === undefined) return;
  ports.add(port);
  port.onmessage = (order: MessageEvent<StreamOrder>) => {
    if (order.data.type === "look") stream?.look();
    if (order.data.type === "again") stream?.again();
    if (order.data.type === "bye") ports.delete(port);
  };
  port.start();
  if (stream === null) stream = new Stream(tell);
  else if (stream.isUp) port.postMessage({ type: "open" } satisfies StreamMessage);
};
