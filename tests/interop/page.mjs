// Opens pages in Chromium: each asks for nothing but itself, axe-core finds no violation in light and in dark, and its tables
// are sorted and filtered by keyboard.  Usage: page.mjs MODULES CHROMIUM PAGE.html...
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, chromium, ...files] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const puppeteer = require("puppeteer-core");
const axe = require.resolve("axe-core/axe.min.js");
const problems = [];
const say = (text) => problems.push(text);

async function checkAccess(page, name) {
    for (const scheme of ["light", "dark"]) {
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        for (const violation of violations)
            say(`${name} (${scheme}): ${violation.id}: ${violation.help}: ${violation.nodes[0].html.slice(0, 200)}`);
    }
}

const cells = (page, column) => page.$$eval("table.rows", (tables, index) => {
    const table = tables.find((one) => one.tBodies[0].rows.length >= 10);
    return Array.from(table.tBodies[0].rows).filter((row) => !row.hidden).map((row) => row.cells[index].textContent);
}, column);

async function checkTables(page, name) {
    const head = await page.evaluateHandle(() => {
        const table = Array.from(document.querySelectorAll("table.rows")).find((one) => one.tBodies[0].rows.length >= 10);
        return table?.tHead.rows[0].cells[0].querySelector("button") ?? null;
    });
    if (await page.evaluate((button) => button === null, head))
        return;
    const before = await cells(page, 0);
    const told = () => page.evaluate((button) => button.closest("th").getAttribute("aria-sort"), head);
    const sorts = [await told()];
    await head.focus();
    await page.keyboard.press("Enter");
    const up = await cells(page, 0);
    sorts.push(await told());
    await page.keyboard.press("Enter");
    const down = await cells(page, 0);
    sorts.push(await told());
    await page.keyboard.press("Enter");
    sorts.push(await told());
    if ((await cells(page, 0)).join() !== before.join())
        say(`${name}: a third press does not give its own order back`);
    if (sorts.join() !== "none,ascending,descending,none")
        say(`${name}: its order is told as ${sorts}`);
    if (up.join() !== [...down].reverse().join() && new Set(up).size === up.length)
        say(`${name}: sorted down is not sorted up from the end: ${up.slice(0, 3)} / ${down.slice(0, 3)}`);
    if ([...up].sort().join() !== [...before].sort().join())
        say(`${name}: sorting lost rows`);
    const wanted = up[up.length - 1];
    await page.type("label.filter input", wanted);
    const shown = await cells(page, 0);
    if (shown.length === 0 || shown.length > up.length)
        say(`${name}: the filter ${wanted} shows ${shown.length} rows of ${up.length}`);
}

// On paper: heads that are repeated have their words without buttons, and nothing stays folded away.
async function checkPaper(page, name) {
    await page.emulateMediaType("print");
    const lost = await page.$$eval("table.rows th", (heads) => heads.filter((head) =>
        getComputedStyle(head, "::before").content !== JSON.stringify(head.textContent) ||
        getComputedStyle(head.querySelector("button")).display !== "none").map((head) => head.textContent));
    if (lost.length > 0)
        say(`${name}: on paper a head lacks its words: ${lost[0]}`);
    const folded = () => page.$$eval("details:not([open])", (all) => all.length);
    const before = await folded();
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    if (await folded() > 0)
        say(`${name}: what is folded away is not on paper`);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    if (await folded() !== before)
        say(`${name}: what was folded away stays open`);
    await page.emulateMediaType("screen");
}

// At the width of a telephone nothing but tables and charts is wider than the screen.
async function checkNarrow(page, name) {
    await page.setViewport({ width: 360, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > 360)
        say(`${name}: is ${wide} wide on a screen of 360`);
    await page.setViewport({ width: 1400, height: 900 });
}

// What has the focus is seen to have it.
async function checkFocus(page, name) {
    const button = await page.$("th button");
    if (button === null)
        return;
    await button.focus();
    await page.keyboard.press("Tab");
    const style = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    if (style === "none")
        say(`${name}: nobody sees where the focus is`);
}

async function checkKeyboard(page, name) {
    await page.keyboard.press("Tab");
    const first = await page.evaluate(() => document.activeElement.getAttribute("href"));
    if (first !== "#content")
        say(`${name}: Tab leads first to ${first}, not to the content`);
    const lost = await page.$$eval("a[href^='#']", (links) => links.map((link) => link.getAttribute("href"))
        .filter((target) => document.getElementById(target.slice(1)) === null));
    if (lost.length > 0)
        say(`${name}: ${lost.length} links lead nowhere, the first to ${lost[0]}`);
}

const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
for (const file of files) {
    const page = await browser.newPage();
    const url = pathToFileURL(file).href;
    page.on("request", (request) => {
        if (request.url().split("#")[0] !== url)
            say(`${file}: asks for ${request.url().slice(0, 200)}`);
    });
    page.on("console", (message) => say(`${file}: says ${message.text()}`));
    page.on("pageerror", (error) => say(`${file}: ${error}`));
    page.on("dialog", (dialog) => { say(`${file}: opens a dialog`); dialog.dismiss(); });
    await page.goto(url);
    await checkKeyboard(page, file);
    await checkTables(page, file);
    await checkFocus(page, file);
    await checkPaper(page, file);
    await checkNarrow(page, file);
    await page.close();

    const tested = await browser.newPage(); // the tester itself is a script that the page's policy bars
    await tested.setBypassCSP(true);
    await tested.goto(url);
    await tested.addScriptTag({ path: axe });
    await checkAccess(tested, file);
    await tested.close();
}
await browser.close();
for (const problem of problems)
    console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
