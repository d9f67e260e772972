// Creating, changing and deleting, as users of the client do it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { error as errors, projectSchema } from "@ftrack/api";
import {
  IN_PROGRESS,
  NOT_STARTED,
  VFX,
  connect,
  makeProject,
  makeShot,
  makeTask,
  makeVersion,
  unique,
} from "./studio.mjs";

const session = await connect();

async function read(type, id, names) {
  const { data } = await session.query(`select ${names} from ${type} where id is "${id}"`);
  return data[0];
}

async function me() {
  const { data } = await session.query(
    `select id from User where username is "${session.apiUser}"`,
  );
  return data[0].id;
}

test("the server makes the key of a new entity", async () => {
  const project = await makeProject(session);
  assert.match(project.id, /^[0-9a-f-]{36}$/);
});

test("a key of one's own is kept", async () => {
  const id = crypto.randomUUID();
  const { data } = await session.create("User", { id, username: unique("user") });
  assert.equal(data.id, id);
});

test("the answer to a create has what the server filled in", async () => {
  const shot = await makeShot(session);
  const { action, data } = await session.create("Task", {
    name: unique("task"),
    parent_id: shot.id,
  });
  assert.equal(action, "create");
  assert.equal(data.__entity_type__, "Task");
  assert.equal(data.status_id, NOT_STARTED);
  assert.equal(data.project_id, shot.project_id);
  assert.equal(data.bid, 0);
});

test("defaults of the schema are applied though they are not sent", async () => {
  const { data } = await session.create("Type", { name: unique("type") });
  const found = await read("Type", data.id, "color, is_billable, sort");
  assert.equal(found.color, "#510100");
  assert.equal(found.is_billable, true);
  assert.equal(found.sort, 0);
});

test("a new user is recorded as a real server recorded it", async () => {
  const { data } = await session.create("User", { username: unique("user") });
  assert.equal(data.is_active, false);
  assert.equal(data.resource_type, "user");
  assert.equal(data.user_type_id, "ac9fa5aa-4361-11e0-b7cc-0019bb4983d8");
});

test("the answer to an update has what was changed", async () => {
  const { data } = await session.create("User", { username: unique("user") });
  const { action, data: changed } = await session.update("User", [data.id], {
    first_name: "Jane",
  });
  assert.equal(action, "update");
  // Recorded: the changed attribute, the key and the system projection.
  assert.deepEqual(changed, {
    __entity_type__: "User",
    id: data.id,
    resource_type: "user",
    first_name: "Jane",
  });
});

test("a single key may be a bare text", async () => {
  const task = await makeTask(session);
  await session.update("Task", task.id, { description: "bare" });
  assert.equal((await read("Task", task.id, "description")).description, "bare");
});

test("an entity is updated by its base type", async () => {
  const task = await makeTask(session);
  await session.update("TypedContext", [task.id], { description: "base" });
  assert.equal((await read("Task", task.id, "description")).description, "base");
});

test("a delete answers true", async () => {
  const task = await makeTask(session);
  const { action, data } = await session.delete("Task", [task.id]);
  assert.deepEqual([action, data], ["delete", true]);
  assert.equal(await read("Task", task.id, "id"), undefined);
});

test("deleting a project takes its tree", async () => {
  const task = await makeTask(session);
  await session.delete("Project", [task.project_id]);
  assert.equal(await read("Task", task.id, "id"), undefined);
});

test("dates go out and come back as the same moment", async () => {
  const task = await makeTask(session);
  const moment = new Date("2024-05-06T07:08:09.123Z");
  await session.update("Task", [task.id], { end_date: moment });
  const iso = await connect({ decodeDatesAsIso: true });
  const { data } = await iso.query(`select end_date from Task where id is ${task.id}`);
  assert.equal(new Date(data[0].end_date).toISOString(), "2024-05-06T07:08:09.000Z");
});

test("texts that look like dates are dates", async () => {
  const task = await makeTask(session);
  await session.update("Task", [task.id], { start_date: "2024-05-06T09:00:00+02:00" });
  const { start_date } = await read("Task", task.id, "start_date");
  assert.equal(start_date.toISOString(), "2024-05-06T07:00:00.000Z");
});

test("a reference sets a link and its foreign key", async () => {
  const task = await makeTask(session);
  await session.update("Task", [task.id], {
    status: { __entity_type__: "Status", id: IN_PROGRESS },
  });
  const found = await read("Task", task.id, "status_id, status.state.short");
  assert.equal(found.status_id, IN_PROGRESS);
  assert.equal(found.status.state.short, "IN_PROGRESS");
});

