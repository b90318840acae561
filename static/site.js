(() => {
const root = document.documentElement, at = document.getElementById("at"), old = document.getElementById("old");
for (const t of document.querySelectorAll("time[datetime*=T]")) {
const text = t.dateTime, d = new Date(text);
if (!(new Date(text.slice(0, 19)) - d)) continue;
const s = document.createElement("small"), p = t.closest(".big,.h");
s.className = "own";
s.textContent = document.body.dataset.own.replace("%", d.toLocaleString(root.lang, {
...d.getDate() != text.slice(8, 10) && {month: "short", day: "numeric"}, hour: "numeric", minute: "2-digit", hourCycle: "h23"
}));
p ? p.append(s) : t.after(s);
}
const look = () => { old.hidden = Date.now() - new Date(at.dateTime) < 9e5; };
if (old) { look(); setInterval(look, 6e4); }
})();
