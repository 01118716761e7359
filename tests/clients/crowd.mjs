// Many desktops in one process: each keeps a picture of its agent's work by the official client, and nothing else.
//
// node crowd.mjs: reads JSON commands from standard input, writes a JSON line for each answer (see program.py). A
// desktop begins with the state that was read for it and the number of the last event in that. It applies what comes
// with a higher number and ignores the rest. Modes: `ack` has the acknowledgement extension; `replay` names its last
// number when it subscribes, and begins a new session every now and then, as a page that is loaded anew; `neither` has
// nothing. Who is told to read anew, or has a new session without replay, keeps what comes until that is done.

import {createHash} from "node:crypto";
import {createInterface} from "node:readline";

import {CometD} from "cometd";
import {AckExtension} from "cometd/AckExtension.js";
import {adapt} from "cometd-nodejs-client";

console.log = console.info = console.error; // standard output is for our lines only

const EVERYTHING = "/v2/me/*";
const INTERACTIONS = "/v2/me/interactions";
const MEDIA = {
    "/v2/me/emails": "email",
    "/v2/me/chats": "chat",
    "/v2/me/workitems": "workitem",
    "/v2/me/openmedia": "openmedia",
};
const ENDS = new Set(["Completed", "Canceled", "Sent", "Revoked", "InWorkbin"]);
const FAILURES_UNTIL_RELOAD = 7;

adapt({
    cookies: {
        storeCookie: (_uri, _header, done) => done(),
        retrieveCookies: (_context, _uri, done) => done(null, []),
    },
});
const tokens = new Map(); // user → bearer token; the websocket finds the user in its address
window.WebSocket = class extends window.WebSocket {
    constructor(to) {
        const authorization = tokens.get(new URL(to).pathname.split("/").pop());
        super(to, [], {headers: {Authorization: authorization}, perMessageDeflate: false});
    }
};

class Desktop {
    constructor({url, user, transport, mode, since, state}) {
        Object.assign(this, {url, user, transport, mode, since, state, top: since, binsSince: since});
        this.last = new Map(); // channel → number of the last message applied
        this.counts = {applied: 0, ignored: 0, missed: 0, late: 0, resyncs: 0, sessions: 0, failures: 0, unreported: 0};
        this.hash = createHash("sha256");
        this.readings = 0;
        this.waiting = null; // what came since it became clear that the state has to be read anew
    }

    begins() {
        const cometd = new CometD();
        this.cometd = cometd;
        this.hasFailed = false;
        cometd.configure({
            url: `${this.url}/api/v2/notifications/${this.user}`,
            appendMessageTypeToURL: false,
            requestHeaders: {Authorization: tokens.get(this.user)},
            maxNetworkDelay: 1000,
            backoffIncrement: 5,
            maxBackoff: 20,
            logLevel: "error",
        });
        for (const type of cometd.getTransportTypes().filter((each) => each !== this.transport)) {
            cometd.unregisterTransport(type);
        }
        if (this.mode === "ack") {
            cometd.registerExtension("ack", new AckExtension());
        }
        cometd.registerExtension("watch", {outgoing: (message) => this.sends(cometd, message)});
        return new Promise((resolve) => {
            cometd.addListener("/meta/handshake", ({successful}) => {
                if (this.cometd !== cometd) {
                    return;
                }
                if (!successful) {
                    setTimeout(() => this.begins(), 20); // with one transport only, the library gives up here
                } else {
                    this.counts.sessions += 1;
                    const isLacking = this.mode !== "replay" && this.counts.sessions > 1;
                    const ext = this.mode === "replay" ? {ext: {replay: {[EVERYTHING]: this.top}}} : {};
                    const listener = (message) => this.cometd === cometd && this.hears(message);
                    cometd.subscribe(EVERYTHING, listener, ext, (reply) => {
                        if (reply.successful) {
                            if (isLacking || reply.ext?.replay?.gap) {
                                this.misses();
                            }
                            resolve();
                        } else if (this.cometd === cometd) {
                            this.begins(); // it was cut off on the way
                        }
                    });
                }
            });
            cometd.addListener("/meta/connect", ({successful}) => {
                if (this.cometd !== cometd) {
                    return;
                }
                this.hasFailed = !successful;
                if (!successful) {
                    this.counts.failures += 1;
                    if (this.mode === "replay" && this.counts.failures % FAILURES_UNTIL_RELOAD === 0) {
                        setImmediate(() => this.begins());
                        cometd.disconnect();
                    }
                }
            });
            cometd.handshake();
        });
    }

