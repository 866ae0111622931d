// Holds /openapi.json against a validator and against what the daemon answers.
// node openapi.mjs NODE_MODULES URL READ_TOKEN WRITE_TOKEN FILE
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [modules, url, reads, writes, file] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { Validator } = await import(pathToFileURL(`${modules}/@seriousme/openapi-schema-validator/index.js`));
const Ajv = require('ajv/dist/2020').default;

const wrong = [];
const say = (text) => wrong.push(text);
const bearer = (token) => ({ Authorization: `Bearer ${token}` });

const served = await (await fetch(`${url}/openapi.json`, { headers: bearer(writes) })).text();
if (served !== readFileSync(file, 'utf8')) say('what is served is not the file');
const description = JSON.parse(served);
const verdict = await new Validator().validate(structuredClone(description));
if (!verdict.valid) say(`it is no OpenAPI 3.1: ${JSON.stringify(verdict.errors, null, 1)}`);

const ajv = new Ajv({ strict: false, allErrors: true });
require('ajv-formats').default(ajv);
ajv.addSchema(description, 'https://d.invalid/openapi.json');
const escape = (name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));

// The reply object of a status, and the pointer to it.
function described(path, method, status) {
    const operation = description.paths[path][method];
    const pointer = ['paths', path, method, 'responses', String(status)];
    const reply = operation.responses[status];
    if (reply === undefined || reply.$ref === undefined) return [reply, pointer];
    const steps = reply.$ref.slice(2).split('/');
    return [steps.reduce((at, step) => at[step], description), steps];
}

const seen = new Set();
// One request to `target`, a path that the description has as `path`, and its reply held against that.
async function ask(path, target, status, options = {}) {
    const method = options.method ?? 'GET';
    const { headers, ...rest } = options;
    const where = `${method} ${target}`;
    const reply = await fetch(url + target, { headers: headers ?? bearer(reads), ...rest });
    const body = await reply.text();
    if (reply.status !== status) return say(`${where}: ${reply.status}, not ${status}: ${body.slice(0, 200)}`);
    const [found, pointer] = described(path, method.toLowerCase(), status);
    if (found === undefined) return say(`${where}: ${status} is not described`);
    seen.add(`${method} ${path} ${status}`);
    for (const name of Object.keys(found.headers ?? {}))
        if (!options.lacks?.includes(name) && !reply.headers.has(name) && name !== 'Preference-Applied')
            say(`${where}: no header ${name}`);
    if (status === 304) return body === '' || say(`${where}: a 304 with a body`);
    const media = reply.headers.get('content-type');
    if (found.content?.[media] === undefined) return say(`${where}: ${status} with ${media} is not described`);
    if (!media.includes('json')) return body;
    const steps = [...pointer, 'content', media, 'schema'].map(escape).join('/');
    const check = ajv.getSchema(`https://d.invalid/openapi.json#/${steps}`) ?? ajv.compile({ $ref: `https://d.invalid/openapi.json#/${steps}` });
    if (!check(JSON.parse(body))) say(`${where}: ${ajv.errorsText(check.errors)}: ${body.slice(0, 300)}`);
    return body;
}

const event = (id, more) => JSON.stringify({ specversion: '1.0', id, source: '/o', type: 'org.example.o', data: { n: 1.5 }, ...more });
const post = (status, body, media = 'application/cloudevents+json', headers = bearer(writes), target = '/v1/events') =>
    ask('/v1/events', target, status, { method: 'POST', body, headers: { 'Content-Type': media, ...headers }, lacks: media.includes('batch') ? ['Location'] : [] });

await post(201, event('1', { deployment: 'd-1' }));
await post(200, event('1', { deployment: 'd-1' }));
await post(201, event('2'), undefined, { ...bearer(writes), Prefer: 'return=representation' });
await post(201, `[${event('3')},${event('4')}]`, 'application/cloudevents-batch+json');
await post(201, 'plain', 'text/plain', { ...bearer(writes), 'ce-specversion': '1.0', 'ce-id': '5', 'ce-source': '/o', 'ce-type': 't' });
await post(409, event('1', { deployment: 'd-1', subject: 'other' }));
await post(400, '{');
await post(401, event('6'), undefined, {});
await post(403, event('6'), undefined, bearer(reads));
await post(413, event('6', { data: 'x'.repeat(1 << 20) }));
await post(415, event('6'), 'text/plain');
await post(422, event('6', { specversion: '0.3' }));

