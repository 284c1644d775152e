// Two or three providers side by side, copied from their sections.

const chosen = document.getElementById("chosen");
const MOST = 3;

/** A provider chosen in the matrix, or no longer. */
function pick(provider) {
  const now = list("compare");
  const next = now.includes(provider) ? now.filter((each) => each !== provider) : [...now, provider].slice(-MOST);
  change({ compare: next.join() }, { anchor: "matrix" });
}

function compare() {
  const providers = list("compare").filter((each) => rows.has(each)).slice(0, MOST);
  for (let number = 0; number < MOST; number += 1) chosen.elements[`p${number + 1}`].value = providers[number] ?? "";
  chosen.elements.differences.checked = Boolean(state.differ);
  const out = document.getElementById("compared");
  if (!providers.length) {
    out.replaceChildren();
    return;
  }
  const head = el("tr", {}, el("th", { scope: "col" }, heading("capability")), ...providers.map((each) => el("th", { scope: "col" }, el("a", { href: `#${each}` }, nameOf(each)), " ", rows.get(each).badge())));
  const part = (selector) => providers.map((each) => document.getElementById(each).querySelector(selector));
  const parts = [
    [heading("summary"), part(".summary")],
    [heading("recipe"), part(".steps")],
  ];
  const body = [
    ...parts.filter(([, found]) => found.some(Boolean)).map(([label, found]) => el("tr", {}, el("th", { scope: "row" }, label), ...found.map((each) => el("td", {}, each ? clone(each) : "—")))),
    ...data.capabilities.map((each, place) => line(providers, place)).filter(Boolean),
  ];
  const caption = providers.map(nameOf).join(" · ");
  out.replaceChildren(el("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
    el("table", { class: "compared claims" }, el("caption", {}, caption), el("thead", {}, head), el("tbody", {}, ...body))));
}

function clone(element) {
  const copy = element.cloneNode(true);
  copy.removeAttribute("id");
  return copy;
}

/** One capability across the providers; nothing where all say the same and only differences are wanted. */
function line(providers, place) {
  const found = providers.map((each) => document.getElementById(anchorOf(each, place)));
  const key = (row) => row.cells[1].textContent + row.cells[4].textContent + row.cells[5].textContent;
  const differs = new Set(found.map(key)).size > 1;
  if (state.differ && !differs) return undefined;
  const cells = found.map((row, number) => {
    const facts = [4, 5].map((column) => row.cells[column].textContent.trim()).filter(Boolean).join(" · ");
    return el("td", {}, el("a", { href: `#${anchorOf(providers[number], place)}` }, part(row.cells[1])), part(row.cells[2]),
      facts ? el("p", {}, facts) : "", row.cells[3].textContent ? el("p", {}, ...copies(row.cells[3])) : "", el("p", { class: "prose" }, ...copies(row.cells[7])));
  });
  return el("tr", { class: differs ? "differs" : "" }, el("th", { scope: "row" }, data.capabilities[place][1]), ...cells);
}

function choosing() {
  document.getElementById("compare-section").hidden = false;
  chosen.addEventListener("input", () => {
    const picked = [1, 2, 3].map((number) => chosen.elements[`p${number}`].value).filter(Boolean);
    change({ compare: [...new Set(picked)].join(), differ: chosen.elements.differences.checked ? "1" : "" }, { anchor: "compare" });
  });
  chosen.addEventListener("submit", (event) => event.preventDefault());
}
