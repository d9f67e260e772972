// The methods of a session, one after another as an application calls them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SERVER_LOCATION_ID, Session, error, operation, projectSchema } from "@ftrack/api";
import moment from "moment";
import {
  IN_PROGRESS,
  NOT_STARTED,
  SERVER_LOCATION,
  VFX,
  connect,
  key,
  makeProject,
  makeShot,
  makeTask,
  server,
  unique,
  user,
} from "./studio.mjs";

const session = await connect();

async function failing(promise) {
  try {
    await promise;
  } catch (reason) {
    return reason;
  }
  return assert.fail("nothing has failed");
}

async function tasksOf(project, columns, options) {
  const { data } = await session.query(
    `select ${columns} from Task where project_id is ${project.id} order by name`,
    options,
  );
  return data;
}

test("an entity is created, found, changed, found again and deleted", async () => {
  const project = await makeProject(session);
  const made = await session.create("Task", { name: "comp", parent_id: project.id });
  assert.equal(made.action, "create");
  const found = await tasksOf(project, "id, name");
  assert.deepEqual(found.map((each) => each.id), [made.data.id]);
  const changed = await session.update("Task", made.data.id, { name: "light" });
  assert.deepEqual([changed.action, changed.data.name], ["update", "light"]);
  assert.deepEqual((await tasksOf(project, "name")).map((each) => each.name), ["light"]);
  const deleted = await session.delete("Task", made.data.id);
  assert.deepEqual([deleted.action, deleted.data], ["delete", true]);
  assert.deepEqual(await tasksOf(project, "id"), []);
});

test("pages are read until there is no next offset", async () => {
  const project = await makeProject(session);
  const names = Array.from({ length: 7 }, (_, index) => `t${index}`);
  await session.call(
    names.map((name) => operation.create("Task", { name, parent_id: project.id })),
  );
  const pages = [];
  for (let offset = 0; offset !== null; ) {
    const page = await session.query(
      `select name from Task where project_id is ${project.id} order by name limit 3 offset ${offset}`,
    );
    pages.push(page.data.map((each) => each.name));
    offset = page.metadata.next.offset;
  }
  assert.deepEqual(pages, [["t0", "t1", "t2"], ["t3", "t4", "t5"], ["t6"]]);
});

test("a batch of every kind has an answer for each operation", async () => {
  const task = await makeTask(session);
  const id = crypto.randomUUID();
  const answers = await session.call([
    operation.create("Note", { id, content: "Hello", parent_id: task.id, parent_type: "Task" }),
    operation.update("Note", [id], { content: "Goodbye" }),
    operation.query(`select content from Note where id is ${id}`),
    operation.search({ expression: "select name from Task", entityType: "Task", terms: [task.name] }),
    operation.delete("Note", [id]),
    operation.query(`select content from Note where id is ${id}`),
  ]);
  assert.deepEqual(
    answers.map((each) => each.action),
    ["create", "update", "query", "search", "delete", "query"],
  );
  assert.equal(answers[2].data[0].content, "Goodbye");
  assert.deepEqual(answers[3].data.map((each) => each.id), [task.id]);
  assert.deepEqual(answers[5].data, []);
});

test("a later operation may use what an earlier one has created", async () => {
  const [folder, shot] = [crypto.randomUUID(), crypto.randomUUID()];
  const project = await makeProject(session);
  await session.call([
    operation.create("Folder", { id: folder, name: "f", parent_id: project.id }),
    operation.create("Shot", { id: shot, name: "s", parent_id: folder }),
    operation.create("Task", { name: "t", parent_id: shot }),
  ]);
  const [task] = await tasksOf(project, "link, parent.parent.name");
  assert.deepEqual(task.link.map((each) => each.name), [project.full_name, "f", "s", "t"]);
  assert.equal(task.parent.parent.name, "f");
});

test("ensure creates once and then finds the same", async () => {
  const project = await makeProject(session);
  const data = { name: "once", parent_id: project.id };
  const first = await session.ensure("Folder", data);
  const second = await session.ensure("Folder", data);
  assert.equal(first.id, second.id);
  const { data: found } = await session.query(`select id from Folder where parent_id is ${project.id}`);
  assert.equal(found.length, 1);
});

test("ensure updates what differs, found by its identifying keys", async () => {
  const project = await makeProject(session);
  const first = await session.ensure("Folder", { name: "f", parent_id: project.id, description: "a" });
  const second = await session.ensure(
    "Folder",
    { name: "f", parent_id: project.id, description: "b" },
    ["name", "parent_id"],
  );
  assert.equal(second.id, first.id);
  const { data } = await session.query(`select description from Folder where id is ${first.id}`);
  assert.equal(data[0].description, "b");
});

