// Asks the self-test of the server what only the way to it can break, and says what to change.
"use strict";

const endpoint = new URL("api/v2/system/push-test", location.href);
const PATIENCE_MS = 10_000; // beyond what a step takes by itself, as clients allow for the network
const ATTEMPTS = 3;

run();

async function run() {
  const told = await fetched("").catch(() => ({holdMs: 25_000, pauseMs: 1_000}));
  const idle =
    `the proxy must let what is idle live for longer than ${told.holdMs / 1000} s ` +
    "(nginx: proxy_read_timeout; HAProxy: timeout client, server and tunnel)";
  const results = [await step("address", () => address(told))];
  const canUpgrade = await step("upgrade", () => socket(0, "the proxy must pass websocket upgrades on " +
    "(nginx: proxy_http_version 1.1, proxy_set_header Upgrade and Connection)"));
  results.push(canUpgrade, await step("stream", () => stream(told.pauseMs)));
  const silent = canUpgrade
    ? step("socket", () => socket(told.holdMs, idle))
    : show("socket", "", "not tested, for none can be opened");
  results.push(...(await Promise.all([step("poll", () => poll(told.holdMs, idle)), silent])));
  const isGood = results.every((one) => one);
  const verdict = document.getElementById("verdict");
  verdict.className = isGood ? "good" : "bad";
  verdict.textContent = isGood
    ? "Notifications get through."
    : "Notifications do not get through as they should. What to change is said above.";
}

// Run one step, show how it went and return whether it went well. A step returns what to say, or throws an Error that
// says what to change.
async function step(name, doIt) {
  show(name, "", "is being tested …");
  const since = performance.now();
  try {
    const text = await doIt();
    return show(name, "good", `good: ${text} (${Math.round(performance.now() - since)} ms)`);
  } catch (error) {
    return show(name, "bad", `bad: ${error.message}`);
  }
}

function show(name, className, text) {
  const line = document.querySelector(`[data-step="${name}"]`);
  line.className = className;
  line.querySelector("[role=status]").textContent = text;
  return className === "good";
}

async function address(told) {
  if (told.publicUrl === undefined) await fetched(""); // it was not there, so this says why
  const own = new URL(told.publicUrl);
  if (own.host !== location.host || own.protocol !== location.protocol) {
    throw new Error(`the server calls itself ${own.origin}, and you came to ${location.origin}: set server.public_url`);
  }
  if (told.isForwarded && !told.isProxyBelieved) {
    throw new Error("the server takes everybody behind the proxy for one client: name it in server.trusted_proxies");
  }
  return own.origin;
}

// A page that is busy for a moment sees both halves together, too; a proxy that keeps answers back always does it.
async function stream(pauseMs) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if ((await betweenHalves()) > pauseMs / 2) return "the first half came at once";
  }
  throw new Error("both halves of an answer came at the end: the proxy must not buffer " +
    "(nginx: proxy_buffering off; Caddy: flush_interval -1)");
}

async function betweenHalves() {
  const reader = (await asked("?step=stream", PATIENCE_MS)).body.getReader();
  const arrivals = [];
  for (;;) {
    const {done} = await reader.read();
    if (done) break;
    arrivals.push(performance.now());
  }
  return arrivals.at(-1) - arrivals[0];
}

async function poll(holdMs, remedy) {
  let answer;
  try {
    answer = await fetched(`?step=hold&ms=${holdMs}`, holdMs + PATIENCE_MS);
  } catch (error) {
    throw new Error(`${error.message}: ${remedy}`);
  }
  if (answer.heldMs !== holdMs) throw new Error("another answer came than the server's");
  return `answered after ${holdMs / 1000} s`;
}

function socket(ms, remedy) {
  return new Promise((resolve, reject) => {
    const url = new URL(endpoint);
    url.protocol = url.protocol.replace("http", "ws");
    const opened = new WebSocket(url);
    const fail = (what) => reject(new Error(`${what}: ${remedy}`));
    const timer = setTimeout(() => {
      fail("nothing came");
      opened.close();
    }, ms + PATIENCE_MS);
    opened.onopen = () => opened.send(String(ms));
    opened.onmessage = (event) => {
      clearTimeout(timer);
      opened.onclose = null;
      opened.close();
      if (event.data === String(ms)) resolve(ms ? `silent for ${ms / 1000} s` : "a message came back");
      else fail("another message came back");
    };
    opened.onclose = () => {
      clearTimeout(timer);
      fail("it was closed");
    };
  });
}

async function fetched(query, patienceMs = PATIENCE_MS) {
  return (await asked(query, patienceMs)).json();
}

async function asked(query, patienceMs) {
  const answer = await fetch(endpoint + query, {cache: "no-store", signal: AbortSignal.timeout(patienceMs)});
  if (!answer.ok) throw new Error(`it was answered with ${answer.status}`);
  return answer;
}
