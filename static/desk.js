// The desk without this file is complete; this makes it follow the hands: clocks, preview while typing, keys, copying.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// -- clocks: seconds since or until a moment of the server's clock
function shown(seconds) {
  const sign = seconds < 0 ? "\u2212" : "";
  const all = Math.abs(Math.trunc(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(all / 3600);
  const rest = `${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
  return sign + (hours ? `${hours}:${rest}` : rest);
}

function tick() {
  const now = Date.now() / 1000;
  for (const one of $$("[data-since]")) one.textContent = shown(now - one.dataset.since);
  for (const one of $$("[data-until]")) one.textContent = shown(one.dataset.until - now);
  for (const due of $$("[data-due]")) showDue(due, due.dataset.due - now);
  for (const track of $$("[data-track]")) moveTrack(track, now - track.dataset.track, Number(track.dataset.goal));
  for (const one of $$("[data-over]")) showOver(one, Math.floor(now - one.dataset.over) - Number(one.dataset.goal));
}

// a promise in whole minutes, in the words of the page's language
function showDue(due, seconds) {
  const words = document.body.dataset;
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const hours = Math.floor(minutes / 60);
  const span = hours >= 24 ? words.days : hours ? words.hours : words.minutes;
  const text = span.replace("{days}", Math.floor(hours / 24)).replace("{hours}", hours).replace("{minutes}", hours ? minutes % 60 : minutes);
  due.textContent = (seconds < 0 ? words.late : words.in).replace("{span}", text);
  due.classList.toggle("late", seconds < 0);
}

// the whole track is the goal; once that has passed, a quarter more than it took
function moveTrack(track, took, goal) {
  const whole = took <= goal ? goal : took * 1.25;
  const place = (seconds) => Math.min(100, Math.max(0, (seconds / whole) * 100));
  const here = Math.min(98, place(took));
  $(".ran", track).setAttribute("x2", `${here}%`);
  for (const stop of $$("g", track)) {
    const at = stop.matches(".here") ? here : place(Number(stop.dataset.seconds));
    for (const dot of $$("circle", stop)) dot.setAttribute("cx", `${at}%`);
    for (const word of $$("text", stop)) word.setAttribute("x", `${at}%`);
    if (!stop.matches(".here")) stop.classList.toggle("same", Math.abs(at - here) < 2);
  }
}

// how long the goal has passed
function showOver(place, seconds) {
  place.textContent = seconds > 0 ? place.dataset.words.replace("{time}", shown(seconds)) : "";
  place.closest(".clock").classList.toggle("over", seconds > 0);
}

// -- parts of a page that renew themselves while something is under way
async function renewNow() {
  if (!$("[data-poll]")) return;
  try {
    const answer = await fetch(location.href, { headers: { "X-Renewal": "1" } });
    if (answer.ok && !answer.redirected) replaceLive(await answer.text());
  } catch { /* the network is away; the next round tries again */ }
}

async function renew() {
  if (!$("[data-poll]")) return;
  await renewNow();
  setTimeout(renew, Number($("[data-poll]")?.dataset.poll || 5000));
}

function replaceLive(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const old of $$("[data-live]")) {
    const next = fresh.getElementById(old.id);
    const busy = old.contains(document.activeElement) || $("details[open]:not([id]), .check:checked", old);
    if (!next || busy) continue;
    for (const one of $$("details[id]", old)) $(`#${one.id}`, next)?.toggleAttribute("open", one.open);
    if (next.innerHTML !== old.innerHTML) old.innerHTML = next.innerHTML;
  }
  if (!$("[data-poll]", fresh)) $("[data-poll]")?.removeAttribute("data-poll");
  tick();
}

// -- copying
async function copy(button) {
  const from = button.dataset.copy ? $(button.dataset.copy) : $("[data-text]", button.closest("li, .pv"));
  try {
    await navigator.clipboard.writeText(from.value ?? from.textContent);
  } catch {
    const range = document.createRange();
    range.selectNodeContents(from);
    from.select?.();
    from.closest("details")?.setAttribute("open", "");
    if (!from.select) {
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    }
    if (!document.execCommand("copy")) return;
  }
  button.textContent = button.dataset.done;
}

// -- the form
const form = $("#notice-form");
let asked = 0;
let pinned = 0; // the newest request whose moments were taken
let waiting;
let isStale = false;
let byArrow = false; // the arrows go on through a group of choices, whose menu stays open

const pairs = (text) => new Map(text.split(" ").filter(Boolean).map((one) => one.split(":")));
const inOrder = (ids) => [...ids].filter(Boolean).sort().join(" ");

// At once what the server is going to answer: the type's services and states, but for those that a person has chosen.
function proposeServices(radio) {
  const marks = form.elements;
  if (!marks.shown_services) return;
  const [proposed, boxes] = [pairs(radio.dataset.services), $$("[name=service]", form)];
  const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
  const isOwn = marks.own_services.value || inOrder(ticked) !== inOrder(marks.shown_services.value.split(" "));
  if (proposed.size && !(isOwn && ticked.length)) {
    for (const box of boxes) box.checked = proposed.has(box.value);
    marks.shown_services.value = inOrder(proposed.keys());
  }
  const [shown, own] = [pairs(marks.shown_states.value), marks.own_states.value.split(" ")];
  for (const select of $$("[name^=state-]", form)) {
    const id = select.name.slice(6);
    if (own.includes(id) || shown.get(id) !== select.value) continue;
    select.value = proposed.get(id) || radio.dataset.state;
    shown.set(id, select.value);
  }
  marks.shown_states.value = [...shown].map((pair) => pair.join(":")).join(" ");
  marks.shown_incident_type.value = radio.value;
  placeServices();
}

function chooseIncidentType(radio) {
  proposeServices(radio);
  const next = $$("[name=next_update]", form).find((one) => one.value === radio.dataset.cadence);
  if (next && form.elements.next_update_touched.value !== "1") next.checked = true;
  radio.closest(".scope")?.classList.remove("unset");
  if (!byArrow) radio.closest(".kind")?.removeAttribute("open");
}

// What the type proposes, beside what a person has ticked and chosen: the server knows which is which.
function takeServices(fresh) {
  const next = $("#notice-form", fresh);
  for (const name of ["shown_incident_type", "shown_services", "shown_states", "own_services", "own_states"]) {
    if (form.elements[name] && next.elements[name]) form.elements[name].value = next.elements[name].value;
  }
  for (const chip of $$(".svc", next)) {
    const box = $("[name=service]", chip);
    const old = $(`.svc:has([name=service][value="${box.value}"])`, form);
    if (!old) continue;
    $("[name=service]", old).checked = box.checked;
    if ($("select", chip) && $("select", old)) $("select", old).value = $("select", chip).value;
  }
  if (!$(".pop.add[open]", form)) placeServices();
}

// Ticked services are words of the sentence, and the last one of a group whose others are; the rest is behind the menu.
function placeServices() {
  const sentence = $(".sentence", form);
  if (!sentence) return;
  const menu = $(".pop.add", sentence);
  for (const group of $$("[data-group]", form)) {
    const chips = group.dataset.group.split(" ").map((id) => $(`.svc:has([name=service][value="${id}"])`, form));
    const free = chips.filter((chip) => !$("input", chip).checked);
    for (const chip of chips) {
      const isWord = $("input", chip).checked || (free.length === 1 && chips.length > 1);
      (isWord ? sentence : group).append(chip);
    }
  }
  sentence.append(menu);
}

function followChoice(field) {
  if (field.type === "radio") for (const box of $$("[data-selects]", field.closest("fieldset"))) form.elements[`was-${box.name}`].value = box.value;
  if (field.name === "incident_type") chooseIncidentType(field);
  if (field.name === "next_update" || field.name === "next_update_at") form.elements.next_update_touched.value = "1";
  if (field.name === "audience") for (const box of $$("[name=group]", form)) box.checked = false;
  if (field.name === "group" && field.checked) for (const radio of $$("[name=audience]", form)) radio.checked = false;
  if (field.name.startsWith("state-")) {
    field.closest(".chip").querySelector("input").checked = true;
    if (form.elements.own_states) form.elements.own_states.value += ` ${field.name.slice(6)}`;
  }
}

function pickBox(box) {
  if (!box.value.trim()) return;
  const name = box.closest("fieldset").querySelector("input[type=radio]").name;
  const radio = $(`input[name=${name}][value=${box.dataset.selects}]`, form);
  if (radio) radio.checked = true;
}

async function follow() {
  const mine = ++asked;
  const body = new FormData(form);
  body.set("do", "refresh");
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body, headers: { "X-CSRFToken": form.elements.csrf_token.value } });
    const text = await answer.text();
    if (answer.ok && !answer.redirected && mine > pinned) {
      pinned = mine;
      takePins(text, body);
    }
    if (mine !== asked) return;
    if (answer.ok && !answer.redirected) show(text, body);
    else form.classList.add("stale");
  } catch {
    if (mine === asked) form.classList.add("stale");
  }
}