await ask('/v1/events', '/v1/events?limit=3', 200);
await ask('/v1/events', '/v1/events?limit=0', 400);
await ask('/v1/events/{seq}', '/v1/events/0', 200);
await ask('/v1/events/{seq}', '/v1/events/1', 200, { headers: { ...bearer(reads), Accept: 'application/octet-stream' } });
await ask('/v1/events/{seq}', '/v1/events/9999', 404);
await ask('/v1/events/{seq}/proof', '/v1/events/2/proof?event=1', 200);
await ask('/v1/events/{seq}/proof', '/v1/events/2/proof?event=x', 400);
await ask('/v1/stream', '/v1/stream?after=x', 400);
await ask('/v1/deployments', '/v1/deployments', 200);
await ask('/v1/deployments', '/v1/deployments?after=Not!', 400);
await ask('/v1/deployments/{id}', '/v1/deployments/web-1', 200);
await ask('/v1/deployments/{id}', '/v1/deployments/web-1?at=open', 200);
await ask('/v1/deployments/{id}', '/v1/deployments/d-1', 200);
await ask('/v1/deployments/{id}', '/v1/deployments/nobody', 404);
for (const format of ['json', 'text', 'csv', 'html', 'md', 'grafana'])
    await ask('/v1/deployments/{id}/timeline', `/v1/deployments/web-1/timeline?format=${format}`, 200);
await ask('/v1/deployments/{id}/timeline', '/v1/deployments/web-1/timeline?format=pdf', 400);
await ask('/v1/deployments/{id}/diff', '/v1/deployments/web-1/diff', 200);
await ask('/v1/deployments/{id}/diff', '/v1/deployments/web-1/diff?from=%230&to=now', 200);
await ask('/v1/deployments/{id}/diff', '/v1/deployments/web-1/diff?with=web-1', 200);
await ask('/v1/deployments/{id}/diff', '/v1/deployments/web-1/diff?with=d-1', 409);
await ask('/v1/deployments/{id}/diff', '/v1/deployments/web-1/diff?from=yesterday', 400);
await ask('/v1/deployments/{id}/diff', '/v1/deployments/web-1/diff?with=web-1&to=now', 400);
await ask('/v1/deployments/{id}/why', '/v1/deployments/web-1/why?of=gate-1', 200);
await ask('/v1/deployments/{id}/why', '/v1/deployments/web-1/why?of=%230', 200);
await ask('/v1/deployments/{id}/why', '/v1/deployments/web-1/why?of=nothing', 404);
await ask('/v1/deployments/{id}/why', '/v1/deployments/web-1/why', 400);
for (const [path, target] of [['/checkpoint', '/checkpoint'], ['/tile/{tile}', '/tile/0/000.p/2'], ['/healthz', '/healthz'], ['/readyz', '/readyz']])
    await ask(path, target, 200, { headers: {} });
for (const tile of ['entries/000.p/2', 'events/000.p/2']) await ask('/tile/{tile}', `/tile/${tile}`, 200);
await ask('/tile/{tile}', '/tile/0/001', 404);
await ask('/metrics', '/metrics', 200);
await ask('/openapi.json', '/openapi.json', 200);
for (const path of ['/v1/events', '/v1/stream', '/v1/deployments', '/metrics', '/openapi.json']) {
    await ask(path, path, 401, { headers: {} });
    if (path !== '/openapi.json') await ask(path, path, 403, { headers: bearer(writes) });
}
const { headers } = await fetch(`${url}/v1/events/1`, { headers: bearer(reads) });
await ask('/v1/events/{seq}', '/v1/events/1', 304, { headers: { ...bearer(reads), 'If-None-Match': headers.get('etag') } });

// The stream: it is as described, and so is each of its entries.
const abort = new AbortController();
const stream = await fetch(`${url}/v1/stream`, { headers: bearer(reads), signal: abort.signal });
const [reply] = described('/v1/stream', 'get', 200);
if (stream.status !== 200 || reply.content[stream.headers.get('content-type')] === undefined) say('another kind of stream');
seen.add('GET /v1/stream 200');
let text = '';
for await (const piece of stream.body) {
    text += new TextDecoder().decode(piece, { stream: true });
    if (text.includes('id: 5\n')) break;
}
abort.abort();
const record = ajv.compile({ $ref: 'https://d.invalid/openapi.json#/components/schemas/Record' });
for (const line of text.split('\n\n')[0].split('\n').filter((l) => l.startsWith('data: ')))
    if (!record(JSON.parse(line.slice(6)))) say(`an entry of the stream: ${ajv.errorsText(record.errors)}`);

for (const [path, item] of Object.entries(description.paths))
    for (const method of ['get', 'post'])
        if (item[method] && ![...seen].some((key) => key.startsWith(`${method.toUpperCase()} ${path} 2`)))
            say(`${method} ${path}: no good reply was looked at`);
for (const path of Object.keys(description.paths)) {
    const target = path.replace('{seq}', '1').replace('{id}', 'web-1').replace('{tile}', '0/000.p/2');
    const needed = path.endsWith('/why') ? '?of=gate-1' : '';
    const head = await fetch(url + target + needed, { method: 'HEAD', headers: bearer(reads) });
    if (head.status !== 200) say(`HEAD ${target}: ${head.status}`);
    const put = await fetch(url + target, { method: 'PUT', headers: bearer(reads), body: '' });
    const methods = ['GET', 'HEAD', ...(description.paths[path].post ? ['POST'] : [])].join(', ');
    if (put.status !== 405 || put.headers.get('allow') !== methods) say(`PUT ${target}: ${put.status}, ${put.headers.get('allow')}`);
}
if (wrong.length > 0) {
    console.error(wrong.join('\n'));
    process.exit(1);
}
