// The client's uploader: its options, parts, retries, abort and clean-up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Event, SERVER_LOCATION_ID } from "@ftrack/api";
import { JSDOM } from "jsdom";
import { connect, makeVersion, unique } from "./studio.mjs";

const { window } = new JSDOM("", { url: "http://studio.example.com/" });
const { XMLHttpRequest } = window;
globalThis.window = window;
globalThis.XMLHttpRequest = XMLHttpRequest;

const session = await connect();
const CHUNK = 64 * 1024;

function file(content, name) {
  return new window.File([content], name);
}

function pattern(size) {
  return Uint8Array.from({ length: size }, (_, index) => (index * 11 + (index >> 8)) % 253);
}

async function stored(id) {
  const answer = await fetch(session.getComponentUrl(id));
  return answer.status === 200 ? Buffer.from(await answer.arrayBuffer()) : answer.status;
}

// The component and its locations, or undefined.
async function registered(id) {
  const { data } = await session.query(
    `select name, file_type, size, component_locations.location_id from FileComponent where id is ${id}`,
  );
  return data[0];
}

// Set properties of an object for the time of some work.
async function having(owner, values, work) {
  const before = Object.getOwnPropertyDescriptors(owner);
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  }
  try {
    return await work();
  } finally {
    for (const name of Object.keys(values)) {
      if (before[name]) Object.defineProperty(owner, name, before[name]);
      else delete owner[name];
    }
  }
}

function inParts(work, more = {}) {
  return having(window, { FTRACK_UPLOAD_CHUNK_SIZE: CHUNK, ...more }, work);
}

// Waits between attempts, up to 64 seconds, take a millisecond.
function inHaste(work) {
  const { setTimeout } = globalThis;
  const hasty = (callback, delay, ...rest) => setTimeout(callback, Math.min(delay, 1), ...rest);
  return having(globalThis, { setTimeout: hasty }, work);
}

// Requests that note their addresses; the first `failures` of them reach no server.
function flakyRequests(failures, seen) {
  return class extends XMLHttpRequest {
    open(method, url, ...rest) {
      seen.push(url);
      super.open(method, seen.length <= failures ? "http://127.0.0.1:1/" : url, ...rest);
    }
  };
}

async function failing(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail("nothing has failed");
}

