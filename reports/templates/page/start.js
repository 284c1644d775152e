// The page is complete before this runs; from here on it is easier to use.

function show() {
  matrix();
  compare();
  advise();
}

equip();
choosing();
const wants = document.getElementById("wants");
wants.hidden = false;
wants.addEventListener("input", () => {
  const ticked = [...wants.querySelectorAll("[name=want]:checked")].map((box) => box.value);
  change({ want: ticked.join(), where: wants.elements.where.value }, { anchor: "advice" });
});
wants.addEventListener("submit", (event) => event.preventDefault());
for (const forms of document.querySelectorAll(".forms")) tabs(forms);
for (const details of document.querySelectorAll("details.findings")) unfold(details);
panel.addEventListener("cancel", (event) => {
  event.preventDefault();
  close();
});
panel.addEventListener("click", (event) => event.target === panel && close());
document.addEventListener("click", clicked);
// Entries that the page made carry a state, and the browser scrolls back to them by itself; an address that was typed carries none.
addEventListener("popstate", (event) => follow(event.state === null));
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("main details:not(.findings)")) details.open = true;
});
document.documentElement.classList.add("js");
const days = Math.floor((Date.now() - Date.parse(data.reference)) / 86_400_000);
if (days > data.stale) document.querySelector(".lead").after(el("p", { class: "old" }, t("age", { count: days })));
follow(true);
history.replaceState({}, "");
