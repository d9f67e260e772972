// What the checks share: sessions, and a small production of their own.
import { Session } from "@ftrack/api";

export const server = process.env.FTRACK_SERVER;
export const user = process.env.FTRACK_API_USER;
export const key = process.env.FTRACK_API_KEY;

export const VFX = "caddd816-acb5-11e1-8668-f23c91df1211";
export const NOT_STARTED = "44dd9fb2-4164-11df-9218-0019bb4983d8";
export const IN_PROGRESS = "44ddd0fe-4164-11df-9218-0019bb4983d8";
export const SERVER_LOCATION = "3a372bde-05bc-11e4-8908-20c9d081909b";

let counter = 0;

// A name that no other check uses.
export function unique(stem) {
  counter += 1;
  return `${stem}${counter}`;
}

export async function connect(options = {}) {
  const session = new Session(server, user, key, {
    autoConnectEventHub: false,
    ...options,
  });
  await session.initializing;
  return session;
}

export async function makeProject(session) {
  const name = unique("project");
  const { data } = await session.create("Project", {
    name,
    full_name: name,
    project_schema_id: VFX,
  });
  return data;
}

export async function makeShot(session, values = {}) {
  const project = await makeProject(session);
  const { data } = await session.create("Shot", {
    name: unique("shot"),
    parent_id: project.id,
    ...values,
  });
  return data;
}

export async function makeTask(session, values = {}) {
  const shot = await makeShot(session);
  const { data } = await session.create("Task", {
    name: unique("task"),
    parent_id: shot.id,
    ...values,
  });
  return data;
}

export async function makeVersion(session) {
  const shot = await makeShot(session);
  const types = await session.query("select id from AssetType limit 1");
  const asset = await session.create("Asset", {
    name: unique("asset"),
    type_id: types.data[0].id,
    context_id: shot.id,
  });
  const { data } = await session.create("AssetVersion", {
    asset_id: asset.data.id,
  });
  return data;
}