// The moments that the server holds the chosen times to, as long as they are still the chosen ones.
function takePins(html, sent) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const now = new FormData(form);
  for (const pin of $$("[name^=pin-]", form)) {
    const name = pin.name.slice(4);
    const said = (data) => [...data].filter(([key]) => key === name || key.startsWith(`${name}_`)).join();
    if (said(sent) === said(now)) pin.value = $(`[name=${pin.name}]`, fresh).value;
  }
}

function show(html, sent) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const parts = $("#incident-type-parts");
  const newParts = fresh.getElementById("incident-type-parts");
  if (newParts.dataset.incidentType !== parts.dataset.incidentType) {
    parts.dataset.incidentType = newParts.dataset.incidentType;
    for (const one of $$("[data-parts]", form)) one.innerHTML = fresh.getElementById(one.id).innerHTML;
  }
  takeServices(fresh);
  const language = $("#pv-language")?.value;
  const medium = $("[name=pv-tab]:checked")?.id;
  const pane = $("#preview");
  pane.innerHTML = fresh.getElementById("preview").innerHTML;
  if (language && $(`#pv-language [value="${language}"]`)) $("#pv-language").value = language;
  if (medium && $(`#${medium}`)) $(`#${medium}`).checked = true;
  for (const hint of $$("[data-hint]", fresh)) {
    const old = $(`[data-hint="${hint.dataset.hint}"]`, form);
    const isBusy = old?.contains(document.activeElement) && old.textContent === hint.textContent;
    if (old && !isBusy) old.innerHTML = hint.innerHTML;
  }
  showGate(fresh);
  showProblems(fresh);
  $(".send h2").innerHTML = $(".send h2", fresh).innerHTML;
  form.classList.remove("stale");
  isStale = false;
}

