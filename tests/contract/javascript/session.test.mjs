// How a session begins, what it knows of types, and what it says of errors.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Session, expression } from "@ftrack/api";
import { connect, key, makeProject, makeTask, server, unique, user } from "./studio.mjs";

const session = await connect();

async function refused(promise, pattern) {
  try {
    await promise;
  } catch (error) {
    assert.match(error.message, pattern);
    return error;
  }
  return assert.fail("nothing was refused");
}

test("a session starts with information and schemas", () => {
  assert.match(session.serverVersion, /^\d+\.\d+\.\d+/);
  assert.ok(session.schemas.length > 100);
  assert.equal(session.initialized, true);
});

test("information can be narrowed to some values", async () => {
  const narrow = await connect({ serverInformationValues: ["schema_hash"] });
  const information = await narrow.getServerInformation();
  // The client asks for the zone support it needs itself.
  assert.deepEqual(Object.keys(information).sort(), ["is_timezone_support_enabled", "schema_hash"]);
});

test("information names the calling user", async () => {
  const information = await session.getServerInformation();
  assert.equal(information.user_information.username, user);
});

test("the schema hash is that of the schemas", async () => {
  const sorted = (value) => {
    if (Array.isArray(value)) return `[${value.map(sorted).join(", ")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const entries = Object.keys(value).sort();
    return `{${entries.map((each) => `${JSON.stringify(each)}: ${sorted(value[each])}`).join(", ")}}`;
  };
  const information = await session.getServerInformation();
  const text = sorted(await session.getSchemas());
  assert.equal(createHash("md5").update(text).digest("hex"), information.schema_hash);
});

test("a wrong key is refused with its text and code", async () => {
  const wrong = new Session(server, user, "wrong", { autoConnectEventHub: false });
  const error = await refused(wrong.initializing, /The supplied API key is not valid/);
  assert.equal(error.name, "ServerError");
  assert.equal(error.errorCode, "api_credentials_invalid");
});

test("an unknown user is refused the same way", async () => {
  const wrong = new Session(server, "nobody", key, { autoConnectEventHub: false });
  await refused(wrong.initializing, /The supplied API key is not valid/);
});

test("a strict session reads the same errors", async () => {
  const strict = await connect({ strictApi: true });
  await refused(strict.query("select name from Task where"), /Failed to parse/);
});

test("primary keys are those of the schema", () => {
  assert.deepEqual(session.getPrimaryKeyAttributes("Task"), ["id"]);
  assert.deepEqual(session.getPrimaryKeyAttributes("Metadata"), ["parent_id", "key"]);
  assert.equal(session.getPrimaryKeyAttributes("Nothing"), null);
});

test("identifying keys are made of type and key", () => {
  const entity = { __entity_type__: "Metadata", parent_id: "a", key: "b" };
  assert.equal(session.getIdentifyingKey(entity), "Metadata,a,b");
});

test("a schema can be asked for by its name", () => {
  const shot = session.getSchema("Shot");
  assert.equal(shot.alias_for.classifiers.object_typeid, shot.properties.object_type_id.default);
  assert.equal(session.getSchema("Nothing"), null);
});

test("every schema with a base names one that exists", async () => {
  const schemas = await session.getSchemas();
  const names = new Set(schemas.map((each) => each.id));
  const bases = schemas.filter((each) => each.$mixin).map((each) => each.$mixin.$ref);
  assert.ok(bases.length > 0);
  assert.ok(bases.every((each) => names.has(each)));
});

test("a query that cannot be parsed is named", async () => {
  const error = await refused(session.query("select name from Task where"), /^Failed to parse: /);
  assert.equal(error.name, "ServerError");
});

test("an unknown type is refused", async () => {
  await refused(session.query("select id from Nothing"), /Nothing/);
});

test("an unknown attribute is refused", async () => {
  await refused(session.query("select nothing from Task"), /nothing/);
});

test("an unknown action is named", async () => {
  await refused(session.call([{ action: "x" }]), /Invalid action u'x'/);
});

test("a missing required attribute is a validation error", async () => {
  const error = await refused(session.create("Task", { name: "orphan" }), /./);
  assert.equal(error.name, "ServerValidationError");
});

test("updating what is not there names type and key", async () => {
  await refused(
    session.update("Task", ["nobody"], { name: "x" }),
    /Could not find entity Task with entity_key \[u'nobody'\]\./,
  );
});

test("deleting what is not there names type and key", async () => {
  await refused(session.delete("Task", ["nobody"]), /Could not find entity/);
});

test("a batch is applied as a whole or not at all", async () => {
  const name = unique("whole");
  await refused(
    session.call([
      { action: "create", entity_type: "User", entity_data: { username: name } },
      { action: "delete", entity_type: "Task", entity_key: ["nobody"] },
    ]),
    /Could not find entity/,
  );
  const found = await session.query(`select id from User where username is "${name}"`);
  assert.deepEqual(found.data, []);
});

test("a second timer of a user is a duplicate", async () => {
  const information = await session.getServerInformation();
  const task = await makeTask(session);
  const timer = { context_id: task.id, user_id: information.user_information.id };
  const first = await session.create("Timer", timer);
  await refused(session.create("Timer", timer), /./);
  await session.delete("Timer", [first.data.id]);
});

test("an aborted call does not answer", async () => {
  const controller = new AbortController();
  const call = session.query("select id from Status", { signal: controller.signal });
  controller.abort();
  await refused(call, /abort/i);
});

test("headers of one's own are sent", async () => {
  const answer = await session.call([{ action: "query", expression: "select id from User limit 1" }], {
    additionalHeaders: { "x-studio": "one" },
    pushToken: "token",
  });
  assert.equal(answer[0].data.length, 1);
});

test("an empty batch has an empty answer", async () => {
  assert.deepEqual(await session.call([]), []);
});

test("quotes in values are escaped by the expression tag", async () => {
  const project = await makeProject(session);
  const name = `it's a "name"`;
  await session.create("Folder", { name, parent_id: project.id });
  const found = await session.query(expression`select name from Folder where name is "${name}"`);
  assert.deepEqual(found.data.map((each) => each.name), [name]);
});

test("operations are encoded with dates as the server reads them", () => {
  const text = session.encodeOperations([
    { action: "update", entity_data: { end_date: new Date("2024-05-06T07:08:09Z") } },
  ]);
  assert.deepEqual(JSON.parse(text)[0].entity_data.end_date, {
    __type__: "datetime",
    value: "2024-05-06T07:08:09.000Z",
  });
});

test("information can be asked for in the middle of a batch", async () => {
  const [found, information, schemas] = await session.call([
    { action: "query", expression: "select id from User limit 1" },
    { action: "query_server_information", values: ["version"] },
    { action: "query_schemas" },
  ]);
  assert.equal(found.data.length, 1);
  assert.deepEqual(Object.keys(information), ["version"]);
  assert.ok(Array.isArray(schemas));
});

test("a new api key replaces the old one", async () => {
  const { data } = await session.create("User", { username: unique("keyed"), is_active: true });
  const [answer] = await session.call([
    { action: "reset_remote", reset_type: "api_key", entity_type: "User", entity_key: data.id },
  ]);
  const theirs = new Session(server, data.username, answer.data.api_key, {
    autoConnectEventHub: false,
  });
  await theirs.initializing;
  const information = await theirs.getServerInformation();
  assert.equal(information.user_information.username, data.username);
});

test("invitations are sent and widgets have addresses", async () => {
  const { data } = await session.create("User", { username: unique("invited") });
  const [sent, widget] = await session.call([
    { action: "send_user_invite", user_id: data.id },
    { action: "get_widget_url", name: "tasks", theme: "light" },
  ]);
  assert.equal(sent.sent, true);
  assert.match(widget.widget_url, /^http/);
});
