// The web chat in the browser: shows the conversation and carries to the server what the traveller says.

const FILE_LIMIT_MB = 20; // The server refuses more.
const POLL_SECONDS = 25; // How long the server may keep a question for news waiting.
const TOGETHER_MS = 5 * 60_000; // Messages of one sender this close form one group.
const STALE_MS = 60 * 60_000; // Words left unsent this long wait for a tap: the moment, or the traveller, may be another.
const UNSENT = "khaibao.unsent.";
const DRAFT = "khaibao.draft";

const chrome = JSON.parse(document.getElementById("chrome").textContent);
const part = (id) => document.getElementById(id);
const [log, outbox, scroller, typing, newer, tray, field] =
  ["log", "outbox", "scroller", "typing", "newer", "tray", "words"].map(part);

const outgoing = new Map(); // Client id → what was said here and is not yet in the log.
const shown = new Set(); // Ids of the server's messages in the log.
const mine = new Set(); // Client ids among them.
let { words, language } = chrome;
let last = 0; // The newest message that the server has told us of.
let latest = null; // The newest message in the log: { from, at, element }.
let pinned = true; // Whether the newest message is kept in view.
let scrolled = 0; // Where the conversation was scrolled to.
let alive = false; // Whether the server has answered at all.

/** What the act gives, or null where it cannot be done. */
function tried(act) {
  try {
    return act();
  } catch {
    return null;
  }
}

// ---------- words

const word = (key, values = {}) => (words[key] ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** Puts the page into the language that the server answers in. */
function speak(answer) {
  if (answer.words) words = answer.words;
  if (answer.language) language = document.documentElement.lang = answer.language;
  if (answer.direction) document.documentElement.dir = answer.direction;
  document.title = word("page_title");
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", word(node.dataset.label));
    if (node.title) node.title = word(node.dataset.label);
  }
  field.placeholder = word(field.dataset.placeholder);
  const chosen = chrome.languages.find(([code]) => code === language);
  part("language-name").textContent = chosen ? chosen[1] : language;
  for (const button of document.querySelectorAll(".languages button"))
    button.setAttribute("aria-current", String(button.lang === language));
}

const clock = (at) => at.toLocaleTimeString(language, { hour: "numeric", minute: "2-digit" });

function dayName(at) {
  const midnight = (date) => new Date(date).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(at) - midnight(Date.now())) / 86_400_000);
  if (days === 0 || days === -1) return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day");
  return at.toLocaleDateString(language, { weekday: "long", day: "numeric", month: "long" });
}

// ---------- messages

/** Makes an element; `key` names the interface sentence it shows, `text` is shown as it is. */
function make(tag, { name = "", key, text, ...rest } = {}, ...children) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  for (const [attribute, value] of Object.entries(rest)) node.setAttribute(attribute, value);
  if (key) node.dataset.word = key;
  if (key || text !== undefined) node.textContent = key ? word(key) : text;
  node.append(...children);
  return node;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.appendChild(document.createElementNS(svg.namespaceURI, "use")).setAttribute("href", `#icon-${name}`);
  return svg;
}

/** The address if it may be followed: https anywhere, or this same house. */
function safeAddress(url) {
  const address = tried(() => new URL(url, location.href));
  return address?.protocol === "https:" || address?.origin === location.origin ? address.href : null;
}

const link = (href, name, ...children) => make("a", { name, href, target: "_blank", rel: "noopener noreferrer" }, ...children);

