// A JavaScript client of the world that subscribes as its makers intend, and tells what it hears.
//
// node subscriber.mjs LIBRARY URL TRANSPORTS AUTHORIZATION; LIBRARY is `faye` or a version of `cometd` in node_modules,
// TRANSPORTS a comma list in order of preference. Reads one JSON command per line from standard input and writes one
// JSON line for each answer, message, and failure. Ends with its input.
//
// All of them keep the number of the last event they were told of, and subscribe from there on: also on their own,
// after a new handshake. That is the replay extension, which needs a few lines in each of them.

import {createInterface} from "node:readline";

console.log = console.error; // standard output is for our lines only

const [library, url, transports, authorization] = process.argv.slice(2);
const wanted = transports.split(",");
const positions = new Map(); // channel → number of the last event

const replay = {
    outgoing(message) {
        if (message.channel === "/meta/handshake") {
            message.ext = {...message.ext, replay: true};
        } else if (message.channel === "/meta/subscribe" && positions.has(message.subscription)) {
            message.ext = {...message.ext, replay: {[message.subscription]: positions.get(message.subscription)}};
        }
        return message;
    },
    incoming(message) {
        if (message.data !== undefined) {
            hear(message, message.ext.replay);
        } else if (!message.successful) {
            const {failure, ...told} = message; // what the library adds holds the whole request
            say({meta: told});
        }
        return message;
    },
};

let subscribeAnew; // where a client repeats a poll whose answer was lost as if nothing had happened

function hear(message, number) {
    // A number that was skipped shows what the client does not notice.
    const skipped = [...positions.keys()].filter((channel) => number > positions.get(channel) + 1);
    if (subscribeAnew && skipped.length > 0) {
        skipped.forEach(subscribeAnew);
        return;
    }
    say({message});
    positions.forEach((last, channel) => positions.set(channel, Math.max(last, number)));
}

const commands = library === "faye" ? await faye() : await official();

createInterface({input: process.stdin})
    .on("line", (line) => {
        const {number, act, ...parameters} = JSON.parse(line);
        Promise.resolve(commands[act](parameters)).then(
            (result) => say({answer: number, ...result}),
            (error) => say({answer: number, failure: String(error.cause ?? error.message ?? error)}),
        );
    })
    .on("close", () => process.exit(0));

async function official() {
    const {adapt} = await import("cometd-nodejs-client");
    adapt();
    // The upgrade needs the credentials, too; a browser would send its cookies.
    window.WebSocket = class extends window.WebSocket {
        constructor(to, protocols) {
            super(to, protocols ?? [], {headers: {Authorization: authorization}, perMessageDeflate: false});
        }
    };
    const {default: older, CometD = older?.CometD} = await import(library); // 3.x is no module
    const cometd = new CometD();
    cometd.configure({
        url,
        requestHeaders: {Authorization: authorization},
        maxNetworkDelay: 1000,
        backoffIncrement: 100,
        maxBackoff: 500,
    });
    for (const type of cometd.getTransportTypes().filter((each) => !wanted.includes(each))) {
        cometd.unregisterTransport(type);
    }
    cometd.registerExtension("replay", replay);
    const subscriptions = new Map();
    let whenShaken;
    // As its manual has it: subscriptions end with the session, so they are made after every handshake.
    cometd.addListener("/meta/handshake", (reply) => {
        if (reply.successful) {
            cometd.batch(() => subscriptions.forEach((_, channel) => subscriptions.set(channel, subscribe(channel))));
            whenShaken({reply});
        }
    });

    function subscribe(channel, done) {
        return cometd.subscribe(channel, () => {}, {}, done);
    }

    return {
        // Its callback is told of a refused upgrade, too, after which it tries the next transport by itself.
        handshake: () =>
            new Promise((resolve) => {
                whenShaken = resolve;
                cometd.handshake();
            }),
        subscribe: ({channel, since}) =>
            new Promise((resolve) => {
                positions.set(channel, since);
                subscriptions.set(channel, subscribe(channel, (reply) => resolve({reply})));
            }),
        unsubscribe: ({channel}) =>
            new Promise((resolve) => {
                cometd.unsubscribe(subscriptions.get(channel), {}, (reply) => resolve({reply}));
                subscriptions.delete(channel);
                positions.delete(channel);
            }),
        disconnect: () => new Promise((resolve) => cometd.disconnect((reply) => resolve({reply}))),
        transport: () => ({type: cometd.getTransport().type ?? cometd.getTransport().getType()}),
    };
}

async function faye() {
    const {default: {Client}} = await import("faye");
    const client = new Client(url, {retry: 0.2});
    client.setHeader("Authorization", authorization);
    if (!wanted.includes("websocket")) {
        client.disable("websocket");
    }
    const waiting = new Map(); // what a promise of the library does not tell: meta channel → who waits for the reply
    client.addExtension({
        outgoing: (message, done) => done(replay.outgoing(message)),
        incoming: (message, done) => {
            waiting.get(message.channel)?.(message);
            done(replay.incoming(message));
        },
    });
    const subscriptions = new Map();

    function reply(channel, act) {
        return new Promise((resolve) => {
            waiting.set(channel, (message) => {
                waiting.delete(channel);
                resolve({reply: message});
            });
            act();
        });
    }

    let isSubscribing = false;
    subscribeAnew = (channel) => {
        if (!isSubscribing) {
            isSubscribing = true; // once: what the library has not begun yet cannot be cancelled
            subscriptions.get(channel).cancel();
            subscriptions.set(channel, client.subscribe(channel, () => {}));
            subscriptions.get(channel).then(() => (isSubscribing = false));
        }
    };

    return {
        // It shakes hands by itself when it is first needed, and comes back from the first connect when told here.
        handshake: () => reply("/meta/handshake", () => client.connect()),
        subscribe: ({channel, since}) => {
            positions.set(channel, since);
            return reply("/meta/subscribe", () => subscriptions.set(channel, client.subscribe(channel, () => {})));
        },
        unsubscribe: ({channel}) => {
            positions.delete(channel);
            return reply("/meta/unsubscribe", () => subscriptions.get(channel).cancel());
        },
        disconnect: () => reply("/meta/disconnect", () => client.disconnect()),
        transport: () => ({type: client._dispatcher.connectionType}),
    };
}

function say(told) {
    process.stdout.write(`${JSON.stringify(told)}\n`);
}