// What the button does, or what is missing and where.
function showGate(fresh) {
  const [gate, next] = [$("#gate"), fresh.getElementById("gate")];
  gate.className = next.className;
  if ($("[role=status]", gate).textContent !== $("[role=status]", next).textContent) $("[role=status]", gate).innerHTML = $("[role=status]", next).innerHTML;
  const [button, newButton] = [$("#publish"), $("#publish", fresh)];
  button.innerHTML = newButton.innerHTML;
  if (newButton.dataset.jump) button.dataset.jump = newButton.dataset.jump;
  else delete button.dataset.jump;
}

// To the first control of what is missing, wherever it is folded away.
function jump(id) {
  const place = document.getElementById(id);
  for (let fold = place?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  const first = place && ($("input:checked", place) || $("input, summary, select, textarea", place));
  place?.scrollIntoView({ block: "center" });
  first?.focus({ preventScroll: true });
}

// What is wrong stands beside its field, as after a refused post.
function showProblems(fresh) {
  for (const old of $$("[id^=f-], .in[name], .tiles", form)) {
    const next = old.id ? fresh.getElementById(old.id) : $(old.name ? `[name="${old.name}"]` : ".tiles", fresh);
    for (const name of ["aria-invalid", "aria-describedby"]) {
      if (next?.hasAttribute(name)) old.setAttribute(name, next.getAttribute(name));
      else old.removeAttribute(name);
    }
    if (old.id) showWrong(old, next);
  }
  const errs = $("#errs");
  const left = fresh.getElementById("errs");
  if (errs && left) errs.innerHTML = left.innerHTML;
  else errs?.remove();
}

function showWrong(old, next) {
  const said = (box) => [...(box?.children || [])].filter((one) => one.classList.contains("wrong"));
  const [was, now] = [said(old), said(next)];
  if (was.map((one) => one.textContent).join() === now.map((one) => one.textContent).join()) return;
  for (const one of was) one.remove();
  const head = $(":scope > legend, :scope > .sublabel", old);
  if (head) head.after(...now);
  else old.prepend(...now);
}

// Takes the better words into their box, as long as the box still says what they are about.
function takeWords(button) {
  const box = form.elements[button.dataset.replace];
  const letters = [...box.value];
  const [start, end] = [Number(button.dataset.start), Number(button.dataset.end)];
  if (letters.slice(start, end).join("") === button.dataset.word) letters.splice(start, end - start, button.dataset.replacement);
  box.value = letters.join("");
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

// What a person typed or chose before this file had arrived.
function isTouched(field) {
  if (field.matches("[type=radio]")) return field.checked && !field.defaultChecked;
  if (field.matches("[type=checkbox]")) return field.checked !== field.defaultChecked;
  return field.matches("input:not([type=hidden]), textarea") && field.value !== field.defaultValue;
}

function later(milliseconds) {
  asked += 1; // an answer under way is about what the form said before
  clearTimeout(waiting);
  waiting = setTimeout(follow, milliseconds);
  isStale = true;
}

// Publishing says what the preview shows: when it has not caught up with the last key, it does so first.
async function publish(event) {
  if (event.submitter?.id !== "publish") return;
  if (form.dataset.sent) return event.preventDefault();
  if (!isStale && event.submitter.dataset.jump) {
    event.preventDefault();
    return jump(event.submitter.dataset.jump);
  }
  form.dataset.sent = "1";
  if (!isStale) return;
  event.preventDefault();
  for (let before = -1; isStale && before !== asked;) { // once more if something was typed meanwhile
    clearTimeout(waiting);
    before = asked + 1;
    await follow();
  }
  isStale = false;
  delete form.dataset.sent;
  form.requestSubmit($("#publish"));
}

function keys(event) {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.preventDefault();
    $("#publish")?.click();
    return;
  }
  if (event.key === "Escape" && closeMenu()) return;
  const typing = event.target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");
  if (typing || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.key === "?") $("#keyboard-help")?.click();
  if (event.key === "/" && $("input[type=search]")) {
    event.preventDefault();
    $("input[type=search]").focus();
  }
  if (listKey(event)) return;
  if (/^[a-z0-9]$/.test(event.key)) $(`[aria-keyshortcuts="${event.key}"]`)?.click();
}

// -- menus: one at a time, and Escape gives the focus back
// choices that stand in the page until one is made
function isFixed(menu) {
  return Boolean(menu.closest(".stays") || (menu.matches(".kind") && menu.closest(".unset")));
}

function openMenu() {
  return document.activeElement?.closest("details.pop[open]") || $$("details.pop[open]").find((menu) => !isFixed(menu));
}

function closeMenu() {
  const open = openMenu();
  if (!open || isFixed(open)) return false;
  open.open = false;
  $("summary", open).focus();
  return true;
}

document.addEventListener("click", (event) => {
  for (const open of $$("details.pop[open]")) {
    if (!open.contains(event.target) && !isFixed(open)) open.open = false;
  }
});

// -- lists: J and K go down and up, Enter opens, X ticks, A acknowledges
function listKey(event) {
  const rows = $$("main .rows > .row:not(.low)").filter((row) => row.checkVisibility() && rowTarget(row));
  const row = document.activeElement?.closest(".row");
  const at = rows.indexOf(row);
  if ((event.key === "j" || event.key === "k") && rows.length) {
    const next = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)));
    rowTarget(rows[next]).focus();
    return true;
  }
  if (at < 0) return false;
  if (event.key === "x" && $(".check", row)) return press($(".check", row));
  if (event.key === "a" && $("[value=acknowledge]", row)) return press($("[value=acknowledge]", row));
  if (event.key === "Enter" && event.target.matches(".check") && $(".menu a[href]", row)) return press($(".menu a[href]", row));
  return false;
}

