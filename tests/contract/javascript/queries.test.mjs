// Queries and searches, and how their results are merged.
import assert from "node:assert/strict";
import { test } from "node:test";
import { IN_PROGRESS, connect, makeProject, makeShot, makeVersion, unique } from "./studio.mjs";

const session = await connect();
const project = await makeProject(session);
const stem = unique("row");
for (const number of [0, 1, 2, 3, 4]) {
  const { data: shot } = await session.create("Shot", {
    name: `${stem}_${number}`,
    parent_id: project.id,
    status_id: number ? IN_PROGRESS : undefined,
  });
  await session.create("Task", { name: `${stem}_task`, parent_id: shot.id, bid: number * 3600 });
}

async function names(expression) {
  const { data } = await session.query(`select name from ${expression}`);
  return data.map((each) => each.name);
}

const shots = `Shot where project_id is "${project.id}"`;

test("rows carry type, key and system projections", async () => {
  const { data } = await session.query(`select name from ${shots} limit 1`);
  assert.deepEqual(
    Object.keys(data[0]).sort(),
    ["__entity_type__", "context_type", "id", "name", "object_type_id", "project_id"],
  );
});

test("the next offset tells that there are more rows", async () => {
  const page = await session.query(`select name from ${shots} order by name limit 2`);
  assert.equal(page.metadata.next.offset, 2);
  const last = await session.query(`select name from ${shots} order by name offset 4 limit 2`);
  assert.equal(last.metadata.next.offset, null);
});

test("a full last page is the last one", async () => {
  const page = await session.query(`select name from ${shots} order by name offset 3 limit 2`);
  assert.equal(page.data.length, 2);
  assert.equal(page.metadata.next.offset, null);
});

test("rows are ordered downwards too", async () => {
  assert.deepEqual(await names(`${shots} order by name descending limit 2`), [
    `${stem}_4`,
    `${stem}_3`,
  ]);
});

test("conditions reach through links", async () => {
  assert.equal((await names(`${shots} and status.state.short is IN_PROGRESS`)).length, 4);
  assert.equal((await names(`${shots} and project.name is "${project.name}"`)).length, 5);
});

test("conditions reach through collections", async () => {
  assert.equal((await names(`${shots} and children any (bid > 3600)`)).length, 3);
  assert.equal((await names(`${shots} and not children any (bid > 3600)`)).length, 2);
});

test("like takes any run for a percent sign", async () => {
  assert.equal((await names(`${shots} and name like "${stem}%"`)).length, 5);
  assert.equal((await names(`${shots} and name like "%_4"`)).length, 1);
});

test("lists of values and subqueries are the same kind of thing", async () => {
  assert.equal((await names(`${shots} and name in ("${stem}_1", "${stem}_2")`)).length, 2);
  assert.equal(
    (await names(`${shots} and id in (select parent_id from Task where bid is 7200)`)).length,
    1,
  );
});

test("none finds what has no value", async () => {
  assert.equal((await names(`Task where project_id is "${project.id}" and end_date is none`)).length, 5);
});

test("a nested entity is one object wherever it comes", async () => {
  const { data } = await session.query(
    `select status.name, status.state.short from ${shots} and status_id is "${IN_PROGRESS}"`,
  );
  assert.ok(data.every((each) => each.status.name === "In progress"));
  assert.ok(data.every((each) => each.status.state.short === "IN_PROGRESS"));
});

test("what one query of a batch loads the next one shows", async () => {
  const [first, second] = await session.call([
    { action: "query", expression: `select name from ${shots} and name is "${stem}_1"` },
    { action: "query", expression: `select status.name from ${shots} and name is "${stem}_1"` },
  ]);
  assert.equal(first.data[0].status.name, "In progress");
  assert.equal(second.data[0].name, `${stem}_1`);
});

test("an entity that leads back to itself is merged", async () => {
  const version = await makeVersion(session);
  await session.create("AssetVersion", { asset_id: version.asset_id });
  const { data } = await session.query(
    `select version, asset.versions.version from AssetVersion where id is ${version.id}`,
  );
  assert.deepEqual(data[0].asset.versions.map((each) => each.version).sort(), [1, 2]);
});

test("a serializable response repeats what it says", async () => {
  const plain = await connect({ ensureSerializableResponse: true });
  const { data } = await plain.query(
    `select status.name, project.name from ${shots} and status_id is "${IN_PROGRESS}"`,
  );
  const copied = JSON.parse(JSON.stringify(data));
  assert.ok(copied.every((each) => each.status.name === "In progress"));
  assert.ok(copied.every((each) => each.project.name === project.name));
});

test("a link is a list from the project down", async () => {
  const { data } = await session.query(`select link from ${shots} and name is "${stem}_0"`);
  assert.deepEqual(
    data[0].link.map((each) => [each.type, each.name]),
    [["Project", project.name], ["TypedContext", `${stem}_0`]],
  );
});

test("a base type gives concrete types", async () => {
  const { data } = await session.query(`select id from TypedContext where project_id is ${project.id}`);
  assert.deepEqual([...new Set(data.map((each) => each.__entity_type__))].sort(), ["Shot", "Task"]);
});

test("an attribute of a subtype is reached by a downcast", async () => {
  const { data } = await session.query(
    `select parent[Shot].name from Task where project_id is "${project.id}" and parent[Shot].name is "${stem}_2"`,
  );
  assert.deepEqual(data.map((each) => each.parent.name), [`${stem}_2`]);
});

test("groups are counted in a strict session", async () => {
  const strict = await connect({ strictApi: true });
  const { data } = await strict.query(
    `select count(id) from ${shots} group by status_id`,
  );
  assert.deepEqual(data.map((each) => each.count_id).sort(), [1, 4]);
});

test("a search finds what has all terms", async () => {
  const { action, data } = await session.search({
    expression: "select name from Shot",
    entityType: "Shot",
    terms: [stem, "_3"],
  });
  assert.equal(action, "search");
  assert.deepEqual(data.map((each) => each.name), [`${stem}_3`]);
});

test("a search can be kept to a part of the tree", async () => {
  const elsewhere = await makeShot(session, { name: `${stem}_other` });
  const everywhere = await session.search({
    expression: "select name from Shot",
    entityType: "Shot",
    terms: [stem],
  });
  assert.equal(everywhere.data.length, 6);
  const { data } = await session.search({
    expression: "select name from Shot",
    entityType: "Shot",
    terms: [stem],
    contextId: elsewhere.project_id,
  });
  assert.deepEqual(data.map((each) => each.name), [`${stem}_other`]);
});

test("a search can be kept to object types", async () => {
  const objectTypes = await session.query('select id from ObjectType where name is "Task"');
  const { data } = await session.search({
    expression: "select name from TypedContext",
    entityType: "TypedContext",
    terms: [stem],
    objectTypeIds: [objectTypes.data[0].id],
  });
  assert.ok(data.length > 0);
  assert.ok(data.every((each) => each.__entity_type__ === "Task"));
});

test("a search has pages", async () => {
  const { data, metadata } = await session.search({
    expression: "select name from Shot order by name limit 2",
    entityType: "Shot",
    terms: [`${stem}_`],
    contextId: project.id,
  });
  assert.equal(data.length, 2);
  assert.equal(metadata.next.offset, 2);
});
