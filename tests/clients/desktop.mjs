// An agent's desktop as scripts can drive it: the official CometD client, told what to do line by line.
//
// Reads one JSON command per line from standard input and writes one JSON line for each answer, `{"answer": n, …}`,
// and for each thing that happens meanwhile, `{"message": …}` or `{"meta": …}`. Ends with its input.
//
// As in a browser there is one jar of cookies for requests, long polls and websockets, and the CSRF token that came
// with an answer goes back with the next request.

import {createInterface} from "node:readline";

import {CometD} from "cometd";
import {adapt} from "cometd-nodejs-client";

console.log = console.error; // standard output is for our lines only

const [url, transport] = process.argv.slice(2);
const jar = new Map();
let csrf = {};

adapt({
    cookies: {
        storeCookie: (_uri, header, done) => {
            keep(header);
            done();
        },
        retrieveCookies: (_context, _uri, done) => done(null, cookies()),
    },
});

// A browser sends its cookies with the upgrade; the package's websocket has to be told.
window.WebSocket = class extends window.WebSocket {
    constructor(to, protocols) {
        super(to, protocols ?? [], {headers: {Cookie: cookies().join("; ")}, perMessageDeflate: false});
    }
};

const cometd = new CometD();
cometd.configure({url: `${url}/api/v2/notifications`});
for (const type of cometd.getTransportTypes()) {
    if (type !== transport) {
        cometd.unregisterTransport(type);
    }
}
for (const channel of ["/meta/connect", "/meta/disconnect", "/meta/unsuccessful"]) {
    cometd.addListener(channel, (message) => say({meta: {...message, channel}}));
}

const commands = {
    // One request under /api/v2; with `basic` credentials, else by the cookie alone.
    async request({method, path, body, basic}) {
        const headers = {"Content-Type": "application/json", Cookie: cookies().join("; "), ...csrf};
        if (basic) {
            headers.Authorization = `Basic ${Buffer.from(basic).toString("base64")}`;
        }
        const answer = await fetch(`${url}/api/v2${path}`, {
            method,
            headers,
            body: body === undefined ? undefined : JSON.stringify(body),
        });
        answer.headers.getSetCookie().forEach(keep);
        if (answer.headers.has("X-CSRF-HEADER")) {
            csrf = {[answer.headers.get("X-CSRF-HEADER")]: answer.headers.get("X-CSRF-TOKEN")};
        }
        return {status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.json()};
    },

    handshake() {
        return new Promise((resolve) => cometd.handshake((reply) => resolve({reply, type: cometd.getTransport()?.type})));
    },

    subscribe({channel}) {
        return new Promise((resolve) => cometd.subscribe(channel, (message) => say({message}), (reply) => resolve({reply})));
    },

    disconnect() {
        return new Promise((resolve) => cometd.disconnect((reply) => resolve({reply})));
    },
};

createInterface({input: process.stdin})
    .on("line", (line) => {
        const {number, act, ...parameters} = JSON.parse(line);
        Promise.resolve(commands[act](parameters)).then(
            (result) => say({answer: number, ...result}),
            (error) => say({answer: number, failure: String(error.cause ?? error)}),
        );
    })
    .on("close", () => process.exit(0));
say({meta: {channel: "ready"}});

function say(told) {
    process.stdout.write(`${JSON.stringify(told)}\n`);
}

function keep(setCookie) {
    const [pair] = setCookie.split(";");
    jar.set(pair.slice(0, pair.indexOf("=")).trim(), pair.trim());
}

function cookies() {
    return [...jar.values()];
}
