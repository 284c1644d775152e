// The address keeps an anchor and the whole state of the page: `#anchor?region=cn&want=alerts,reset`.

/** What the fragment says: the anchor, and the state by name; empty values are left out. */
function read() {
  const [anchor, query = ""] = location.hash.slice(1).split("?");
  return { anchor: decoded(anchor), state: Object.fromEntries([...new URLSearchParams(query)].filter(([, value]) => value)) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The fragment for an anchor, with the state as it is now. */
function fragment(anchor) {
  const query = new URLSearchParams(Object.entries(state).filter(([, value]) => value)).toString();
  return `#${encodeURIComponent(anchor)}${query ? `?${query.replaceAll("%2C", ",")}` : ""}`;
}

/** Change the state and show it. A choice is a step that "back" undoes; what is typed only replaces the last one. */
function change(changes, { anchor = read().anchor, typed = false } = {}) {
  Object.assign(state, changes);
  history[typed ? "replaceState" : "pushState"]({}, "", fragment(anchor));
  show();
}

/** Lists in the state, such as hidden providers. */
function list(name) {
  return (state[name] ?? "").split(",").filter(Boolean);
}

/** Follow the address: its state, then its anchor. The browser itself scrolls back, and to an anchor that stands alone. */
function follow(scroll) {
  const { anchor, state: told } = read();
  for (const name of Object.keys(state)) delete state[name];
  Object.assign(state, told);
  show();
  const cell = cellOf(anchor);
  if (cell) open(cell.provider, cell.place);
  else shut();
  reveal(anchor, scroll && location.hash.includes("?"));
}

/** Mark what an anchor names, and bring it into view. */
function reveal(anchor, scroll) {
  for (const marked of document.querySelectorAll(".at")) marked.classList.remove("at");
  const target = anchor && document.getElementById(anchor);
  if (!target || anchor === "top") return;
  target.classList.add("at");
  for (let each = target; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
  if (scroll) target.scrollIntoView();
}

/** Links inside the page keep the state; a cell opens where the reader is, without a jump. */
function clicked(event) {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const target = link.getAttribute("href");
  if (link.matches("a.switch")) {
    link.href = `${target.split("#")[0]}${location.hash}`;
  } else if (target.startsWith("#")) {
    const anchor = decoded(target.slice(1));
    const cell = cellOf(anchor);
    if (cell) {
      event.preventDefault();
      opened = true;
      history.pushState({}, "", fragment(anchor));
      open(cell.provider, cell.place);
    } else if (Object.values(state).some(Boolean)) {
      event.preventDefault();
      shut();
      history.pushState({}, "", fragment(anchor));
      reveal(anchor, true);
    }
  }
}
