// The matrix: rows and columns are shown, hidden, dimmed and ordered; what is in them stays the markup's.

const table = document.querySelector("table.matrix");
const tools = document.getElementById("tools");
const body = table.tBodies[0];
const heads = [...table.querySelectorAll("th[data-capability]")];

/** What the markup says of each provider. */
const rows = new Map([...body.rows].map((tr, order) => {
  const cells = [...tr.cells].slice(1);
  const { id, kind, region, answer, find } = tr.dataset;
  const badge = tr.querySelector(".answer");
  return [id, { id, tr, cells, order, kind, region, answer, find, name: tr.querySelector("a").textContent, badge: () => badge.cloneNode(true) }];
}));

const claimed = Object.keys(data.providers); // the order of the claims, which ties keep as in every ranking
const STATUS = ["supported", "partial", "unsupported", "unknown"];
const CHOICES = ["q", "answer", "region", "kind", "need", "status", "level", "only"];

function is(cell, name) {
  return cell.classList.contains(name);
}

function levelOf(cell) {
  return [4, 3, 2, 1].find((level) => is(cell, `l${level}`)) ?? 0;
}

/** Whether a cell is what is looked for. */
function wanted(cell) {
  return (!state.status || is(cell, state.status)) && (!state.level || levelOf(cell) >= Number(state.level)) && (!state.only || is(cell, state.only));
}

/** Show what the state says; returns nothing, changes only what is seen. */
function matrix() {
  const need = data.scores.needs.find((each) => each.id === state.need);
  const without = list("without");
  const shown = heads.map((head) => !without.includes(head.dataset.group) && (!need || need.columns.includes(places.get(head.dataset.capability))));
  heads.forEach((head, column) => (head.hidden = !shown[column]));
  for (const group of table.querySelectorAll("th[scope=colgroup]")) {
    const span = heads.filter((head, column) => head.dataset.group === group.dataset.group && shown[column]).length;
    group.hidden = !span;
    group.colSpan = span || 1;
  }
  const cellwise = state.status || state.level || state.only;
  const away = list("hide");
  const words = (state.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const combined = together([state.need ?? "customer_keys"]);
  let count = 0;
  for (const row of rows.values()) {
    let matching = 0;
    row.cells.forEach((cell, column) => {
      const matches = shown[column] && wanted(cell);
      cell.hidden = !shown[column];
      cell.classList.toggle("dim", Boolean(cellwise) && !matches);
      matching += matches;
    });
    row.score = score(row.id, combined);
    row.tr.hidden = away.includes(row.id) || (cellwise && !matching) || (state.answer && row.answer !== state.answer) || !serves(row, state.region)
      || (state.kind && row.kind !== state.kind) || (need && !combined.fits(row)) || !words.every((word) => row.find.includes(word));
    row.pick.checked = list("compare").includes(row.id);
    row.told.textContent = state.need || state.sort === "score" ? `${decimal(row.score.units)} / ${combined.outOf}` : "";
    count += !row.tr.hidden;
  }
  const ordered = [...rows.values()].sort(ordering()).map((row) => row.tr);
  if (ordered.some((tr, place) => tr !== body.rows[place])) body.append(...ordered);
  table.classList.toggle("compact", Boolean(state.compact));
  const by = state.sort ?? "";
  heads.forEach((head) => (head.dataset.capability === by ? head.setAttribute("aria-sort", "descending") : head.removeAttribute("aria-sort")));
  controls(count, away);
}

/** How rows are ordered: as in the markup (by answer), by name, by score, or by one capability. */
function ordering() {
  const same = (one, other) => one.order - other.order;
  const by = state.sort || (state.need ? "score" : "");
  if (by === "name") return (one, other) => one.name.localeCompare(other.name, document.documentElement.lang) || same(one, other);
  if (by === "score") return (one, other) => other.score.units - one.score.units || claimed.indexOf(one.id) - claimed.indexOf(other.id);
  const column = heads.findIndex((head) => head.dataset.capability === by);
  if (column < 0) return same;
  const rank = (row) => STATUS.findIndex((status) => is(row.cells[column], status)) * 10 - levelOf(row.cells[column]);
  return (one, other) => rank(one) - rank(other) || same(one, other);
}

/** Bring the tools to what the state says. */
function controls(count, away) {
  for (const name of [...CHOICES, "sort"]) {
    const control = tools.elements[name];
    if (document.activeElement !== control || name !== "q") control.value = state[name] ?? "";
  }
  for (const box of tools.querySelectorAll("[name=group]")) box.checked = !list("without").includes(box.value);
  tools.elements.compact.checked = Boolean(state.compact);
  tools.querySelector("output").textContent = t("shown", { shown: count, total: rows.size });
  const unhide = tools.elements.unhide;
  unhide.hidden = !away.length;
  unhide.textContent = t("unhide", { count: away.length });
}

/** Tools that only the script can serve: boxes for comparing, buttons for hiding and ordering. */
function equip() {
  const box = document.getElementById("toolbox");
  box.hidden = false;
  box.open = matchMedia("(min-width: 48rem)").matches || Boolean(location.hash.split("?")[1]);
  for (const row of rows.values()) {
    row.pick = el("input", { type: "checkbox", "aria-label": t("pick", { name: row.name }), change: () => pick(row.id) });
    row.told = el("small", { class: "told" });
    const hide = el("button", { type: "button", class: "hide", "aria-label": t("hide", { name: row.name }), click: () => change({ hide: [...list("hide"), row.id].join() }, { anchor: "matrix" }) }, "×");
    row.tr.cells[0].prepend(row.pick, hide);
    row.tr.cells[0].append(" ", row.told);
  }
  for (const head of heads) {
    const name = head.textContent;
    const { capability } = head.dataset;
    head.replaceChildren(el("button", { type: "button", "aria-label": t("sort_by", { name }), click: () => change({ sort: state.sort === capability ? "" : capability }, { anchor: "matrix" }) }, name));
    tools.elements.sort.append(el("option", { value: capability }, name));
  }
  tools.addEventListener("input", (event) => {
    const { name, value } = event.target;
    if (name === "group") change({ without: [...tools.querySelectorAll("[name=group]")].filter((box) => !box.checked).map((box) => box.value).join() }, { anchor: "matrix" });
    else if (name === "compact") change({ compact: event.target.checked ? "1" : "" }, { anchor: "matrix" });
    else change({ [name]: value }, { anchor: "matrix", typed: name === "q" });
  });
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.addEventListener("reset", (event) => {
    event.preventDefault();
    change(Object.fromEntries([...CHOICES, "sort", "without", "hide", "compact"].map((name) => [name, ""])), { anchor: "matrix" });
    tools.elements.q.value = "";
  });
  tools.elements.unhide.addEventListener("click", () => change({ hide: "" }, { anchor: "matrix" }));
  tools.elements.link.addEventListener("click", () => copy(tools.elements.link, `${location.href.split("#")[0]}${fragment("matrix")}`));
}