test("null clears a link", async () => {
  const types = await session.query("select id from Type limit 1");
  const task = await makeTask(session, { type_id: types.data[0].id });
  await session.update("Task", [task.id], { type_id: null });
  assert.equal((await read("Task", task.id, "type_id")).type_id, null);
});

test("a change of status is remembered", async () => {
  const task = await makeTask(session);
  await session.update("Task", [task.id], { status_id: IN_PROGRESS });
  const { status_changes } = await read(
    "Task",
    task.id,
    "status_changes.status_id, status_changes.from_status_id, status_changes.user_id",
  );
  assert.equal(status_changes.length, 1);
  assert.equal(status_changes[0].from_status_id, NOT_STARTED);
  assert.equal(status_changes[0].status_id, IN_PROGRESS);
});

test("a task is assigned to a user", async () => {
  const task = await makeTask(session);
  await session.create("Appointment", {
    context_id: task.id,
    resource_id: await me(),
    type: "assignment",
  });
  const found = await read("Task", task.id, "assignments.resource.username");
  assert.deepEqual(
    found.assignments.map((each) => each.resource.username),
    [session.apiUser],
  );
});

test("versions count from one", async () => {
  const first = await makeVersion(session);
  const { data: second } = await session.create("AssetVersion", { asset_id: first.asset_id });
  assert.equal(second.version, 2);
  const asset = await read("Asset", first.asset_id, "latest_version.version");
  assert.equal(asset.latest_version.version, 2);
});

test("a collection is sent as its full content", async () => {
  const used = await makeVersion(session);
  const version = await makeVersion(session);
  await session.update("AssetVersion", [version.id], {
    uses_versions: [{ __entity_type__: "AssetVersion", id: used.id }],
  });
  let found = await read("AssetVersion", version.id, "uses_versions");
  assert.deepEqual(found.uses_versions.map((each) => each.id), [used.id]);
  await session.update("AssetVersion", [version.id], { uses_versions: [] });
  found = await read("AssetVersion", version.id, "uses_versions");
  assert.deepEqual(found.uses_versions, []);
});

test("metadata is created as rows", async () => {
  const task = await makeTask(session);
  await session.create("Metadata", {
    parent_id: task.id,
    parent_type: "Task",
    key: "source",
    value: "edit",
  });
  const { metadata } = await read("Task", task.id, "metadata");
  assert.deepEqual(metadata.map((each) => [each.key, each.value]), [["source", "edit"]]);
  await session.update("Metadata", [task.id, "source"], { value: "cut" });
  await session.delete("Metadata", [task.id, "source"]);
  assert.deepEqual((await read("Task", task.id, "metadata")).metadata, []);
});

test("a note has a parent, an author and replies", async () => {
  const task = await makeTask(session);
  const { data: note } = await session.create("Note", {
    content: "Hold longer.",
    parent_id: task.id,
    parent_type: "Task",
  });
  await session.create("Note", { content: "Yes.", in_reply_to_id: note.id });
  const found = await read("Task", task.id, "notes.content, notes.author.username, notes.replies.content");
  const [seen] = found.notes.filter((each) => each.id === note.id);
  assert.equal(seen.author.username, session.apiUser);
  assert.deepEqual(seen.replies.map((each) => each.content), ["Yes."]);
});

test("the caller is a recipient of a new note", async () => {
  const task = await makeTask(session);
  const { data } = await session.create("Note", {
    content: "hi",
    parent_id: task.id,
    parent_type: "Task",
  });
  const { recipients } = await read("Note", data.id, "recipients.resource_id");
  assert.deepEqual(recipients.map((each) => each.resource_id), [await me()]);
});

test("lists hold versions", async () => {
  const version = await makeVersion(session);
  const project = await makeProject(session);
  const categories = await session.query("select id from ListCategory limit 1");
  const { data: list } = await session.create("AssetVersionList", {
    name: unique("list"),
    project_id: project.id,
    category_id: categories.data[0].id,
  });
  await session.create("ListObject", { list_id: list.id, entity_id: version.id });
  const { items } = await read("AssetVersionList", list.id, "items.version");
  assert.deepEqual(items.map((each) => [each.id, each.version]), [[version.id, 1]]);
});

