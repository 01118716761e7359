// A real browser, and the official client in its tabs.
//
// node browser.mjs ORIGIN EXECUTABLE: starts Chromium (an empty EXECUTABLE means the one in node_modules). Reads JSON
// commands from standard input and writes a JSON line for each answer and for what a tab is told (see program.py). The
// tabs show a page of ORIGIN that comes from here, so that cookies, origins and connections are those of the server's own
// pages. Nothing else can be reached.

import {existsSync} from "node:fs";
import {mkdir, readFile, rename, rm} from "node:fs/promises";
import {tmpdir} from "node:os";
import {basename, dirname, join} from "node:path";
import {createInterface} from "node:readline";
import {fileURLToPath} from "node:url";

import {chromium} from "playwright-core";

console.log = console.info = console.error; // standard output is for our lines only

const [origin, executable] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const library = dirname(fileURLToPath(import.meta.resolve("cometd")));
const PAGE = `<!doctype html><title>A desk</title><script type="module" src="/desk/tab.js"></script>`;

const browser = await chromium.launch({
    headless: true,
    args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
    ...(executable ? {executablePath: executable} : await bundled()),
});
// A page that comes from no address is not taken for one of this machine, whose websockets need leave then.
const context = await browser.newContext({permissions: ["local-network-access"]});
await context.route(`${origin}/desk/**`, async (route) => {
    const name = basename(new URL(route.request().url()).pathname);
    if (!name.endsWith(".js")) {
        return route.fulfill({contentType: "text/html", body: PAGE});
    }
    const path = name === "tab.js" ? join(here, "browser_tab.js") : join(library, name);
    return route.fulfill({contentType: "text/javascript", body: await readFile(path)});
});
const tabs = [];
await context.exposeBinding("tell", ({page}, told) => {
    const [[kind, what]] = Object.entries(told);
    say({[kind]: {...what, tab: tabs.indexOf(page)}});
});

const commands = {
    async open({transports, authorization}) {
        const page = await context.newPage();
        tabs.push(page);
        page.on("pageerror", (error) => say({meta: {error: String(error)}}));
        await page.goto(`${origin}/desk/page`);
        await page.waitForFunction(() => window.begin);
        return page.evaluate((parameters) => window.begin(parameters), {transports, authorization});
    },

    transport: ({tab}) => tabs[tab].evaluate(() => window.transport()),

    disconnect: ({tab}) => tabs[tab].evaluate(() => window.leave()),

    async close({tab}) {
        await tabs[tab].close();
        return {};
    },
};

createInterface({input: process.stdin})
    .on("line", (line) => {
        const {number, act, ...parameters} = JSON.parse(line);
        Promise.resolve(commands[act](parameters)).then(
            (result) => say({answer: number, ...result}),
            (error) => say({answer: number, failure: String(error)}),
        );
    })
    .on("close", () => browser.close().finally(() => process.exit(0)));
say({meta: {browser: browser.version()}});

// The package brings the browser compressed, and libraries that not every machine has. Unpacked once it stays beside it.
async function bundled() {
    const packed = await import("@sparticuz/chromium");
    const bin = fileURLToPath(new URL("../bin", import.meta.resolve("@sparticuz/chromium")));
    const ready = join(bin, "unpacked");
    if (!existsSync(ready)) {
        const making = join(bin, `unpacking-${process.pid}`);
        const elsewhere = tmpdir();
        await mkdir(making);
        process.env.TMPDIR = making; // where the package unpacks to
        await packed.default.executablePath();
        await packed.inflate(join(bin, "al2023.tar.br"));
        process.env.TMPDIR = elsewhere;
        await rename(making, ready).catch(() => rm(making, {recursive: true})); // another one was faster
    }
    const libraries = [join(ready, "al2023", "lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
    return {executablePath: join(ready, "chromium"), env: {...process.env, LD_LIBRARY_PATH: libraries}};
}

function say(told) {
    process.stdout.write(`${JSON.stringify(told)}\n`);
}
