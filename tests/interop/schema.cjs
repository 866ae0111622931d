// Holds JSON documents against a schema (ajv, draft 2020-12), and a document with a member more against it, too.
// Usage: schema.cjs MODULES SCHEMA DOCUMENT...
const fs = require("node:fs");
const path = require("node:path");

const [modules, schema, ...files] = process.argv.slice(2);
const Ajv = require(path.join(modules, "ajv/dist/2020"));
const formats = require(path.join(modules, "ajv-formats"));
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
formats(ajv);
const validate = ajv.compile(JSON.parse(fs.readFileSync(schema, "utf8")));
let good = true;
for (const file of files) {
    const document = JSON.parse(fs.readFileSync(file, "utf8"));
    if (!validate(document)) {
        good = false;
        for (const error of validate.errors.slice(0, 20))
            console.error(`${file}: ${error.instancePath} ${error.message}`);
    }
    document.cover.surprise = 1;
    if (validate(document)) {
        good = false;
        console.error(`${file}: the schema takes anything`);
    }
}
process.exit(good ? 0 : 1);