function textOf(text) {
  const node = make("div", { name: "text", dir: "auto" });
  for (const piece of text.split(/(https:\/\/[^\s<>"'\u3000-\u303f\uff00-\uffef]*[^\s<>"'.,;:!?)\]\u3000-\u303f\uff00-\uffef])/)) {
    const address = piece.startsWith("https://") && safeAddress(piece);
    node.append(address ? link(address, "", piece) : piece);
  }
  return node;
}

/** Shows a file: as a picture if the browser can, else as a card with its name. */
function pictureOf(file) {
  const { name, url } = file;
  const address = safeAddress(url);
  const card = () => link(address, "file", icon("page"), make("span", { text: name, dir: "auto" }));
  if (!address) return make("span", { text: name });
  if (/\.pdf$/i.test(name)) return card();
  const picture = make("img", { src: address, alt: word("photo_of", { name }) });
  const frame = link(address, "picture", picture);
  picture.addEventListener("load", () => { file.good = true; });
  picture.addEventListener("error", () => frame.replaceWith(card()));
  return frame;
}

function choicesOf(buttons) {
  const longest = Math.max(...buttons.map(({ label }) => label.length));
  const shape = buttons.length <= 6 ? "" : longest > 26 ? "listed" : "grid";
  const group = make("div", { name: `choices ${shape}`, role: "group", "data-label": "choices", "aria-label": word("choices") });
  for (const { press, label } of buttons)
    group.append(make("button", { type: "button", text: label, dir: "auto", "data-press": press }));
  return group;
}

/** The lines of a summary; a tap on one changes that answer. */
function summaryOf(rows) {
  const list = make("ul", { name: "summary" });
  for (const { label, value, press } of rows) {
    const tap = { type: "button", "data-press": press, "data-says": label, "aria-label": `${word("change", { label })} – ${value}` };
    const words = [make("span", { name: "asked", text: label, dir: "auto" }), make("span", { text: value, dir: "auto" })];
    list.append(make("li", {}, make("button", tap, ...words, icon("edit"))));
  }
  return list;
}

/** Fills (or fills again) the element of one message. */
function fill(element, message) {
  const at = new Date(message.at);
  const sender = { bot: "bot", staff: "staff", traveller: "you" }[message.from];
  const time = make("time", { text: clock(at), datetime: message.at });
  const bubble = make("div", { name: "bubble" });
  if (message.file) bubble.append(pictureOf(message.file));
  const paragraphs = (message.text ?? "").split("\n\n");
  const aside = paragraphs.splice(paragraphs.length - (message.asides ?? 0)).join("\n");
  if (message.text) bubble.append(textOf(paragraphs.join("\n\n")));
  if (aside) bubble.append(make("div", { name: "aside", dir: "auto", text: aside }));
  if (message.rows?.length) bubble.append(summaryOf(message.rows));
  for (const { label, url } of message.links ?? []) {
    const address = safeAddress(url);
    if (address) bubble.append(link(address, "button", label));
  }
  bubble.append(time);
  element.replaceChildren(make("p", { name: "sender", key: sender }), bubble);
  element.className = `message ${message.from}${message.file ? " with-file" : ""}`;
  if (message.from === "bot") element.lang = language;
  if (message.buttons?.length) element.append(choicesOf(message.buttons));
  return element;
}

/** Adds a message from the server to the log, in the place of what was pending for it. */
function show(message) {
  const pending = outgoing.get(message.client);
  const file = pending?.picture?.good ? pending.picture : message.file ?? pending?.picture;
  const element = fill(pending?.element ?? make("div"), { ...message, file });
  if (pending) settle(pending);
  if (message.client) mine.add(message.client);
  shown.add(message.id);
  const at = new Date(message.at);
  const sameDay = latest?.at.toDateString() === at.toDateString();
  if (!sameDay) log.append(make("p", { name: "day", text: dayName(at) }));
  if (sameDay && latest.from === message.from && at - latest.at < TOGETHER_MS && !latest.element.querySelector(".choices")) {
    element.classList.add("joined");
    latest.element.classList.add("followed");
  }
  if (message.from === "traveller") quieten();
  log.append(element);
  latest = { from: message.from, at, element };
  return element;
}

/** Yesterday's buttons stay, but no longer call for a tap. */
const quieten = () => log.querySelectorAll(".choices").forEach((group) => group.classList.add("quiet"));

// ---------- keeping the newest in view

const gap = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;

function toEnd() {
  scroller.scrollTop = scroller.scrollHeight;
  pinned = newer.hidden = true;
}

/** Brings new messages into view, but never scrolls past the first of them that is not the traveller's own. */
function reveal(elements) {
  const own = elements.map((element) => element.classList.contains("traveller")).lastIndexOf(true);
  const first = elements[own + 1];
  if (!pinned && first) newer.hidden = false;
  if (!pinned) return;
  toEnd();
  if (first) scroller.scrollTop = Math.min(scroller.scrollTop, first.offsetTop - 12);
  pinned = gap() < 48;
}

// ---------- saying

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

// Storage may be forbidden or full; then the words live only as long as the page.
const keep = (storage, key, value) => tried(() => (value ? window[storage].setItem(key, value) : window[storage].removeItem(key)));
const kept = (storage, prefix) =>
  tried(() => Object.entries(window[storage]).filter(([key]) => key.startsWith(prefix)).map(([, value]) => value)) ?? [];

/** Says something: `body` is what the server gets, `label` what the bubble shows. */
function say(body, label) {
  const item = { id: newId(), body, label, at: new Date().toISOString(), state: "waiting" };
  if (label) keep("localStorage", UNSENT + item.id, JSON.stringify(item));
  enqueue(item);
}

function sayFile(file) {
  const item = { id: newId(), file, at: new Date().toISOString(), state: "waiting" };
  item.picture = { name: file.name, url: URL.createObjectURL(file) };
  if (file.size > FILE_LIMIT_MB * 2 ** 20)
    Object.assign(item, { state: "refused", sentence: word("file_too_large", { limit: FILE_LIMIT_MB }) });
  enqueue(item);
}

const lane = (item) => (item.file ? "file" : "body");

/** Shows what was said as pending and sends it when its turn comes; only the greeting has no bubble. */
function enqueue(item) {
  outgoing.set(item.id, item);
  item.element = make("div");
  if (!item.body?.open) {
    outbox.append(fill(item.element, { from: "traveller", at: item.at, text: item.label, file: item.picture }));
    quieten();
    toEnd();
  }
  item.element.classList.add("pending");
  mark(item);
  deliver(lane(item));
}

/** Shows at a pending bubble how it fares: `waiting` and `sending` go on by themselves, `stopped` and `refused` do not. */
function mark(item, state = item.state) {
  item.state = state;
  item.element.querySelector(".faring")?.remove();
  const failed = state === "stopped" || state === "refused";
  item.element.classList.toggle("failed", failed);
  const faring = make("div", { name: "faring" });
  const act = (key, deed) => faring.appendChild(make("button", { type: "button", key })).addEventListener("click", deed);
  if (failed || item.tries) {
    const sentence = item.sentence ? { text: item.sentence } : { key: failed ? "not_sent" : "waiting" };
    faring.append(make("span", { ...sentence, role: failed ? "alert" : "note" }));
  }
  item.bar = item.file && !failed && make("progress", { max: 1, value: 0, "aria-label": word("uploading") });
  if (item.bar) faring.append(item.bar);
  if (state === "stopped" || (state === "waiting" && item.tries)) act("retry", () => { mark(item, "waiting"); item.wake?.(); deliver(lane(item)); });
  if (faring.firstChild) act(failed ? "remove" : "cancel", () => cancel(item));
  if (faring.firstChild && state !== "heard") item.element.append(faring);
}

/** Takes back what was not sent; its words return to the field. */
function cancel(item) {
  settle(item);
  item.element.remove();
  item.request?.abort();
  item.wake?.();
  if (item.body?.text && !field.value) setField(item.body.text);
  field.focus();
}

/** Nothing more is to be done for this item. */
function settle(item) {
  outgoing.delete(item.id);
  keep("localStorage", UNSENT + item.id);
}

const delivering = {};

/** Sends what waits, one after the other; words do not wait for files. */
async function deliver(way) {
  if (delivering[way] || !alive) return;
  delivering[way] = true;
  const next = () => [...outgoing.values()].find((item) => lane(item) === way && item.state === "waiting");
  for (let item = next(); item; item = next()) await attempt(item);
  delivering[way] = false;
}

async function attempt(item) {
  mark(item, "sending");
  const { status, answer, after } = await post(item);
  if (!outgoing.has(item.id)) return;
  if (status >= 200 && status < 300) {
    keep("localStorage", UNSENT + item.id);
    mark(item, "heard");
    typing.hidden = false;
    if (item.body?.open) settle(item);
    return;
  }
  item.tries = (item.tries ?? 0) + 1;
  item.sentence = answer?.error?.sentence;
  const passing = [0, 408, 429, 502, 503, 504].includes(status);
  mark(item, passing ? "waiting" : status >= 500 ? "stopped" : "refused");
  if (passing) await pause(after || Math.min(2 ** item.tries, 30), item);
}

/** Waits, unless the sleeper is woken earlier. */
function pause(seconds, sleeper) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    sleeper.wake = () => { clearTimeout(timer); resolve(); };
  });
}

