// Uploads and addresses of files, with the requests of a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { SERVER_LOCATION, connect, key, server, unique, user } from "./studio.mjs";

// The client uploads by the requests of a browser, from another origin than the server.
const { window } = new JSDOM("", { url: "http://studio.example.com/" });
globalThis.window = window;
globalThis.XMLHttpRequest = window.XMLHttpRequest;

const session = await connect();

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

function file(content, name) {
  return new window.File([content], name);
}

async function bytes(url) {
  const answer = await fetch(url);
  assert.equal(answer.status, 200);
  return Buffer.from(await answer.arrayBuffer());
}

// Pieces of 64 KiB make a small file a large one.
async function inParts(work) {
  window.FTRACK_UPLOAD_CHUNK_SIZE = 64 * 1024;
  try {
    return await work();
  } finally {
    delete window.FTRACK_UPLOAD_CHUNK_SIZE;
  }
}

function pattern(size) {
  return Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) % 251);
}

test("a file goes up in one piece and comes down the same", async () => {
  const [component, location, metadata] = await session.createComponent(
    file("hello", "notes.txt"),
  );
  assert.equal(component.data.name, "notes");
  assert.equal(component.data.file_type, ".txt");
  assert.equal(component.data.size, 5);
  assert.equal(location.data.location_id, SERVER_LOCATION);
  assert.equal(location.data.component_id, component.data.id);
  assert.equal(metadata.component_id, component.data.id);
  assert.equal(String(await bytes(session.getComponentUrl(component.data.id))), "hello");
});

test("a component is registered as a file of the server location", async () => {
  const [component] = await session.createComponent(file("x", "a.txt"));
  const { data } = await session.query(
    `select system_type, component_locations.resource_identifier from Component where id is ${component.data.id}`,
  );
  assert.equal(data[0].__entity_type__, "FileComponent");
  assert.equal(data[0].system_type, "file");
  assert.deepEqual(
    data[0].component_locations.map((each) => each.resource_identifier),
    [component.data.id],
  );
});

test("name, id and type can be given", async () => {
  const id = crypto.randomUUID();
  const [component] = await session.createComponent(file("x", "a.txt"), {
    name: "main.mov",
    data: { id },
  });
  assert.deepEqual(
    [component.data.id, component.data.name, component.data.file_type],
    [id, "main", ".mov"],
  );
});

test("progress is told in parts of a hundred", async () => {
  const seen = [];
  await session.createComponent(file("x".repeat(1000), "a.txt"), {
    onProgress: (percent) => seen.push(percent),
  });
  assert.ok(seen.length > 0);
  assert.ok(seen.every((percent) => percent >= 0 && percent <= 100));
});

test("a large file goes up in parts and comes down whole", async () => {
  const content = pattern(5 * 64 * 1024 + 17);
  const [component, , metadata] = await inParts(() =>
    session.createComponent(file(content, "plate.bin")),
  );
  assert.ok(metadata.upload_id);
  const got = await bytes(session.getComponentUrl(component.data.id));
  assert.deepEqual(got, Buffer.from(content));
});

test("two pieces are still one request", async () => {
  const [, , metadata] = await inParts(() =>
    session.createComponent(file(pattern(100 * 1024), "two.bin")),
  );
  assert.equal(metadata.urls, undefined);
  assert.match(metadata.url, /^http/);
});

test("an upload that is stopped is in no location", async () => {
  const controller = new AbortController();
  const id = crypto.randomUUID();
  await inParts(
    () =>
      new Promise((resolve, reject) => {
        session
          .createComponent(file(pattern(40 * 64 * 1024), "stopped.bin"), {
            data: { id },
            signal: controller.signal,
            onProgress: () => controller.abort(),
            onAborted: resolve,
          })
          .then(() => reject(new Error("it was not stopped")), resolve);
      }),
  );
  const { data } = await session.query(
    `select id from ComponentLocation where component_id is ${id}`,
  );
  assert.deepEqual(data, []);
});

test("an upload in parts has an address for each", async () => {
  const id = crypto.randomUUID();
  const [, metadata] = await session.call([
    { action: "create", entity_type: "FileComponent", entity_data: { id, name: "p", file_type: ".bin", size: 6 } },
    { action: "get_upload_metadata", component_id: id, file_name: "p.bin", file_size: 6, parts: 6 },
  ]);
  assert.deepEqual(
    metadata.urls.map((each) => each.part_number),
    [1, 2, 3, 4, 5, 6],
  );
  assert.equal(new Set(metadata.urls.map((each) => each.signed_url)).size, 6);
});

test("an address for an upload needs no component yet", async () => {
  const [metadata] = await session.call([
    {
      action: "get_upload_metadata",
      component_id: crypto.randomUUID(),
      file_name: "data.json",
      file_size: 13,
      checksum: "rL0Y20zC+Fzt72VPzMSk2A==",
    },
  ]);
  assert.match(metadata.url, /^http/);
  assert.equal(metadata.headers["Content-Type"], "application/json");
  assert.equal(metadata.headers["Content-MD5"], "rL0Y20zC+Fzt72VPzMSk2A==");
});

test("a part can be sent again", async () => {
  const id = crypto.randomUUID();
  const [, metadata] = await session.call([
    { action: "create", entity_type: "FileComponent", entity_data: { id, name: "p", file_type: ".bin", size: 6 } },
    { action: "get_upload_metadata", component_id: id, file_name: "p.bin", file_size: 6, parts: 2 },
  ]);
  const tags = [];
  for (const [index, body] of [[0, "xxx"], [1, "def"], [0, "abc"]]) {
    const answer = await fetch(metadata.urls[index].signed_url, { method: "PUT", body });
    assert.equal(answer.status, 200);
    tags[index] = answer.headers.get("ETag").replaceAll('"', "");
  }
  const [done] = await session.call([
    {
      action: "complete_multipart_upload",
      upload_id: metadata.upload_id,
      component_id: id,
      parts: tags.map((e_tag, index) => ({ part_number: index + 1, e_tag })),
    },
  ]);
  assert.equal(done.component_id, id);
  assert.equal(String(await bytes(session.getComponentUrl(id))), "abcdef");
});

