// What the page of the API does beyond being read: colours, search, copying, and showing where one is.
"use strict";

const root = document.documentElement;
root.classList.add("scripted");

// Before anything is drawn, so that it is not drawn twice. Storage may be forbidden: then nothing is remembered.
const KEY = "frontdesk-docs-theme";
const remembered = (() => {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
})();
if (remembered) root.dataset.theme = remembered;

document.addEventListener("DOMContentLoaded", () => {
  offerColours();
  nameTheServer();
  offerCopying();
  offerSearch();
  offerContents();
  openWhatIsLinkedTo();
  showWhereOneIs();
});

function offerColours() {
  const button = document.querySelector(".theme");
  button.hidden = false;
  button.addEventListener("click", () => {
    const isDark = getComputedStyle(root).colorScheme === "dark";
    root.dataset.theme = isDark ? "light" : "dark";
    try {
      localStorage.setItem(KEY, root.dataset.theme);
    } catch {
      // not remembered, then
    }
  });
}

// Examples name the server that shows them.
function nameTheServer() {
  const written = "http://127.0.0.1:8090";
  if (location.origin === written || !location.protocol.startsWith("http")) return;
  for (const code of document.querySelectorAll("pre.sh code, pre.js code")) {
    code.textContent = code.textContent.replaceAll(written, location.origin);
  }
}

function offerCopying() {
  for (const figure of document.querySelectorAll("figure")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(figure.querySelector("code").textContent);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
    if (navigator.clipboard) figure.querySelector("figcaption").append(button);
  }
}

function offerSearch() {
  const field = document.querySelector(".search");
  const input = field.querySelector("input");
  const nav = document.querySelector("nav");
  const nothing = nav.querySelector(".nothing");
  const menu = document.querySelector(".menu");
  field.hidden = false;

  const words = () => input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (item) => words().every((word) => (item.dataset.words ?? item.textContent.toLowerCase()).includes(word));

  function search() {
    const isSearching = words().length > 0;
    nav.classList.toggle("searched", isSearching);
    nav.classList.toggle("open", isSearching || menu.getAttribute("aria-expanded") === "true");
    let found = 0;
    for (const section of nav.querySelectorAll("section")) {
      const isNamed = has({ dataset: {}, textContent: section.querySelector("h2").textContent });
      let shown = 0;
      for (const item of section.querySelectorAll(":scope > ul > li")) {
        const inner = [...item.querySelectorAll("li")];
        const isMeant = isNamed || has(item);
        const matching = inner.filter(has);
        for (const one of inner) one.hidden = isSearching && !matching.includes(one);
        item.hidden = !isMeant && matching.length === 0;
        if (!item.hidden) shown += 1;
      }
      section.hidden = isSearching && shown === 0 && !isNamed;
      if (!section.hidden) found += 1;
    }
    nothing.hidden = found > 0;
  }

  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      const shown = [...nav.querySelectorAll("li")].filter((item) => item.offsetParent !== null);
      const exact = shown.find((item) => item.dataset.words === input.value.toLowerCase().trim());
      const meant = exact ?? shown.find((item) => has(item)) ?? shown[0]; // not what is shown for what is inside it
      meant?.querySelector("a").click();
    } else if (event.key === "Escape") {
      input.value = "";
      search();
      input.blur();
    }
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
    }
  });
}

// On narrow screens the contents are behind a button.
function offerContents() {
  const button = document.querySelector(".menu");
  const nav = document.querySelector("nav");
  button.hidden = false;
  const show = (isOpen) => {
    nav.classList.toggle("open", isOpen);
    button.setAttribute("aria-expanded", String(isOpen));
  };
  button.addEventListener("click", () => show(!nav.classList.contains("open")));
  nav.addEventListener("click", (event) => {
    if (event.target.closest("a")) show(false);
  });
}

function openWhatIsLinkedTo() {
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) {
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", open);
  open();
}

function showWhereOneIs() {
  const nav = document.querySelector("nav");
  const links = new Map([...nav.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  const places = [...document.querySelectorAll("main [id]")].filter((place) => links.has(place.id));
  let current = null;
  const mark = () => {
    const line = innerHeight * 0.25;
    const above = places.filter((place) => place.offsetParent !== null && place.getBoundingClientRect().top <= line);
    const link = links.get((above.at(-1) ?? places[0]).id);
    if (link === current) return;
    current?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    current = link;
    const { top, bottom } = link.getBoundingClientRect();
    const frame = nav.getBoundingClientRect();
    if (top < frame.top + 40 || bottom > frame.bottom - 40) {
      nav.scrollTop += top - frame.top - frame.height / 2;
    }
  };
  let isWaiting = false;
  addEventListener(
    "scroll",
    () => {
      if (isWaiting) return;
      isWaiting = true;
      requestAnimationFrame(() => {
        isWaiting = false;
        mark();
      });
    },
    { passive: true },
  );
  mark();
}