/** Posts one item; a lost connection counts as status 0. */
function post(item) {
  return new Promise((resolve) => {
    const request = (item.request = new XMLHttpRequest());
    request.open("POST", item.file ? "/chat/files" : "/chat/messages");
    request.setRequestHeader("X-Requested-With", "khaibao");
    request.timeout = item.file ? 600_000 : 30_000;
    request.upload.onprogress = ({ loaded, total }) => { if (item.bar) item.bar.value = loaded / total; };
    request.onloadend = () => {
      const answer = tried(() => JSON.parse(request.responseText));
      resolve({ status: request.status, answer, after: Number(request.getResponseHeader("Retry-After")) });
    };
    const form = new FormData();
    form.append("id", item.id);
    if (item.file) form.append("file", item.file, item.file.name);
    else request.setRequestHeader("Content-Type", "application/json");
    request.send(item.file ? form : JSON.stringify({ id: item.id, ...item.body }));
  });
}

// ---------- listening

let poll = null;
const rest = {}; // Sleeps between two polls that failed.
const WOKEN = "woken"; // Why a poll was broken off: to ask anew at once.

/** Asks the server for news for as long as the page is open. */
async function listen() {
  for (let failures = 0; ; ) {
    poll = new AbortController();
    const wait = alive && !failures ? POLL_SECONDS : 0;
    const limit = setTimeout(() => poll.abort(), (wait + 15) * 1000);
    const trouble = await news(wait).then(hear).catch((error) => error);
    clearTimeout(limit);
    if (trouble === WOKEN) continue;
    failures = trouble ? failures + 1 : 0;
    if (!trouble || failures > 1 || !navigator.onLine || !alive) report(trouble);
    if (trouble) await pause(trouble.after || Math.min(2 ** failures / 2, 20), rest);
  }
}

