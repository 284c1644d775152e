// The data beside the markup, and small helpers. Every text reaches the page as text, never as markup.

const data = JSON.parse(document.getElementById("data").textContent);
const state = {};
const places = new Map(data.capabilities.map(([id], place) => [id, place]));

/** The text at a place. */
function text(place) {
  return data.texts[place];
}

/** A sentence of the interface with its `{placeholders}` filled in. */
function t(key, values = {}) {
  return data.ui[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** An element: `el("p", {class: "note"}, "text", child)`. Properties that are functions listen. */
function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== ""));
  return made;
}

/** A link, or the text alone where the address is neither http(s) nor one of the report's own. */
function link(label, address) {
  const safe = /^(https?:\/\/|\.\.\/\.\.\/cassettes\/|#|report\.|evidence\.json)/.test(address);
  return safe ? el("a", { href: address, rel: "noreferrer" }, label) : document.createTextNode(label);
}

/** Copies of an element's children, without the anchors that may stand only once. */
function copies(element) {
  const copy = element.cloneNode(true);
  for (const each of copy.querySelectorAll("[id]")) each.removeAttribute("id");
  return [...copy.childNodes];
}

/** A cell of a section, with the shape and colour that its class gives it. */
function part(cell) {
  return el("div", { class: cell.className }, ...copies(cell));
}

/** Provider and capability of a cell's anchor, nothing for other anchors. */
function cellOf(anchor) {
  const [provider, capability] = anchor.split("--");
  return Object.hasOwn(data.providers, provider) && places.has(capability) ? { provider, place: places.get(capability) } : undefined;
}

function anchorOf(provider, place) {
  return `${provider}--${data.capabilities[place][0]}`;
}

/** A provider's name as the page has it. */
function nameOf(provider) {
  return rows.get(provider).name;
}

/** Put a text on the clipboard and say so on the button. */
async function copy(button, content) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(content);
  } catch {
    const area = el("textarea", { readonly: true, class: "away" });
    area.value = content;
    button.after(area);
    area.select();
    document.execCommand("copy"); // the only way where a page has no right to the clipboard, as one opened from a file
    area.remove();
    button.focus();
  }
  button.textContent = t("copied");
  setTimeout(() => (button.textContent = before), 1500);
}