function rowTarget(row) {
  return $("a.whole", row) || $(".check", row) || $("a[href], button", row);
}

function press(control) {
  control.click();
  return true;
}

// A time that is chosen counts from its press, whenever the form is sent: it is said how many seconds ago that was.
function count(each) {
  const pressed = {};
  each.addEventListener("input", (event) => {
    const pin = $$("[name^=pin-]", each).find((one) => `${event.target.name}_`.startsWith(`${one.name.slice(4)}_`));
    if (!pin) return;
    pin.value = "";
    pressed[pin.name.slice(4)] = Date.now();
  });
  each.addEventListener("formdata", ({ formData }) => {
    for (const [name, at] of Object.entries(pressed)) {
      if (!formData.get(`pin-${name}`)) formData.set(`ago-${name}`, Math.max(0, Math.floor((Date.now() - at) / 1000)));
    }
  });
}

for (const each of $$("form")) if ($("[name^=pin-]", each)) count(each);
$(".side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }); // on phones the list of settings is a strip

if (form) {
  form.addEventListener("input", (event) => {
    if (event.target.name?.startsWith("pv-")) return;
    form.elements.has_changes.value = "1";
    if (event.target.dataset.selects) pickBox(event.target);
    followChoice(event.target);
    later(event.target.type === "text" || event.target.type === "textarea" ? 250 : 0);
  });
  form.addEventListener("submit", publish);
  form.addEventListener("keydown", (event) => byArrow = event.key.startsWith("Arrow"), true);
  form.addEventListener("pointerdown", () => byArrow = false, true);
  for (const menu of $$(".pop.add", form)) menu.addEventListener("toggle", () => menu.open || placeServices());
  $(".send .dest").addEventListener("input", () => { // stands beside the form, whose words it does not change
    form.elements.has_changes.value = "1";
    later(0);
  });
  if ($("#gate").classList.contains("ready")) later(0);
  for (const one of form.elements) if (isTouched(one)) one.dispatchEvent(new Event("input", { bubbles: true }));
  for (const link of $$("#errs a")) link.addEventListener("click", (event) => {
    event.preventDefault();
    jump(link.hash.slice(1));
  });
  setInterval(() => document.hidden || later(0), 240000); // a preview holds for ten minutes
  addEventListener("pageshow", () => delete form.dataset.sent);
}

// -- in a drill: what came in, and that something real is going on; one key breaks the drill off
const liveBanner = $("#live-banner");

async function look(place) {
  try {
    const answer = await fetch(place.dataset.pollUrl, { headers: { "X-Renewal": "1" } });
    const text = answer.ok && !answer.redirected ? (await answer.text()).trim() : null;
    if (text !== null && saying(text) !== saying(place.innerHTML)) {
      place.innerHTML = text;
      tick();
      if (place === liveBanner) renewNow();
    }
  } catch { /* the network is away; the next round tries again */ }
  setTimeout(look, pace(place), place);
}

// something real has to stand on the screen within two seconds
function pace(place) {
  return Number(place.dataset.every || 2000);
}

// what a piece of a page says, whatever form token it carries and whatever its clocks show
function saying(html) {
  const piece = new DOMParser().parseFromString(html, "text/html").body;
  for (const clock of $$("[data-since], [data-until], [data-due]", piece)) clock.textContent = "";
  return piece.innerText.trim();
}

for (const place of $$("[data-poll-url]")) setTimeout(look, pace(place), place);
if (liveBanner) {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && !openMenu()) $("form", liveBanner)?.requestSubmit();
  });
}

