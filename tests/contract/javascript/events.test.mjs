// The event hub of the official JavaScript client, on that of the emulator.
import assert from "node:assert/strict";
import test from "node:test";

import { Event, EventHub, Session } from "@ftrack/api";

import {
  IN_PROGRESS,
  NOT_STARTED,
  connect,
  key,
  makeShot,
  makeTask,
  server,
  unique,
  user,
} from "./studio.mjs";

const LIMIT = 20_000;

// Wait until something is so, asking at each turn of the event loop's timers.
async function until(isSo, what = "it") {
  const end = Date.now() + LIMIT;
  for (;;) {
    const found = isSo();
    if (found) return found;
    assert.ok(Date.now() < end, `${what} never was so`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

// A session whose event hub is connected. The client keeps one connection for all
// hubs of a user, so what is one delivery to it, each hub hears.
async function connected(options = {}) {
  const session = await connect(options);
  session.eventHub.connect();
  await until(() => session.eventHub.isConnected(), "connected");
  return session;
}

// Subscribe a list, and wait until the server knows: events go there and back in order.
async function listen(hub, subscription, metadata) {
  const heard = [];
  hub.subscribe(subscription, (event) => void heard.push(event), metadata);
  await settled(hub);
  return heard;
}

// Wait until all that a hub has sent so far was dealt with, and heard.
async function settled(hub) {
  const topic = unique("settled.");
  let isHeard = false;
  const id = hub.subscribe(`topic=${topic}`, () => void (isHeard = true));
  await hub.publish(new Event(topic, {}));
  await until(() => isHeard, topic);
  hub.unsubscribe(id);
}

// Only the hub that opens the one connection subscribes to replies.
const asking = (await connect()).eventHub;

test("an event hub connects", async () => {
  assert.equal(asking.isConnected(), false);
  asking.connect();
  await until(() => asking.isConnected());
});

test("a session connects its event hub when asked to", async () => {
  const session = new Session(server, user, key, { autoConnectEventHub: true });
  await session.initializing;
  await until(() => session.eventHub.isConnected());
});

test("a wrong key gets no session id", async () => {
  const query = new URLSearchParams({ api_user: user, api_key: "wrong" });
  const answer = await fetch(`${server}/socket.io/1/?${query}`, {
    credentials: "include",
  });
  assert.equal(answer.ok, false);
  assert.equal(answer.status, 401);
});

test("a published event comes back to its publisher as it was", async () => {
  const { eventHub } = await connected();
  const heard = await listen(eventHub, "topic=test.own");
  const event = new Event("test.own", { text: "Łódź", list: [1, null] });
  const id = await eventHub.publish(event);
  const [found] = await until(() => heard.length && heard);
  assert.equal(found.id, id);
  assert.deepEqual(found.data, { text: "Łódź", list: [1, null] });
  assert.equal(found.source.applicationId, "ftrack.api.javascript");
  assert.equal(found.source.user.username, user);
  assert.match(found.source.user.id, /^[0-9a-f-]{36}$/);
});

test("an event has the seven keys and no other", async () => {
  const { eventHub } = await connected();
  const heard = await listen(eventHub, "topic=test.keys");
  await eventHub.publish(new Event("test.keys", {}));
  const [found] = await until(() => heard.length && heard);
  assert.deepEqual(Object.keys(found).sort(), [
    "data",
    "id",
    "inReplyToEvent",
    "sent",
    "source",
    "target",
    "topic",
  ]);
});

test("an event is heard once, however many subscriptions fit", async () => {
  const { eventHub } = await connected();
  const heard = await listen(eventHub, "topic=test.once");
  const all = await listen(eventHub, "topic=test.once*");
  await eventHub.publish(new Event("test.once", {}));
  await settled(eventHub);
  assert.equal(heard.length, 1);
  assert.equal(all.length, 1);
});

test("a star ends a topic", async () => {
  const { eventHub } = await connected();
  const heard = await listen(eventHub, "topic=test.star.*");
  for (const topic of ["test.star.a", "test.other", "test.star.b"]) {
    await eventHub.publish(new Event(topic, {}));
  }
  await settled(eventHub);
  assert.deepEqual(
    heard.map((event) => event.topic),
    ["test.star.a", "test.star.b"],
  );
});

test("who has unsubscribed hears no more", async () => {
  const { eventHub } = await connected();
  const heard = await listen(eventHub, "topic=test.gone", { id: "gone" });
  await eventHub.publish(new Event("test.gone", {}));
  await until(() => heard.length === 1);
  assert.equal(eventHub.unsubscribe("gone"), true);
  await eventHub.publish(new Event("test.gone", {}));
  await settled(eventHub);
  assert.equal(heard.length, 1);
});

test("a reply comes back to the one who asked", async () => {
  const { eventHub } = await connected();
  eventHub.subscribe("topic=test.double", (event) => ({ n: 2 * event.data.n }));
  await settled(eventHub);
  const reply = await asking.publishAndWaitForReply(
    new Event("test.double", { n: 21 }),
    { timeout: 10 },
  );
  assert.equal(reply.topic, "ftrack.meta.reply");
  assert.deepEqual(reply.data, { n: 42 });
});

test("a question that nobody answers runs into its timeout", async () => {
  await assert.rejects(
    asking.publishAndWaitForReply(new Event("test.nobody", {}), {
      timeout: 0.1,
    }),
    { name: "EventServerReplyTimeoutError" },
  );
});

test("an action is discovered and launched", async () => {
  const service = await connected();
  const launched = [];
  service.eventHub.subscribe("topic=ftrack.action.discover", (event) =>
    event.data.selection[0].entityType === "task"
      ? { items: [{ label: "Mine", actionIdentifier: "my.action" }] }
      : null,
  );
  service.eventHub.subscribe("topic=ftrack.action.launch", (event) => {
    launched.push(event.data.selection);
    return { success: true, message: "Launched." };
  });
  await settled(service.eventHub);
  const selection = [{ entityId: "t1", entityType: "task" }];
  const found = await asking.publishAndWaitForReply(
    new Event("ftrack.action.discover", { selection }),
  );
  const [item] = found.data.items;
  const answer = await asking.publishAndWaitForReply(
    new Event("ftrack.action.launch", { ...item, selection }),
  );
  assert.deepEqual(answer.data, { success: true, message: "Launched." });
  assert.deepEqual(launched, [selection]);
});

test("a changed status is told with its internal name", async () => {
  const session = await connected();
  const task = await makeTask(session);
  const heard = await listen(session.eventHub, "topic=ftrack.update");
  await session.update("Task", task.id, { status_id: IN_PROGRESS });
  const [event] = await until(() => heard.length && heard);
  const [entity] = event.data.entities;
  assert.equal(entity.action, "update");
  assert.equal(entity.entityType, "task");
  assert.equal(entity.entity_type, "Task");
  assert.equal(entity.entityId, task.id);
  assert.deepEqual(entity.keys, ["statusid"]);
  assert.deepEqual(entity.changes, {
    statusid: { old: NOT_STARTED, new: IN_PROGRESS },
  });
  assert.equal(entity.parents.at(-1).entityType, "show");
});

test("creating and deleting is told, a call of several as one event", async () => {
  const session = await connected();
  const shot = await makeShot(session);
  const heard = await listen(session.eventHub, "topic=ftrack.update");
  const ids = ["a", "b"].map(() => crypto.randomUUID());
  const values = (id) => ({ id, name: unique("task"), parent_id: shot.id });
  const { create, delete: remove } = await import("@ftrack/api").then(
    (api) => api.operation,
  );
  await session.call(ids.map((id) => create("Task", values(id))));
  await session.call(ids.map((id) => remove("Task", [id])));
  await until(() => heard.length === 2);
  const told = heard.map((event) =>
    event.data.entities.map((each) => [each.action, each.entityId]),
  );
  assert.deepEqual(told, [
    ids.map((id) => ["add", id]),
    ids.map((id) => ["remove", id]),
  ]);
});

test("the tokens of a call are echoed", async () => {
  const session = await connected({ clientToken: "my-client" });
  const shot = await makeShot(session);
  const heard = await listen(session.eventHub, "topic=ftrack.update");
  await session.update(
    "Shot",
    shot.id,
    { description: "soon" },
    { pushToken: "my-push" },
  );
  const [event] = await until(() => heard.length && heard);
  assert.equal(event.data.clientToken, "my-client");
  assert.equal(event.data.pushToken, "my-push");
});

test("without a push token none is echoed, and the client's is its own", async () => {
  const session = await connected();
  const shot = await makeShot(session);
  const heard = await listen(session.eventHub, "topic=ftrack.update");
  await session.update("Shot", shot.id, { description: "later" });
  const [event] = await until(() => heard.length && heard);
  assert.equal(event.data.pushToken, null);
  assert.match(event.data.clientToken, /^ftrack-javascript-api--/);
});

test("the server's heart beats, and the client stays connected", async () => {
  const { eventHub } = await connected();
  const beats = [];
  const socket = eventHub._socketIo.webSocket;
  socket.addEventListener("message", ({ data }) => {
    if (data === "2::") beats.push(Date.now());
  });
  await until(() => beats.length === 2);
  const between = beats[1] - beats[0];
  assert.ok(between > 3_000 && between < 10_000, `${between} ms`);
  await settled(eventHub);
  assert.equal(eventHub._socketIo.webSocket, socket);
});

test("a broken connection is made anew with its subscriptions", async () => {
  const { eventHub } = await connected();
  const heard = await listen(eventHub, "topic=test.anew");
  eventHub._socketIo.webSocket.terminate();
  await until(() => !eventHub.isConnected(), "disconnected");
  await eventHub.publish(new Event("test.anew", { n: 1 }));
  await until(() => heard.length, "heard again");
  assert.deepEqual(heard[0].data, { n: 1 });
  assert.equal(eventHub.isConnected(), true);
});

test("a hub that disconnects is heard of no more", async () => {
  const hub = new EventHub(server, user, key);
  hub.connect();
  await until(() => hub.isConnected());
  hub.disconnect();
  assert.equal(hub.isConnected(), false);
});
