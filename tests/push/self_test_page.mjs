// The page of the self-test without a browser: its script runs in Node, on a document that only keeps what is shown.
// Prints one JSON object when the verdict is there: "good: …" or "bad: …" by step.

const page = process.argv[2];
const lines = {};

function line(name) {
    lines[name] ??= {className: "", status: {textContent: ""}};
    return {
        set className(value) {
            lines[name].className = value;
        },
        querySelector: () => lines[name].status,
    };
}

globalThis.location = new URL(page);
globalThis.document = {
    querySelector: (selector) => line(selector.match(/data-step="(\w+)"/)[1]),
    getElementById: () => ({
        set className(value) {
            lines.verdict = {className: value, status: {textContent: ""}};
        },
        set textContent(value) {
            const shown = {verdict: `${lines.verdict.className}: ${value}`};
            for (const [name, {className, status}] of Object.entries(lines)) {
                if (name !== "verdict") shown[name] = `${className}: ${status.textContent}`;
            }
            process.stdout.write(JSON.stringify(shown), () => process.exit(0));
        },
    }),
};

const script = await (await fetch(`${page}/self_test.js`)).text();
(0, eval)(script);
