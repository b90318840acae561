(() => {
const own = document.body.dataset.own, at = document.getElementById("at"), old = document.getElementById("old");
const lang = document.documentElement.lang;
for (const t of document.querySelectorAll("time[datetime*=T]")) {
const d = new Date(t.dateTime), m = /([+-]\d\d):(\d\d)$/.exec(t.dateTime);
if (!m || -d.getTimezoneOffset() === m[1] * 60 + (m[1][0] + m[2]) * 1) continue;
const s = document.createElement("small");
s.className = "own";
s.textContent = own.replace("%", d.toLocaleString(lang, {month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23"}));
const p = t.closest(".big,.h");
p ? p.append(s) : t.after(s);
}
const look = () => { old.hidden = Date.now() - new Date(at.dateTime) < 9e5; };
if (old) { look(); setInterval(look, 6e4); }
})();
