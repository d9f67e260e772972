// Says what became of each check, a line of JSON each.
export default async function* report(events) {
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const error = data.details?.error;
    const cause = error?.cause ?? error;
    yield JSON.stringify({
      name: data.name,
      passed: type === "test:pass" && data.skip === undefined,
      message: cause ? String(cause.stack ?? cause) : "",
    }) + "\n";
  }
}
