// Examples: one form at a time, chosen for the whole page, and copied by a button.

/** Turn figures that stand one under the other into tabs; the first caption that the reader chose before is shown. */
function tabs(forms) {
  const figures = [...forms.querySelectorAll("figure")];
  const bar = el("div", { role: "tablist", class: "tabs" });
  const buttons = figures.map((figure, place) => {
    const label = figure.querySelector("figcaption").textContent;
    figure.querySelector("figcaption").hidden = true;
    figure.setAttribute("role", "tabpanel");
    figure.setAttribute("aria-label", label);
    const button = el("button", { type: "button", role: "tab", click: () => choose(place) }, label);
    bar.append(button);
    return button;
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (buttons.indexOf(event.target) + step + buttons.length) % buttons.length;
    choose(next);
    buttons[next].focus();
    event.preventDefault();
  });
  const copier = el("button", { type: "button", class: "copy", click: () => copy(copier, figures.find((each) => !each.hidden).querySelector("code").textContent) }, t("copy"));
  const choose = (chosen) => {
    figures.forEach((figure, place) => (figure.hidden = place !== chosen));
    buttons.forEach((button, place) => {
      button.setAttribute("aria-selected", place === chosen);
      button.tabIndex = place === chosen ? 0 : -1;
    });
  };
  choose(0);
  forms.prepend(el("div", { class: "tools" }, bar, copier));
}

/** The example of one claim, built as the ones in the markup are. */
function example(provider, place) {
  const found = data.providers[provider].examples[place];
  if (!found) return undefined;
  const captions = document.querySelectorAll(".forms figcaption");
  const figures = found.map((lines, form) => el("figure", {}, el("figcaption", {}, captions[form].textContent), el("pre", { tabindex: 0 }, el("code", {}, lines.map(text).join("\n")))));
  const forms = el("div", { class: "forms" }, ...figures);
  tabs(forms);
  return forms;
}