async function news(wait) {
  const query = new URLSearchParams({ after: last, wait, language, thinking: typing.hidden ? 0 : 1 });
  const response = await fetch(`/chat/messages?${query}`, { signal: poll.signal, cache: "no-store", headers: { Accept: "application/json" } });
  const answer = await response.json().catch(() => ({}));
  if (response.ok && answer.messages) return answer;
  throw { status: response.status, sentence: answer.error?.sentence, after: Number(response.headers.get("Retry-After")) };
}

function hear(answer) {
  if (answer.words || answer.language !== language) speak(answer);
  const fresh = answer.messages.filter(({ id }) => !shown.has(id)).map(show);
  last = answer.last ?? last;
  typing.hidden = !answer.thinking;
  expect(answer.expects, answer.messages.some(({ from }) => from === "bot"));
  part("person").firstElementChild.hidden = !answer.with_person;
  advance(answer.progress);
  reveal(fresh);
  if (!alive) awake(fresh.length === 0);
}

/** After the first answer: greet if this is a new conversation, and send what a lost connection left behind. */
function awake(empty) {
  alive = true;
  part("unreachable").hidden = true;
  log.setAttribute("aria-busy", "false");
  document.body.classList.add("settled");
  const start = new URLSearchParams(location.search).get("start");
  if (start !== null) history.replaceState(null, "", location.pathname);
  if (empty || start) say({ open: { language, start: start ?? "" } });
  const left = kept("localStorage", UNSENT).map((text) => tried(() => JSON.parse(text)));
  for (const item of left.filter((item) => item?.body).sort((one, two) => one.at.localeCompare(two.at))) {
    const state = Date.now() - new Date(item.at) > STALE_MS ? "stopped" : "waiting";
    if (mine.has(item.id)) settle(item);
    else if (!outgoing.has(item.id)) enqueue({ ...item, state });
  }
  deliver("body");
  deliver("file");
}

function advance(progress) {
  const bar = part("progress");
  bar.hidden = !progress;
  if (!progress) return;
  bar.max = Math.max(1, progress.done + progress.left);
  bar.value = progress.done;
  bar.setAttribute("aria-valuetext", `${progress.done} / ${bar.max}`);
}

let expected = "";

/** Readies the composer for the kind of answer that is asked for. */
function expect(kind = "text", asked) {
  if (kind === expected && !asked) return;
  expected = kind;
  field.inputMode = { number: "numeric", phone: "tel", email: "email" }[kind] ?? "text";
  part("attach").classList.toggle("called", kind === "photo");
  openTray(kind === "photo");
}

/** Shows or takes away the strip that says the server is out of reach. */
function report(trouble) {
  const strip = part("trouble").firstElementChild;
  if (!alive) {
    typing.hidden = true;
    return part("unreachable").classList.remove("late");
  }
  const text = trouble && (trouble.sentence || word(navigator.onLine ? "unreachable" : "offline"));
  if (text && strip.firstElementChild.textContent !== text) strip.firstElementChild.textContent = text;
  const back = !trouble && !strip.hidden;
  strip.hidden = !trouble;
  strip.lastElementChild.onclick = () => (trouble.status === 401 || trouble.status === 403 ? location.reload() : wake());
  if (back) for (const item of outgoing.values()) item.wake?.();
}

