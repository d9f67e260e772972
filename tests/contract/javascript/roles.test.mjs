// Users, keys and roles: what a restricted user reads, and what it is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Session } from "@ftrack/api";
import { connect, makeProject, server, unique, user } from "./studio.mjs";

const admin = await connect();
const USER = "235d3746-ea23-4a85-b976-2ac84a3ca089";

async function action(session, values) {
  const [answer] = await session.call([values]);
  return answer;
}

// Makes a project with a shot and a task, and a user whose role is on it alone.
async function makeStudio(role = USER) {
  const project = await makeProject(admin);
  const shot = await admin.create("Shot", { name: unique("shot"), parent_id: project.id });
  const task = await admin.create("Task", { name: unique("task"), parent_id: shot.data.id });
  const username = unique("artist");
  const made = await admin.create("User", { username, is_active: true });
  const ids = { user_id: made.data.id, role_id: role };
  await admin.call([
    { action: "add_user_security_role", ...ids },
    { action: "grant_user_security_role_project", ...ids, project_id: project.id },
  ]);
  const reset = await action(admin, {
    action: "reset_remote",
    reset_type: "api_key",
    entity_type: "User",
    entity_key: made.data.id,
  });
  const key = reset.data.api_key;
  const session = new Session(server, username, key, { autoConnectEventHub: false });
  await session.initializing;
  return { project, shot: shot.data, task: task.data, person: made.data, session, username, key };
}

async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was refused");
}

test("rows of other projects are not there", async () => {
  const { session, project, task } = await makeStudio();
  const projects = await session.query("select id from Project");
  assert.deepEqual(projects.data.map((each) => each.id), [project.id]);
  const tasks = await session.query("select id from Task");
  assert.deepEqual(tasks.data.map((each) => each.id), [task.id]);
});

test("a query for what is hidden finds nothing and is no error", async () => {
  const { session } = await makeStudio();
  const hidden = (await makeStudio()).task;
  const { data } = await session.query(`select name from Task where id is "${hidden.id}"`);
  assert.deepEqual(data, []);
});

test("a search finds only what may be read", async () => {
  const { session, task } = await makeStudio();
  const { data } = await session.search({
    expression: "select name from Task",
    entityType: "Task",
    terms: ["task"],
  });
  assert.deepEqual(data.map((each) => each.id), [task.id]);
});

test("a relation to what is hidden is null", async () => {
  const { session, shot } = await makeStudio();
  const other = await makeStudio();
  const types = await admin.query("select id from AssetType limit 1");
  const asset = await admin.create("Asset", {
    name: unique("asset"),
    type_id: types.data[0].id,
    context_id: shot.id,
  });
  await admin.create("AssetVersion", { asset_id: asset.data.id, task_id: other.task.id });
  const { data } = await session.query("select task.name, asset.name from AssetVersion");
  assert.equal(data.length, 1);
  assert.equal(data[0].task, null);
  assert.equal(data[0].asset.name, asset.data.name);
});

test("an artist changes a task and writes a note", async () => {
  const { session, task, person } = await makeStudio();
  const changed = await session.update("Task", [task.id], { description: "Longer." });
  assert.equal(changed.data.description, "Longer.");
  const note = await session.create("Note", {
    content: "Done.",
    parent_id: task.id,
    parent_type: "Task",
  });
  assert.equal(note.data.user_id, person.id);
});

test("a role that does not allow it is a ServerPermissionDeniedError", async () => {
  const { session, shot, task } = await makeStudio();
  for (const attempt of [
    () => session.create("Task", { name: unique("task"), parent_id: shot.id }),
    () => session.delete("Task", [task.id]),
  ]) {
    const error = await refused(attempt());
    assert.equal(error.name, "ServerPermissionDeniedError");
    assert.match(error.message, /may not (create|delete) Task/);
    assert.equal(error.errorCode, null);
  }
});

test("settings are refused", async () => {
  const { session } = await makeStudio();
  const { data } = await session.query('select id from Status where name is "Approved"');
  for (const attempt of [
    () => session.create("User", { username: unique("user") }),
    () => session.update("Status", [data[0].id], { name: "Fine" }),
    () => session.call([{ action: "send_user_invite", user_id: "nobody" }]),
  ]) {
    assert.equal((await refused(attempt())).name, "ServerPermissionDeniedError");
  }
});

test("a batch with something refused leaves nothing", async () => {
  const { session, task } = await makeStudio();
  const update = { action: "update", entity_type: "Task", entity_key: [task.id] };
  const batch = [
    { ...update, entity_data: { name: "changed" } },
    { action: "create", entity_type: "Group", entity_data: { name: "new" } },
  ];
  assert.equal((await refused(session.call(batch))).name, "ServerPermissionDeniedError");
  const { data } = await admin.query(`select name from Task where id is "${task.id}"`);
  assert.equal(data[0].name, task.name);
});

test("changing what is hidden is no permission error", async () => {
  const { session } = await makeStudio();
  const hidden = (await makeStudio()).task;
  const error = await refused(session.update("Task", [hidden.id], { name: "x" }));
  assert.equal(error.name, "ServerError");
  assert.match(error.message, /Could not find entity Task/);
});

test("the key of another user is refused", async () => {
  const { key, username } = await makeStudio();
  for (const [name, wrong] of [[user, key], [username, "wrong"]]) {
    const session = new Session(server, name, wrong, { autoConnectEventHub: false });
    const error = await refused(session.initializing);
    assert.equal(error.errorCode, "api_credentials_invalid");
    assert.match(error.message, /The supplied API key is not valid/);
  }
});

test("a key that was reset ends the open session", async () => {
  const { session, person } = await makeStudio();
  await action(session, {
    action: "reset_remote",
    reset_type: "api_key",
    entity_type: "User",
    entity_key: person.id,
  });
  const error = await refused(session.query("select name from Status"));
  assert.equal(error.errorCode, "api_credentials_invalid");
});

test("information tells restricted users", async () => {
  const { session, username } = await makeStudio();
  const { user_information: told } = await session.getServerInformation();
  assert.equal(told.username, username);
  assert.equal(told.restricted_user, true);
  assert.equal((await admin.getServerInformation()).user_information.restricted_user, false);
});
