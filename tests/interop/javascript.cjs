// The CloudEvents SDK for JavaScript sends events in every mode, and reads back what the ledger has.
// Usage: node javascript.cjs URL TOKEN  (NODE_PATH names where the SDK is)
"use strict";
const assert = require("node:assert/strict");
const { CloudEvent, HTTP, Mode, CONSTANTS, emitterFor, httpTransport } = require("cloudevents");

const [url, token] = process.argv.slice(2);
const authorization = `Bearer ${token}`;
const bytes = Uint8Array.from({ length: 300 }, (_, i) => i % 256);

// What is sent in each mode; ids are the names.
const kinds = {
  object: { data: { a: [1, 2.5, -3e10, null, true, { b: "c,}" }], text: "\u00e4 \u20ac \ud83d\ude00 \"\\\n" } },
  array: { data: [1, "two", { three: 3 }] },
  full: {
    data: { n: 1 }, subject: "web-42/build 8812", dataschema: "https://example.org/schema?a=b", deployment: "web-42",
    time: "2026-02-03T04:05:06.789Z", datacontenttype: "application/vnd.example+json", sequence: "0042", attempt: 3, late: false,
  },
  quoted: { data: {}, subject: "say \"hi\" \\ there" },
  bytes: { data: bytes, datacontenttype: "application/octet-stream" },
  text: { data: "hello,\n\"world\" }", datacontenttype: "text/plain" },
  bare: { subject: "no data" },
};

function make(mode, name) {
  return new CloudEvent({ id: `${mode}-${name}`, source: "/interop/javascript", type: "org.example.sent", ...kinds[name] });
}

async function post(message, status) {
  const headers = { ...message.headers, authorization };
  const response = await fetch(`${url}/v1/events`, { method: "POST", headers, body: message.body });
  const text = await response.text();
  assert.equal(response.status, status, text);
  return JSON.parse(text);
}

// The record of a receipt, its event read by the SDK.
async function found(receipt) {
  const response = await fetch(`${url}/v1/events/${receipt.seq}`, { headers: { authorization } });
  const record = await response.json();
  assert.equal(record.leaf, receipt.leaf);
  return HTTP.toEvent({ headers: { "content-type": CONSTANTS.DEFAULT_CE_CONTENT_TYPE }, body: JSON.stringify(record.event) });
}

// What stands in the ledger is what was sent.  In binary mode attributes are texts, the media type is always said, and
// data that is no JSON is bytes.
function same(sent, event, mode) {
  const binary = mode === Mode.BINARY;
  for (const name of ["id", "source", "type", "specversion", "subject", "dataschema", "time"])
    assert.equal(event[name], sent[name], `${sent.id}: ${name}`);
  for (const name of ["deployment", "sequence", "attempt", "late"])
    assert.equal(event[name], binary && sent[name] !== undefined ? String(sent[name]) : sent[name], `${sent.id}: ${name}`);
  const media = sent.datacontenttype ?? (binary ? CONSTANTS.DEFAULT_CONTENT_TYPE : undefined);
  assert.equal(event.datacontenttype, media, `${sent.id}: datacontenttype`);
  if (sent.data instanceof Uint8Array || (binary && typeof sent.data === "string"))
    assert.deepEqual(Buffer.from(event.data), Buffer.from(sent.data), `${sent.id}: data`);
  else
    assert.deepEqual(event.data, sent.data, `${sent.id}: data`);
}

async function one_by_one(mode, serialize) {
  for (const name of Object.keys(kinds)) {
    const event = make(mode, name);
    const receipt = await post(serialize(event), 201);
    same(event, await found(receipt), mode);
    assert.equal(receipt.stream, kinds[name].deployment ?? "inbox");
    const again = await post(serialize(event), 200);
    assert.deepEqual(again, receipt, "sent again");
    await post(serialize(event.cloneWith({ subject: "another" })), 409);
  }
}

// As the SDK sends by itself: in chunks.
async function emitted(mode) {
  const emit = emitterFor(httpTransport(`${url}/v1/events`), { mode });
  const event = make(`${mode}-emitted`, "full");
  const response = await emit(event, { headers: { authorization } });
  same(event, await found(JSON.parse(response.body)), mode);
}

async function batch() {
  const send = (events, status) =>
    post({ headers: { "content-type": "application/cloudevents-batch+json; charset=utf-8" }, body: JSON.stringify(events) }, status);
  const events = Object.keys(kinds).map((name) => make("batch", name));
  const receipts = await send(events, 201);
  assert.equal(receipts.length, events.length);
  for (const [i, receipt] of receipts.entries())
    same(events[i], await found(receipt), Mode.BATCH);
  assert.deepEqual((await send(events, 200)).map((receipt) => receipt.seq), receipts.map((receipt) => receipt.seq));
  const spoiled = [make("spoiled", "object"), make("spoiled", "array").cloneWith({ id: "batch-array" })];
  await send(spoiled, 409);
  await post(HTTP.structured(spoiled[0]), 201); // nothing of the batch was taken
}

(async () => {
  await one_by_one(Mode.STRUCTURED, HTTP.structured);
  await one_by_one(Mode.BINARY, HTTP.binary);
  await emitted(Mode.STRUCTURED);
  await emitted(Mode.BINARY);
  await batch();
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