/** Tries at once whatever waits: the connection or the traveller has come back. */
function wake() {
  poll?.abort(WOKEN);
  rest.wake?.();
  for (const item of outgoing.values()) item.wake?.();
}

// ---------- composer

function setField(text) {
  field.value = text;
  fit();
}

/** Lets the field grow with its words; the style sheet sets how far. */
function fit() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
  keep("sessionStorage", DRAFT, field.value);
  part("send").classList.toggle("ready", field.value.trim() !== "");
}

function submit(event) {
  event?.preventDefault();
  const text = field.value.trim();
  if (!text) return;
  setField("");
  say({ text }, text);
}

function attach(files) {
  for (const file of files) if (file.size) sayFile(file);
  openTray(false);
}

async function useSpecimen(tile) {
  tile.disabled = true;
  const blob = await fetch(tile.dataset.specimen).then((response) => (response.ok ? response.blob() : null)).catch(report);
  if (blob) attach([new File([blob], tile.dataset.name, { type: blob.type })]);
  tile.disabled = false;
}

function openTray(open) {
  tray.hidden = !open;
  part("demo")?.setAttribute("aria-expanded", String(open));
  if (pinned) toEnd();
}

let pressed = { press: "", at: 0 };

/** Posts a button's press; the second tap of a double tap is dropped. */
function press(button, byMouse) {
  const again = pressed.press === button.dataset.press && Date.now() - pressed.at < 800;
  pressed = { press: button.dataset.press, at: Date.now() };
  if (again) return;
  button.parentElement.querySelector(".chosen")?.classList.remove("chosen");
  button.classList.add("chosen");
  say({ press: button.dataset.press }, button.dataset.says ?? button.textContent.trim());
  if (byMouse && matchMedia("(hover: hover) and (pointer: fine)").matches) field.focus();
}

function onClick(event) {
  const target = event.target.closest("[data-press], [data-open], [data-close], [data-attach], [data-specimen], dialog");
  if (!target) return;
  const { dataset } = target;
  if (dataset.open) part(dataset.open).showModal();
  else if ("attach" in dataset) part("files").click();
  else if (dataset.specimen) useSpecimen(target);
  else if (dataset.press || "close" in dataset || event.target === target) target.closest("dialog")?.close();
  if (dataset.press) press(target, event.detail > 0);
}

function onKey(event) {
  if (event.target === field && event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) return submit(event);
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    const uploading = [...outgoing.values()].reverse().find((item) => item.file && /waiting|sending/.test(item.state));
    if (uploading) cancel(uploading);
    else if (!tray.hidden) openTray(false);
    field.focus();
  }
}

function onDrag(event) {
  const leaving = event.type === "drop" || (event.type === "dragleave" && !event.relatedTarget);
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  part("drop").hidden = leaving;
  if (event.type === "drop") attach(event.dataTransfer.files);
}

function onPaste(event) {
  const { files } = event.clipboardData;
  if (!files.length || event.clipboardData.getData("text/plain")) return;
  event.preventDefault();
  attach(files);
}

/** Only the traveller's own scrolling lets go of the newest message; pictures that load do not. */
function onScroll() {
  if (gap() < 48) pinned = newer.hidden = true;
  else if (scroller.scrollTop < scrolled) pinned = false;
  scrolled = scroller.scrollTop;
}

// ---------- start

for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) document.addEventListener(kind, onDrag);
window.addEventListener("online", wake);
window.addEventListener("offline", () => alive && report({}));
document.addEventListener("visibilitychange", () => document.hidden || wake());
document.addEventListener("click", onClick);
document.addEventListener("keydown", onKey);
document.addEventListener("paste", onPaste);
part("composer").addEventListener("submit", submit);
part("files").addEventListener("change", ({ target }) => { attach(target.files); target.value = ""; });
part("demo")?.addEventListener("click", () => openTray(tray.hidden));
newer.addEventListener("click", toEnd);
field.addEventListener("input", fit);
scroller.addEventListener("scroll", onScroll);
const watch = new ResizeObserver(() => pinned && toEnd());
watch.observe(scroller);
watch.observe(part("conversation"));
part("address").textContent = location.origin;
setField(kept("sessionStorage", DRAFT)[0] ?? "");
typing.hidden = false;
if (matchMedia("(hover: hover) and (pointer: fine)").matches) field.focus();
listen();
