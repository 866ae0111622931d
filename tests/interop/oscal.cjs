// Holds an OSCAL document against its schema (ajv), and its references against what they lead to.
// Usage: oscal.cjs MODULES SCHEMA DOCUMENT
const fs = require("node:fs");
const path = require("node:path");

const [modules, schema, file] = process.argv.slice(2);
const Ajv = require(path.join(modules, "ajv"));
const formats = require(path.join(modules, "ajv-formats"));
const ajv = new Ajv({ strict: false, allErrors: true });
formats(ajv);
const validate = ajv.compile(JSON.parse(fs.readFileSync(schema, "utf8")));
const document = JSON.parse(fs.readFileSync(file, "utf8"));
const problems = [];
if (!validate(document))
    for (const error of validate.errors)
        problems.push(`${error.instancePath} ${error.message}`);

const uuids = new Set();
(function walk(value) {
    if (value === null || typeof value !== "object")
        return;
    if (value.uuid !== undefined) {
        if (uuids.has(value.uuid))
            problems.push(`two things are ${value.uuid}`);
        uuids.add(value.uuid);
    }
    Object.values(value).forEach(walk);
})(document);
const results = document["assessment-results"];
const roles = new Set((results.metadata.roles ?? []).map((role) => role.id));
(function walk(value) {
    if (value === null || typeof value !== "object")
        return;
    for (const name of ["subject-uuid", "observation-uuid", "party-uuid", "risk-uuid"])
        if (value[name] !== undefined && !uuids.has(value[name]))
            problems.push(`${name} ${value[name]} leads nowhere`);
    for (const party of value["party-uuids"] ?? [])
        if (!uuids.has(party))
            problems.push(`party ${party} is not there`);
    if (value.href?.startsWith("#") && !uuids.has(value.href.slice(1)))
        problems.push(`href ${value.href} leads nowhere`);
    if (value["role-id"] !== undefined && !roles.has(value["role-id"]))
        problems.push(`role ${value["role-id"]} is not there`);
    Object.values(value).forEach(walk);
})(document);
for (const problem of problems.slice(0, 20))
    console.error(`${file}: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