async function until(isSo) {
  for (let turn = 0; turn < 2000; turn += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.fail("it never was so");
}

test("a file without a name is refused before anything is sent", async () => {
  const blob = new window.Blob(["x"]);
  const error = await failing(session.createComponent(blob));
  assert.match(error.message, /Component name is missing/);
  const [component] = await session.createComponent(blob, { name: "blob.bin" });
  assert.deepEqual([component.data.name, component.data.file_type], ["blob", ".bin"]);
});

test("data of the component win over those of the file", async () => {
  const version = await makeVersion(session);
  const [component] = await session.createComponent(file("hello", "a.txt"), {
    name: "ignored.mov",
    data: { name: "main", file_type: ".exr", version_id: version.id },
  });
  const found = await registered(component.data.id);
  assert.deepEqual([found.name, found.file_type, found.size], ["main", ".exr", 5]);
  const { data } = await session.query(
    `select components.id from AssetVersion where id is ${version.id}`,
  );
  assert.deepEqual(data[0].components.map((each) => each.id), [component.data.id]);
});

test("names keep their last extension only, or have none", async () => {
  for (const [given, name, type] of [
    ["plate.0001.exr", "plate.0001", ".exr"],
    ["README", "README", ""],
  ]) {
    const [component] = await session.createComponent(file("x", given));
    const found = await registered(component.data.id);
    assert.deepEqual([found.name, found.file_type], [name, type]);
    assert.equal(String(await stored(component.data.id)), "x");
  }
});

test("a composed name is the same as its decomposed form", async () => {
  const [component] = await session.createComponent(file("x", "Ho\u0308he.txt"));
  assert.equal((await registered(component.data.id)).name, "H\u00f6he");
});

test("an empty file is stored", async () => {
  const [component, , metadata] = await session.createComponent(file("", "empty.txt"));
  assert.match(metadata.url, /^http/);
  assert.equal((await registered(component.data.id)).size, 0);
  assert.equal((await stored(component.data.id)).length, 0);
});

test("the answers are those to the component, its location and the upload", async () => {
  const answers = await session.createComponent(file("x", "a.txt"));
  assert.deepEqual(answers.map((each) => each.action), ["create", "create", undefined]);
  const [component, location, metadata] = answers;
  assert.equal(location.data.__entity_type__, "ComponentLocation");
  assert.equal(location.data.resource_identifier, component.data.id);
  assert.equal(location.data.location_id, SERVER_LOCATION_ID);
  assert.deepEqual(Object.keys(metadata).sort(), ["component_id", "headers", "url"]);
});

test("the headers of the upload are sent as they were answered", async () => {
  const sent = {};
  class Noting extends XMLHttpRequest {
    setRequestHeader(name, value) {
      sent[name] = value;
      super.setRequestHeader(name, value);
    }
  }
  const [, , metadata] = await having(globalThis, { XMLHttpRequest: Noting }, () =>
    session.createComponent(file("x", "a.txt")),
  );
  const { "Content-Length": length, ...others } = metadata.headers;
  assert.equal(length, "1");
  assert.deepEqual(sent, others);
});

test("three pieces are parts, in one connection or several", async () => {
  for (const [size, connections] of [[2 * CHUNK + 1, 1], [3 * CHUNK, 2], [9 * CHUNK + 5, 9]]) {
    const content = pattern(size);
    const [component, , metadata] = await inParts(
      () => session.createComponent(file(content, "parts.bin")),
      { FTRACK_UPLOAD_MAX_CONNECTIONS: connections },
    );
    assert.equal(metadata.component_id, component.data.id);
    assert.deepEqual(await stored(component.data.id), Buffer.from(content));
    assert.equal((await registered(component.data.id)).size, size);
  }
});

test("a request of one's own makes one piece of a large file", async () => {
  const content = pattern(4 * CHUNK);
  const xhr = new XMLHttpRequest();
  const [component, , metadata] = await inParts(() =>
    session.createComponent(file(content, "one.bin"), { xhr }),
  );
  assert.equal(metadata.urls, undefined);
  assert.equal(xhr.status, 200);
  assert.deepEqual(await stored(component.data.id), Buffer.from(content));
});

test("progress of parts is a percentage", async () => {
  const seen = [];
  await inParts(() =>
    session.createComponent(file(pattern(6 * CHUNK), "p.bin"), {
      onProgress: (percent) => seen.push(percent),
    }),
  );
  assert.ok(seen.every((percent) => Number.isInteger(percent) && percent >= 0 && percent <= 100));
  // The requests of jsdom report no more than their beginning.
  assert.ok(seen.length > 0);
});

test("many files go up at the same time and keep their content", async () => {
  const contents = Array.from({ length: 6 }, (_, index) => pattern(4 * CHUNK + index * 1000));
  const made = await inParts(() =>
    Promise.all(contents.map((each, index) => session.createComponent(file(each, `${index}.bin`)))),
  );
  for (const [index, [component]] of made.entries()) {
    assert.deepEqual(await stored(component.data.id), Buffer.from(contents[index]));
  }
});

test("a file that failed on its way goes up at the next attempt", async () => {
  const seen = [];
  const [component, , metadata] = await having(
    globalThis,
    { XMLHttpRequest: flakyRequests(2, seen) },
    () => inHaste(() => session.createComponent(file("again", "a.txt"), {})),
  );
  // The client reuses its request, so the address is the same.
  assert.deepEqual(new Set(seen), new Set([metadata.url]));
  assert.equal(seen.length, 3);
  assert.equal(String(await stored(component.data.id)), "again");
});

test("a part that failed on its way goes up at the next attempt", async () => {
  const seen = [];
  const content = pattern(5 * CHUNK);
  const [component, , metadata] = await having(
    globalThis,
    { XMLHttpRequest: flakyRequests(3, seen) },
    () => inHaste(() => inParts(() => session.createComponent(file(content, "again.bin")))),
  );
  assert.equal(seen.length, 5 + 3);
  assert.ok(metadata.upload_id);
  assert.deepEqual(await stored(component.data.id), Buffer.from(content));
});

test("an upload that is refused for good takes its component with it", async () => {
  const id = crypto.randomUUID();
  const seen = [];
  // The server is told of more bytes than are sent.
  const error = await having(
    globalThis,
    { XMLHttpRequest: flakyRequests(0, seen) },
    () =>
      inHaste(() =>
        failing(session.createComponent(file("hello", "a.txt"), { data: { id, size: 6 } })),
      ),
  );
  assert.match(error.message, /Failed to upload file: 400/);
  assert.ok(seen.length > 1);
  assert.equal(await registered(id), undefined);
  assert.equal(await stored(id), 404);
});

test("parts that cannot be sent take their component with them", async () => {
  const id = crypto.randomUUID();
  const error = await having(window.navigator, { onLine: false }, () =>
    inHaste(() =>
      inParts(() =>
        failing(session.createComponent(file(pattern(4 * CHUNK), "o.bin"), { data: { id } })),
      ),
    ),
  );
  assert.equal(error.errorCode, "UPLOAD_FAILED_OFFLINE");
  await until(async () => (await registered(id)) === undefined);
  assert.equal(await stored(id), 404);
});

test("a component that is refused is not uploaded", async () => {
  const seen = [];
  const error = await having(globalThis, { XMLHttpRequest: flakyRequests(0, seen) }, () =>
    failing(session.createComponent(file("x", "a.txt"), { data: { version_id: "nothing" } })),
  );
  assert.equal(error.name, "ServerError");
  assert.deepEqual(seen, []);
});

test("an id that is taken is refused and its file kept", async () => {
  const [component] = await session.createComponent(file("first", "a.txt"));
  const { id } = component.data;
  await failing(session.createComponent(file("second", "b.txt"), { data: { id } }));
  assert.equal(String(await stored(id)), "first");
  assert.equal((await registered(id)).name, "a");
});

test("an upload that is aborted through its request is in no location", async () => {
  const id = crypto.randomUUID();
  const xhr = new XMLHttpRequest();
  await new Promise((resolve, reject) => {
    session
      .createComponent(file(pattern(40 * CHUNK), "stopped.bin"), {
        data: { id },
        xhr,
        onProgress: () => xhr.abort(),
        onAborted: resolve,
      })
      .then(() => reject(new Error("it was not aborted")), resolve);
  });
  assert.deepEqual((await registered(id))?.component_locations ?? [], []);
});

test("a signal aborts a single request too", async () => {
  const id = crypto.randomUUID();
  const controller = new AbortController();
  await new Promise((resolve, reject) => {
    session
      .createComponent(file(pattern(40 * CHUNK), "stopped.bin"), {
        data: { id },
        signal: controller.signal,
        onProgress: () => controller.abort(),
        onAborted: resolve,
      })
      .then(() => reject(new Error("it was not aborted")), resolve);
  });
  assert.deepEqual((await registered(id))?.component_locations ?? [], []);
  // What was aborted can be uploaded again under another id.
  const [again] = await session.createComponent(file("whole", "again.bin"));
  assert.equal(String(await stored(again.data.id)), "whole");
});

test("a finished upload is an event for all who listen", async () => {
  const listening = await connect();
  const hub = listening.eventHub;
  hub.connect();
  await until(() => hub.isConnected());
  const heard = [];
  hub.subscribe("topic=ftrack.location.component-added", (event) => void heard.push(event.data));
  let isReady = false;
  const topic = unique("ready.");
  hub.subscribe(`topic=${topic}`, () => void (isReady = true));
  await hub.publish(new Event(topic, {}));
  await until(() => isReady);
  const [component] = await listening.createComponent(file("x", "a.txt"));
  await until(() => heard.length);
  hub.disconnect();
  assert.deepEqual(heard, [
    { component_id: component.data.id, location_id: SERVER_LOCATION_ID },
  ]);
});

test("a version's media are encoded from an upload", async () => {
  const version = await makeVersion(session);
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  const [component] = await session.createComponent(file(png, "dot.png"));
  const [job] = await session.call([
    {
      action: "encode_media",
      component_id: component.data.id,
      version_id: version.id,
      keep_original: true,
    },
  ]);
  assert.ok(job.job_id);
  const found = async () =>
    (
      await session.query(
        `select components.name, thumbnail_id from AssetVersion where id is ${version.id}`,
      )
    ).data[0];
  await until(async () => (await found()).components.length > 0);
  const names = (await found()).components.map((each) => each.name);
  assert.ok(names.includes("ftrackreview-image"), String(names));
});
