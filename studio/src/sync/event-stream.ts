/** What does a stream of Server-Sent Events say? Read by `fetch`, which tells the status of a refusal; an EventSource
 * does not. */

export interface Frame {
  /** Where it is in the log; undefined for what does not move the place from which one goes on. */
  position: number | undefined;
  name: string;
  data: string;
}

/** Everything that arrives, with the heartbeats as null, until the stream ends. Raises when the connection breaks. */
export async function* frames(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame | null> {
  const reader = body.getReader(); // not every browser can iterate a stream
  const decoder = new TextDecoder();
  let buffered = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    buffered += decoder.decode(read.value, { stream: true });
    const blocks = buffered.split("\n\n");
    buffered = blocks.pop() ?? "";
    for (const block of blocks) yield parsed(block);
  }
}

function parsed(block: string): Frame | null {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ""));
  }
  const [id, data] = [fields.get("id"), fields.get("data")];
  if (data === undefined) return null;
  return { position: id === undefined ? undefined : Number(id), name: fields.get("event") ?? "message", data };
}