test("tasks follow each other", async () => {
  const [first, second] = [await makeTask(session), await makeTask(session)];
  await session.create("TypedContextLink", { from_id: first.id, to_id: second.id });
  const found = await read("Task", second.id, "incoming_links.from_id, incoming_links.type");
  assert.deepEqual(found.incoming_links.map((each) => [each.from_id, each.type]), [
    [first.id, "end_to_start"],
  ]);
});

async function configuration(key) {
  const { data } = await session.query(
    `select id from CustomAttributeConfiguration where key is "${key}" and object_type.name is "Shot"`,
  );
  return data[0].id;
}

test("a custom attribute value is set by its row", async () => {
  const shot = await makeShot(session);
  const fend = await configuration("fend");
  await session.create("CustomAttributeValue", {
    configuration_id: fend,
    entity_id: shot.id,
    value: 1100,
  });
  const { custom_attributes } = await read("Shot", shot.id, "custom_attributes");
  const values = Object.fromEntries(custom_attributes.map((each) => [each.key, each.value]));
  assert.equal(values.fend, 1100);
  assert.equal(values.handles, 0);
});

test("a value that is not there is updated all the same", async () => {
  const shot = await makeShot(session);
  const fend = await configuration("fend");
  await session.update("ContextCustomAttributeValue", [fend, shot.id], { value: 7 });
  const found = await session.query(
    `select value from CustomAttributeValue where entity_id is ${shot.id}`,
  );
  assert.deepEqual(found.data.map((each) => each.value), [7]);
});

test("deleting a value brings the default back", async () => {
  const shot = await makeShot(session);
  const fend = await configuration("fend");
  await session.update("CustomAttributeValue", [fend, shot.id], { value: 7 });
  await session.delete("CustomAttributeValue", [fend, shot.id]);
  const { custom_attributes } = await read("Shot", shot.id, "custom_attributes");
  const [row] = custom_attributes.filter((each) => each.key === "fend");
  assert.equal(row.value, 1);
});

test("a value of the wrong type is refused in the recorded words", async () => {
  const shot = await makeShot(session);
  const fstart = await configuration("fstart");
  await assert.rejects(
    session.update("ContextCustomAttributeValue", [fstart, shot.id], { value: "test" }),
    (error) =>
      error instanceof errors.ServerValidationError &&
      error.message ===
        'Custom attribute value for "fstart" must be of type number. Got "test" of type <type \'unicode\'>',
  );
});

test("ensure creates what is not there", async () => {
  const username = unique("ensured");
  const made = await session.ensure("User", { username, first_name: "A" }, ["username"]);
  assert.equal(made.first_name, "A");
  const again = await session.ensure("User", { username, first_name: "B" }, ["username"]);
  assert.equal(again.id, made.id);
  assert.equal((await read("User", made.id, "first_name")).first_name, "B");
});

test("statuses of a task follow the project schema", async () => {
  const statuses = await projectSchema.getStatuses(session, VFX, "Task");
  assert.equal(statuses.length, 11);
  assert.ok(statuses.every((each) => each.name && each.color));
});

test("statuses of a shot are those of its schema", async () => {
  const statuses = await projectSchema.getStatuses(session, VFX, "Shot");
  assert.deepEqual(
    statuses.map((each) => each.name).sort(),
    ["Completed", "In progress", "Not started", "Omitted", "On Hold"],
  );
});

test("statuses of a version are those of its workflow", async () => {
  const statuses = await projectSchema.getStatuses(session, VFX, "AssetVersion");
  const { data } = await session.query(
    `select _version_workflow.statuses from ProjectSchema where id is ${VFX}`,
  );
  assert.equal(statuses.length, data[0]._version_workflow.statuses.length);
});

test("a type with statuses of its own is found across two queries", async () => {
  const animation = (await session.query('select id from Type where name is "Animation"')).data[0];
  const plain = await projectSchema.getStatuses(session, VFX, "Task", animation.id);
  assert.equal(plain.length, 11);
  const { data: workflow } = await session.create("WorkflowSchema", { name: unique("flow") });
  await session.create("WorkflowSchemaStatus", {
    workflow_schema_id: workflow.id,
    status_id: NOT_STARTED,
  });
  const { data: override } = await session.create("ProjectSchemaOverride", {
    project_schema_id: VFX,
    type_id: animation.id,
    workflow_schema_id: workflow.id,
  });
  const own = await projectSchema.getStatuses(session, VFX, "Task", animation.id);
  assert.deepEqual(own.map((each) => each.name), ["Not started"]);
  await session.delete("ProjectSchemaOverride", [override.id]);
});