test("another origin may read the entity tag", async () => {
  const [metadata] = await session.call([
    { action: "get_upload_metadata", component_id: crypto.randomUUID(), file_name: "a.txt", file_size: 1 },
  ]);
  const origin = "http://studio.example.com";
  const asked = await fetch(metadata.url, {
    method: "OPTIONS",
    headers: { Origin: origin, "Access-Control-Request-Method": "PUT" },
  });
  assert.equal(asked.headers.get("Access-Control-Allow-Origin"), origin);
  const sent = await fetch(metadata.url, {
    method: "PUT",
    body: "x",
    headers: { ...metadata.headers, Origin: origin },
  });
  assert.equal(sent.status, 200);
  assert.match(sent.headers.get("Access-Control-Expose-Headers"), /ETag/i);
});

test("a thumbnail of a picture is a picture", async () => {
  const [component] = await session.createComponent(file(PNG, "dot.png"));
  const answer = await fetch(session.thumbnailUrl(component.data.id, { size: 100 }));
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^image\//);
});

test("addresses carry user and key, and none without a component", () => {
  const url = new URL(session.getComponentUrl("c1"));
  assert.equal(url.pathname, "/component/get");
  assert.equal(url.searchParams.get("username"), user);
  assert.equal(url.searchParams.get("apiKey"), key);
  assert.equal(session.getComponentUrl(null), null);
});

test("without a component the picture is the default one", async () => {
  assert.equal(session.thumbnailUrl(null), `${server}/img/thumbnail2.png`);
  const answer = await fetch(session.thumbnailUrl(null));
  assert.equal(answer.status, 200);
});

test("a file that is not there is an error", async () => {
  const answer = await fetch(session.getComponentUrl(crypto.randomUUID()));
  assert.ok(answer.status >= 400 && answer.status < 500);
});

test("a removed file is gone", async () => {
  const [component] = await session.createComponent(file("x", `${unique("file")}.txt`));
  const url = session.getComponentUrl(component.data.id);
  assert.equal((await fetch(url.replace("/component/get", "/component/remove"))).status, 200);
  assert.ok((await fetch(url)).status >= 400);
});

test("the picture of an entity is at the address that was answered", async () => {
  const [component] = await session.createComponent(file(PNG, "face.png"));
  const { data: made } = await session.create("User", {
    username: unique("user"),
    thumbnail_id: component.data.id,
  });
  const { data } = await session.query(
    `select thumbnail_url from User where id is "${made.id}"`,
  );
  const { url, value } = data[0].thumbnail_url;
  assert.equal(url, value);
  assert.ok(!url.includes(key));
  for (const address of [url, `${url}&size=10`]) {
    const answer = await fetch(address);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type"), /^image\//);
  }
});

test("the place of a file has its address", async () => {
  const [component] = await session.createComponent(file("there", "a.txt"));
  const { data } = await session.query(
    `select url from ComponentLocation where component_id is "${component.data.id}"`,
  );
  assert.ok(!data[0].url.value.includes(key));
  assert.equal(String(await bytes(data[0].url.value)), "there");
});

test("the address of a finished upload in parts leads to the file", async () => {
  const id = crypto.randomUUID();
  const [, metadata] = await session.call([
    { action: "create", entity_type: "FileComponent", entity_data: { id, name: "p", file_type: ".bin", size: 3 } },
    { action: "get_upload_metadata", component_id: id, file_name: "p.bin", file_size: 3, parts: 1 },
  ]);
  const answer = await fetch(metadata.urls[0].signed_url, { method: "PUT", body: "abc" });
  const e_tag = answer.headers.get("ETag").replaceAll('"', "");
  const [done] = await session.call([
    {
      action: "complete_multipart_upload",
      upload_id: metadata.upload_id,
      component_id: id,
      parts: [{ part_number: 1, e_tag }],
    },
  ]);
  assert.equal(String(await bytes(done.url)), "abc");
});

test("the parts of a component that was deleted are taken no more", async () => {
  const id = crypto.randomUUID();
  const [, metadata] = await session.call([
    { action: "create", entity_type: "FileComponent", entity_data: { id, name: "p", file_type: ".bin", size: 6 } },
    { action: "get_upload_metadata", component_id: id, file_name: "p.bin", file_size: 6, parts: 2 },
  ]);
  const send = () => fetch(metadata.urls[0].signed_url, { method: "PUT", body: "abc" });
  assert.equal((await send()).status, 200);
  // What the client does after an upload that was stopped.
  await session.delete("FileComponent", id);
  assert.equal((await send()).status, 403);
});

test("a name of any letters goes up in a browser", async () => {
  const [component] = await session.createComponent(file("x", "H\u00f6he \u0394.txt"));
  assert.equal(component.data.name, "H\u00f6he \u0394");
  const answer = await fetch(session.getComponentUrl(component.data.id));
  assert.match(answer.headers.get("content-disposition"), /H%C3%B6he%20%CE%94\.txt/);
});

test("the upload of old clients is refused by name", async () => {
  const answer = await fetch(`${server}/component/add`, { method: "POST", body: "x" });
  assert.equal(answer.status, 501);
  assert.match((await answer.json()).detail, /component\/add/);
});
