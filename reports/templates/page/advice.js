// The ranking for chosen needs. The parts of each score come from reports/scores.py; here they are weighted and added, in integers.

const UNIT = 10 ** data.scores.digits;
const FEW = 10;

/** A number of units as a decimal without trailing zeros. */
function decimal(units) {
  const whole = Math.floor(units / UNIT);
  const rest = String(units % UNIT).padStart(data.scores.digits, "0").replace(/0+$/, "");
  return rest ? `${whole}.${rest}` : String(whole);
}

/** Chosen needs as one: weights of the same wish add up, and a provider must come into question for each. */
function together(ids) {
  const needs = data.scores.needs.filter((need) => ids.includes(need.id));
  const weights = new Map();
  for (const id of ids) for (const [wish, weight] of needs.find((need) => need.id === id)?.wishes ?? []) weights.set(wish, (weights.get(wish) ?? 0) + weight);
  const narrowed = (key, value) => needs.every((need) => !need[key].length || need[key].includes(value));
  return { weights, outOf: [...weights.values()].reduce((sum, weight) => sum + weight, 0), fits: (row) => narrowed("kinds", row.kind) && narrowed("regions", row.region) };
}

/** One provider's score: its terms, their sum in units, and the share in percent, halves rounded up. */
function score(provider, need) {
  const terms = [...need.weights].map(([wish, weight]) => {
    const [place, factor] = data.scores.parts[provider][wish];
    const [status, confidence, fit, product] = data.scores.factors[factor];
    return { place, status, confidence, fit, weight, units: product * weight };
  });
  const units = terms.reduce((sum, term) => sum + term.units, 0);
  return { provider, terms, units, percent: need.outOf ? Math.floor((200 * units + need.outOf * UNIT) / (2 * need.outOf * UNIT)) : 0 };
}

/** Providers that come into question, best first; equal scores keep the order of the claims. */
function ranking(need, region) {
  const found = claimed.map((provider) => rows.get(provider)).filter((row) => need.fits(row) && serves(row, region));
  return found.map((row) => score(row.id, need)).sort((one, other) => other.units - one.units);
}

/** Whether a provider has a service in a region. */
function serves(row, region) {
  return !region || row.region === region || row.region === "both";
}

function arithmetic(term) {
  const factors = [term.status, term.confidence, ...(term.fit === "1" ? [] : [term.fit]), term.weight];
  return `${factors.join(" × ")} = ${decimal(term.units)}`;
}

/** Show the ranking for what is ticked. */
function advise() {
  const form = document.getElementById("wants");
  const wants = list("want");
  for (const box of form.querySelectorAll("[name=want]")) box.checked = wants.includes(box.value);
  form.elements.where.value = state.where ?? "";
  const out = document.getElementById("ranked");
  const need = together(wants);
  if (!need.outOf) {
    out.replaceChildren(el("p", {}, t("want_something")));
    return;
  }
  const all = ranking(need, state.where);
  const scored = all.filter((each) => each.units);
  const shown = out.dataset.all === location.hash ? scored : scored.slice(0, FEW);
  const command = `keycap advise ${wants.map((each) => `--need ${each}`).join(" ")}${state.where ? ` --region ${state.where}` : ""}`;
  const body = el("tbody", {}, ...shown.map((each, place) => placed(each, place, need)));
  const caption = t("ranked", { scored: scored.length, total: all.length, out_of: need.outOf });
  const heads = [t("rank"), ...headsOf("#each-need table thead th")].map((label) => el("th", { scope: "col" }, label));
  const more = el("button", { type: "button", click: () => { out.dataset.all = location.hash; advise(); } }, t("all", { count: scored.length }));
  out.replaceChildren(
    el("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": caption }, el("table", {}, el("caption", {}, caption), el("thead", {}, el("tr", {}, ...heads)), body)),
    shown.length < scored.length ? more : "",
    el("p", {}, el("small", {}, t("same"), " ", el("code", {}, command))),
  );
}

/** The labels of a table that is in the markup, so that none is written twice. */
function headsOf(selector) {
  const labels = [...document.querySelectorAll(selector)].map((each) => each.textContent);
  return labels.slice(0, 3);
}

function placed(each, place, need) {
  const share = t("out_of", { score: decimal(each.units), out_of: need.outOf, percent: each.percent });
  const terms = each.terms.filter((term) => term.units).flatMap((term) => [`${data.capabilities[term.place][1]} ${arithmetic(term)}`, el("br")]);
  const sum = `${each.terms.filter((term) => term.units).map((term) => decimal(term.units)).join(" + ") || "0"} = ${decimal(each.units)}`;
  return el("tr", { "data-id": each.provider, "data-score": decimal(each.units), "data-percent": each.percent },
    el("td", { class: "number" }, String(place + 1)),
    el("th", { scope: "row" }, el("a", { href: `#${each.provider}` }, nameOf(each.provider)), " ", rows.get(each.provider).badge()),
    el("td", { class: "number" }, share, el("br"), el("meter", { min: 0, max: 100, value: each.percent, "aria-label": share })),
    el("td", { class: "terms" }, el("div", {}, ...terms), el("strong", {}, sum)));
}
