(() => {
const own = document.body.dataset.own, at = document.getElementById("at"), old = document.getElementById("old");
const lang = document.documentElement.lang;
for (const t of document.querySelectorAll("time[datetime*=T]")) {
const d = new Date(t.dateTime), m = /([+-]\d\d):(\d\d)$/.exec(t.dateTime);
if (!m || -d.getTimezoneOffset() === m[1] * 60 + (m[1][0] + m[2]) * 1) continue;
const s = document.createElement("small");
s.className = "own";
const day = d.getDate() != t.dateTime.slice(8, 10) && {month: "short", day: "numeric"};
s.textContent = own.replace("%", d.toLocaleString(lang, {...day, hour: "numeric", minute: "2-digit", hourCycle: "h23"}));
const p = t.closest(".big,.h");
p ? p.append(s) : t.after(s);
}
const look = () => { old.hidden = Date.now() - new Date(at.dateTime) < 9e5; };
if (old) { look(); setInterval(look, 6e4); }
})();