test("ensure finds by dates, numbers, booleans and none", async () => {
  const shot = await makeShot(session);
  const data = {
    name: "dated",
    parent_id: shot.id,
    start_date: moment.utc("2024-05-06T00:00:00Z"),
    bid: 3600,
    priority_id: null,
  };
  const first = await session.ensure("Task", data, ["parent_id", "start_date", "bid"]);
  const second = await session.ensure("Task", data, ["parent_id", "start_date", "bid"]);
  assert.equal(second.id, first.id);
  const active = { username: unique("ensured"), is_active: false, email: null };
  const user = await session.ensure("User", active, ["username", "is_active"]);
  assert.equal((await session.ensure("User", active)).id, user.id);
});

test("ensure of several, or of nothing, is an error", async () => {
  const shot = await makeShot(session);
  for (const name of ["a", "b"]) {
    await session.create("Task", { name, parent_id: shot.id, description: "same" });
  }
  const error = await failing(
    session.ensure("Task", { parent_id: shot.id, description: "same" }),
  );
  assert.match(error.message, /got multiple/);
  assert.throws(() => session.ensure("Task", {}), /Could not determine any identifying data/);
});

test("dates are moments in UTC, or texts where asked for", async () => {
  const task = await makeTask(session, { start_date: new Date("2024-05-06T07:08:09Z") });
  const expression = `select start_date, created_at, end_date from Task where id is ${task.id}`;
  const [row] = (await session.query(expression)).data;
  assert.ok(moment.isMoment(row.start_date));
  assert.equal(row.start_date.format(), "2024-05-06T07:08:09Z");
  assert.ok(row.start_date.isUTC());
  assert.equal(row.end_date, null);
  const options = { decodeDatesAsIso: true };
  const [iso] = (await session.query(expression, options)).data;
  assert.equal(iso.start_date, "2024-05-06T07:08:09.000Z");
  assert.match(iso.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
});

test("a moment, a date and a text are the same date on the server", async () => {
  const moments = [
    moment("2024-05-06T09:08:09+02:00"),
    moment.utc("2024-05-06T07:08:09"),
    new Date("2024-05-06T07:08:09Z"),
    "2024-05-06T07:08:09Z",
  ];
  for (const end_date of moments) {
    const task = await makeTask(session, { end_date });
    const { data } = await session.query(
      `select id from Task where id is ${task.id} and end_date is "2024-05-06T07:08:09"`,
    );
    assert.deepEqual(data.map((each) => each.id), [task.id]);
  }
});

test("answers to writes have dates too", async () => {
  const task = await makeTask(session);
  const options = { decodeDatesAsIso: true };
  const values = { start_date: new Date("2024-01-02T03:04:05Z") };
  const { data } = await session.update("Task", [task.id], values, options);
  assert.equal(data.start_date, "2024-01-02T03:04:05.000Z");
  const made = await session.create("Task", { name: "d", parent_id: task.parent_id, ...values });
  assert.ok(made.data.start_date.isSame("2024-01-02T03:04:05Z"));
});

test("dates in the values of custom attributes are dates", async () => {
  const types = await session.query('select id from CustomAttributeType where name is "date"');
  const { data: configuration } = await session.create("CustomAttributeConfiguration", {
    key: unique("due"),
    label: "Due",
    type_id: types.data[0].id,
    entity_type: "task",
    object_type_id: session.getSchema("Task").properties.object_type_id.default,
    config: "{}",
    default: null,
  });
  const task = await makeTask(session);
  await session.update("ContextCustomAttributeValue", [configuration.id, task.id], {
    value: moment.utc("2024-05-06T00:00:00"),
  });
  const { data } = await session.query(
    `select custom_attributes.value from Task where id is ${task.id} and custom_attributes.configuration_id is ${configuration.id}`,
  );
  const dates = data[0].custom_attributes.map((each) => each.value).filter(moment.isMoment);
  assert.deepEqual(dates.map((each) => each.format("YYYY-MM-DD")), ["2024-05-06"]);
});

test("a search takes terms, a context and object types, and has options", async () => {
  const task = await makeTask(session, { name: unique("needle") });
  const search = { expression: "select name, created_at from Task", entityType: "Task" };
  const terms = [task.name.slice(1).toUpperCase()];
  const found = await session.search(
    { ...search, terms, contextId: task.project_id, objectTypeIds: [task.object_type_id] },
    { decodeDatesAsIso: true },
  );
  assert.equal(found.action, "search");
  assert.deepEqual(found.data.map((each) => each.id), [task.id]);
  assert.match(found.data[0].created_at, /Z$/);
  const elsewhere = await makeProject(session);
  const none = await session.search({ ...search, terms, contextId: elsewhere.id });
  assert.deepEqual(none.data, []);
});

test("a response that can be serialised has no shared objects", async () => {
  const shot = await makeShot(session);
  for (const name of ["a", "b"]) await session.create("Task", { name, parent_id: shot.id });
  const expression = `select name, parent.name from Task where parent_id is ${shot.id} order by name`;
  const shared = (await session.query(expression)).data;
  assert.equal(shared[0].parent, shared[1].parent);
  assert.equal(shared[1].parent.name, shot.name);
  const plain = (await session.query(expression, { ensureSerializableResponse: true })).data;
  assert.notEqual(plain[0].parent, plain[1].parent);
  assert.deepEqual(JSON.parse(JSON.stringify(plain))[0].parent.name, shot.name);
});

test("a call is aborted by a signal or a controller", async () => {
  for (const name of ["signal", "abortController"]) {
    const controller = new AbortController();
    const option = name === "signal" ? controller.signal : controller;
    const call = session.query("select id from Task", { [name]: option });
    controller.abort();
    const reason = await failing(call);
    assert.ok(/abort/i.test(reason.message), reason.message);
  }
  assert.ok((await session.query("select id from User limit 1")).data.length);
});

test("errors have the classes of their kinds", async () => {
  const validation = await failing(session.create("Task", { name: "orphan" }));
  assert.ok(validation instanceof error.ServerValidationError);
  const parse = await failing(session.query("select name from Task where"));
  assert.ok(parse instanceof error.ServerError);
  const absent = new Session("http://127.0.0.1:1", user, key, { autoConnectEventHub: false });
  const network = await failing(absent.initializing);
  assert.ok(network instanceof error.ServerError);
});

test("a session's options reach the server", async () => {
  const strict = await connect({
    strictApi: true,
    clientToken: "studio-token",
    additionalHeaders: { "x-studio": "one" },
    serverInformationValues: ["version", "schema_hash"],
    decodeDatesAsIso: true,
    ensureSerializableResponse: true,
  });
  assert.equal(strict.clientToken, "studio-token");
  assert.equal(await strict.getServerVersion(), session.serverVersion);
  const shot = await makeShot(strict);
  const { data } = await strict.query(
    `select count(id), project_id from Context where project_id is ${shot.project_id} group by project_id`,
  );
  assert.equal(data.length, 1);
  assert.equal(typeof shot.created_at, "string");
  const elsewhere = new Session(server, user, key, { apiEndpoint: "/elsewhere" });
  await failing(elsewhere.initializing);
});

test("work that was started is known at its end", async () => {
  // Calls that are made before the session is ready wait for it.
  const early = new Session(server, user, key, { autoConnectEventHub: false });
  assert.equal(early.initialized, false);
  const [users, project] = await Promise.all([
    early.query(`select id from User where username is ${user}`),
    makeProject(early),
  ]);
  assert.equal(users.data.length, 1);
  assert.equal(project.project_schema_id, VFX);
  assert.equal(early.initialized, true);
});

test("many calls at the same time have their own answers", async () => {
  const names = Array.from({ length: 20 }, () => unique("parallel"));
  const made = await Promise.all(
    names.map((username) => session.create("User", { username })),
  );
  assert.deepEqual(made.map((each) => each.data.username), names);
});

test("statuses of a type follow the project schema and its overrides", async () => {
  const task = await projectSchema.getStatuses(session, VFX, "Task");
  assert.ok(task.some((each) => each.id === NOT_STARTED));
  assert.ok(task.some((each) => each.id === IN_PROGRESS));
  const version = await projectSchema.getStatuses(session, VFX, "AssetVersion");
  assert.ok(version.length > 0);
  await failing(projectSchema.getStatuses(session, "nothing", "Task"));
});

test("the server location of the client is that of the server", async () => {
  assert.equal(SERVER_LOCATION_ID, SERVER_LOCATION);
  const { data } = await session.query(`select name from Location where id is ${SERVER_LOCATION_ID}`);
  assert.deepEqual(data.map((each) => each.name), ["ftrack.server"]);
});
