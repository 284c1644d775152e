// One cell, opened: its claim, sources, evidence and exchanges. The claim is the row of the provider's section, copied.

const panel = document.getElementById("cell");
let opened = false; // by a click on this page, so that closing goes back to where the reader was

function open(provider, place) {
  const [, name, question] = data.capabilities[place];
  const row = document.getElementById(anchorOf(provider, place));
  const content = [
    el("div", { class: "tools" }, step(provider, place, -1, "‹", "earlier"), step(provider, place, 1, "›", "later"), permanent(provider, place), el("button", { type: "button", class: "close", "aria-label": t("close"), click: close }, "×")),
    el("h2", { id: "cell-title", tabindex: -1 }, nameOf(provider), " · ", name),
    el("p", { class: "question" }, question),
    claim(row),
    ...sources(provider, place),
    el("h3", {}, heading("evidence")),
    ...findings(provider, place),
  ];
  const shown = example(provider, place);
  if (shown) content.push(el("h3", {}, t("calls")), shown);
  content.push(el("p", {}, el("a", { href: `#${provider}` }, t("section"))));
  panel.replaceChildren(...content);
  panel.setAttribute("aria-labelledby", "cell-title");
  if (!panel.open) panel.showModal();
  panel.scrollTop = 0;
  panel.querySelector("h2").focus();
}

/** Close what the address no longer names. */
function shut() {
  opened = false;
  if (panel.open) panel.close();
}

function close() {
  if (opened) history.back();
  else shut();
}

/** To the neighbouring capability of the same provider, in the same panel. */
function step(provider, place, by, sign, label) {
  const next = (place + by + data.capabilities.length) % data.capabilities.length;
  const go = () => {
    history.replaceState({}, "", fragment(anchorOf(provider, next)));
    open(provider, next);
    panel.querySelector(`[aria-label="${CSS.escape(t(label))}"]`).focus();
  };
  return el("button", { type: "button", "aria-label": t(label), click: go }, sign);
}

function permanent(provider, place) {
  const button = el("button", { type: "button", click: () => copy(button, `${location.href.split("#")[0]}#${anchorOf(provider, place)}`) }, t("permanent"));
  return button;
}

/** A section's own word for a part, from the markup. */
function heading(part) {
  return data.ui[`heading_${part}`];
}

/** The row as a list of terms; what does not apply is left out. */
function claim(row) {
  const labels = [...row.closest("table").tHead.rows[0].cells].map((each) => each.textContent);
  const pairs = [...row.cells].flatMap((cell, column) => (column && cell.textContent.trim() ? [el("dt", {}, labels[column]), el("dd", {}, part(cell))] : []));
  return el("dl", { class: "claims" }, ...pairs);
}

function sources(provider, place) {
  const numbers = data.providers[provider].sources[place] ?? [];
  if (!numbers.length) return [];
  const items = document.getElementById(provider).querySelectorAll(".sources > li");
  return [el("h3", {}, heading("sources")), el("ul", { class: "sources" }, ...numbers.map((number) => el("li", {}, ...copies(items[number - 1]))))];
}

/** The findings on one claim, or on all claims of a provider. */
function findings(provider, place) {
  const found = data.providers[provider].findings.filter((each) => place === undefined || each[0] === place);
  return found.length ? found.map((each) => finding(provider, each, place === undefined)) : [el("p", {}, t("nothing_found"))];
}

function finding(provider, each, named) {
  const [place, outcome, sentence, detail, document_, level, pips, origin, marks, date, age, probe, numbers, count] = each;
  const shown = numbers.map((number) => exchange(data.providers[provider].exchanges[number]));
  const label = count === 1 ? t("one_exchange") : numbers.length < count ? t("some_exchanges", { count, shown: numbers.length }) : t("exchanges", { count });
  return el("div", { class: `finding${marks & 2 ? " simulated" : ""}` },
    named ? el("p", {}, el("a", { href: `#${anchorOf(provider, place)}` }, data.capabilities[place][1])) : "",
    el("p", {}, el("strong", {}, text(outcome)), " ", el("span", { class: `pips l${pips}` }, text(level)), ` · ${text(origin)} · ${text(date)} `, el("small", {}, text(age)), " ",
      marks & 1 ? el("strong", { class: "decides" }, t("decides")) : "", marks & 2 ? el("em", {}, t("settles_nothing")) : ""),
    el("p", {}, text(sentence)),
    text(detail) ? el("p", { class: "detail" }, el("code", {}, text(detail)), text(document_) ? el("small", {}, " ", link(text(document_), text(document_).split(" ")[0])) : "") : "",
    el("p", {}, el("small", {}, el("code", {}, text(probe)))),
    count ? el("details", {}, el("summary", {}, label), el("ol", { class: "exchanges" }, ...shown)) : "");
}

function exchange([record, position, address, method, url, status, excerpt]) {
  const source = el("small", {}, t("recording"), " ", link(`${text(record)}#${position}`, text(address)));
  if (!method) return el("li", {}, source);
  const answer = text(excerpt) ? el("pre", { tabindex: 0 }, el("code", {}, text(excerpt))) : "";
  return el("li", {}, el("p", {}, el("code", {}, `${method} ${text(url)}`), " → ", el("strong", {}, String(status)), " ", source), answer);
}

/** Lists of findings in the sections are filled when they are first unfolded. */
function unfold(details) {
  details.addEventListener("toggle", () => {
    if (details.open && !details.dataset.filled) {
      details.dataset.filled = "1";
      details.replaceChildren(details.querySelector("summary"), ...findings(details.dataset.id));
    }
  });
}