    // The promise for those without any extension holds for cuts that are reported, which the library does by itself.
    sends(cometd, message) {
        if (cometd === this.cometd && message.channel === "/meta/connect" && this.hasFailed) {
            this.counts.unreported += message.advice?.timeout !== 0;
        }
        return message;
    }

    misses() {
        this.readings += 1;
        this.waiting = [];
    }

    reads({since, state}) {
        Object.assign(this, {since, state, top: since, binsSince: since});
        this.last.clear();
        const waiting = this.waiting;
        this.waiting = null;
        waiting.forEach((message) => this.hears(message));
    }

    hears(message) {
        const {channel, data, ext} = message;
        if (data.messageType === "ResyncMessage") {
            this.counts.resyncs += 1;
            this.misses();
            return;
        }
        if (this.waiting) {
            this.waiting.push(message);
            return;
        }
        const number = ext?.replay;
        if (number === undefined) {
            return; // an answer that travels over push
        }
        if (number <= (this.last.get(channel) ?? this.since)) {
            this.counts.ignored += 1;
            return;
        }
        if (number > this.top + 1) {
            this.counts.missed += number - this.top - 1;
        } else if (number < this.top) {
            this.counts.late += 1;
        }
        this.counts.applied += 1;
        this.top = Math.max(this.top, number);
        this.last.set(channel, number);
        this.hash.update(`${number} ${channel}\n`);
        this.applies(channel, data, number);
    }

    applies(channel, data, number) {
        if (channel === INTERACTIONS) {
            this.replaces("interactions", data.interaction);
        } else if (channel in MEDIA) {
            this.replaces(channel, data[MEDIA[channel]]);
        } else if (channel === "/v2/me/channels") {
            this.state.channels = data.channels.filter(({userState}) => userState.state !== "LoggedOut");
        } else if (channel === "/v2/me/workbins" && number > this.binsSince) {
            const item = Object.values(data).find((value) => typeof value === "object"); // its key names the medium
            const bin = (this.state.bins[data.id] ??= {});
            if (data.action === "ItemAdded") {
                bin[item.id] = item;
            } else {
                delete bin[item.id];
            }
        }
    }

    replaces(kind, shown) {
        if (ENDS.has(shown.state)) {
            delete this.state[kind][shown.id];
        } else {
            this.state[kind][shown.id] = shown;
        }
    }
}

const desktops = [];

const commands = {
    signIn({user, token}) {
        tokens.set(user, `Bearer ${token}`);
        return {};
    },

    async begin(parameters) {
        const desktop = new Desktop(parameters);
        desktops.push(desktop);
        await desktop.begins();
        return {};
    },

    // The content of workbins was read anew, because the subscriptions to them had ended.
    rereadBins({user, bins, since}) {
        for (const desktop of desktops.filter((each) => each.user === user)) {
            desktop.state.bins = structuredClone(bins);
            desktop.binsSince = since;
        }
        return {};
    },

    // Whose state has to be read, and for which time.
    lacking: () => ({
        lacking: desktops.flatMap(({user, readings, waiting}, index) => (waiting ? [[index, user, readings]] : [])),
    }),

    reread({index, reading, since, state}) {
        if (desktops[index].readings === reading) {
            desktops[index].reads({since, state});
        }
        return {};
    },

    tops: () => ({
        tops: desktops.map(({user, top, waiting, mode, transport, cometd}) => [
            user,
            waiting ? -1 : top,
            `${mode} over ${transport}, ${cometd.getStatus()}`,
        ]),
    }),

    pictures: () => ({
        pictures: desktops.map(({user, transport, mode, state, counts, readings, hash}) => {
            return {user, transport, mode, state, counts, readings, heard: hash.copy().digest("hex")};
        }),
    }),
};

createInterface({input: process.stdin})
    .on("line", (line) => {
        const {number, act, ...parameters} = JSON.parse(line);
        Promise.resolve(commands[act](parameters)).then(
            (result) => say({answer: number, ...result}),
            (error) => say({answer: number, failure: String(error.stack ?? error)}),
        );
    })
    .on("close", () => process.exit(0));

function say(told) {
    process.stdout.write(`${JSON.stringify(told)}\n`);
}