// -- settings: what follows from a form as one types, also what was typed before this script arrived
for (const each of $$("form[data-follow]")) {
  let wait = 0, round = 0;
  const follow = () => {
    clearTimeout(wait);
    wait = setTimeout(async () => {
      const mine = ++round, body = new FormData(each);
      body.set("do", "preview");
      const answer = await fetch(location.href, { method: "POST", body }).catch(() => null);
      if (mine !== round || !answer?.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const place of $$("[data-follows]")) {
        const next = $(`[data-follows="${place.dataset.follows}"]`, fresh);
        if (mine === round && next) place.replaceWith(next);
      }
    }, 300);
  };
  each.addEventListener("input", follow);
  if ([...each.elements].some(isTouched)) follow();
}

const codeField = $("[data-code]"), code = new URLSearchParams(location.hash.slice(1)).get("code");
if (codeField && code) {
  codeField.value = code;
  history.replaceState(null, "", location.pathname);
}

document.addEventListener("keydown", keys);
document.documentElement.classList.add("script");
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  const better = event.target.closest("[data-replace]");
  if (better) {
    event.preventDefault();
    takeWords(better);
  }
});
tick();
setInterval(tick, 1000);
setTimeout(renew, Number($("[data-poll]")?.dataset.poll || 0));
$("#errs")?.focus();
