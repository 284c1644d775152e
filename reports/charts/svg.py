"""A matplotlib SVG made small and fit for a page with a strict policy: no style, no ids but those used, colours as attributes."""

import re
from xml.etree import ElementTree as ET

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
FONTS = "system-ui, 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif"

LIGHT, DARK = ("#1f2328", "#ffffff"), ("#e6edf3", "#0d1117")
"""Ink and paper of a chart that stands in a file of its own."""

_NUMBER = re.compile(r"-?\d+\.\d+")
_KEPT = {
    "fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "stroke-opacity", "font-size", "text-anchor",
}  # fmt: skip
_DEFAULTS = {("stroke-linejoin", "miter"), ("stroke-width", "1"), ("text-anchor", "start"), ("opacity", "1"), ("stroke", "none")}


def reduced(svg: str, name: str, alt: str, lang: str, *, ink: str) -> str:
    """The SVG as an element of a page: `alt` is its name for those who cannot see it, `ink` becomes the colour of the text around it."""
    ET.register_namespace("", SVG)
    root = ET.fromstring(svg.replace(ink, "currentColor"))  # noqa: S314 — what matplotlib has just written
    used = set(re.findall(r"url\(#([^)]+)\)|href=\"#([^\"]+)\"", svg))
    names = {found for pair in used for found in pair if found and not found.startswith("p")}
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.endswith(("metadata", "clipPath")) or _is_background(child):
                parent.remove(child)
    for element in root.iter():
        _plain(element, names, name)
    _flatten(root)
    width, height = (str(round(float(part))) for part in root.attrib["viewBox"].split()[2:])
    root.attrib.clear()
    root.attrib.update({
        "viewBox": f"0 0 {width} {height}", "width": width, "height": height, "role": "img", "aria-label": alt, "lang": lang,
        "class": "chart", "font-family": FONTS, "fill": "currentColor",
    })  # fmt: skip
    return ET.tostring(root, encoding="unicode")


def standalone(svg: str) -> str:
    """The same as a file: with its own paper and ink, which follow the reader's preference for light or dark."""
    (ink, paper), (dark_ink, dark_paper) = LIGHT, DARK
    style = f"svg{{color:{ink};background:{paper}}}@media(prefers-color-scheme:dark){{svg{{color:{dark_ink};background:{dark_paper}}}}}"
    head, _, rest = svg.partition(">")
    return f"{head}><style>{style}</style>{rest}\n"


def _is_background(element: ET.Element) -> bool:
    """The patches of figure and axes, which are transparent."""
    return element.attrib.get("id", "") in ("patch_1", "patch_2") and "opacity: 0" in ET.tostring(element, encoding="unicode")


def _plain(element: ET.Element, names: set[str], salt: str) -> None:
    """Style as attributes, numbers with two decimals, no clipping, ids only where something refers to them."""
    attributes = dict(element.attrib)
    style = attributes.pop("style", "")
    attributes.pop("clip-path", None)
    for part in filter(None, (each.strip() for each in style.split(";"))):
        key, _, value = part.partition(":")
        key, value = key.strip(), value.strip()
        if key == "font":
            size = re.search(r"([\d.]+)px", value)
            key, value = "font-size", size[1] if size else "11"
        if key in _KEPT and (key, value) not in _DEFAULTS:
            attributes[key] = value
    identity = attributes.pop("id", "")
    if identity in names:
        attributes["id"] = f"{salt}-{identity}"
    reference = attributes.pop(f"{{{XLINK}}}href", "")
    if reference:
        attributes["href"] = f"#{salt}-{reference[1:]}"
    for key in ("fill", "stroke"):
        if attributes.get(key, "").startswith("url(#"):
            attributes[key] = attributes[key].replace("url(#", f"url(#{salt}-")
    attributes = {key: value if key == "id" else _NUMBER.sub(_short, value) for key, value in attributes.items()}
    transform = attributes.get("transform", "")
    if "rotate(0 " in transform or "rotate(-0 " in transform:
        attributes["transform"] = re.sub(r"rotate\(-?0 [^)]*\)", "", transform).strip()
    if not attributes.get("transform", "x"):
        del attributes["transform"]
    if "d" in attributes:
        attributes["d"] = " ".join(attributes["d"].split())
    element.attrib.clear()
    element.attrib.update(attributes)
    if element.text is not None and not element.text.strip():
        element.text = None
    element.tail = None


def _short(found: re.Match[str]) -> str:
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".").replace("-0", "0") if abs(float(found[0])) < 0.005 else (
        f"{float(found[0]):.2f}".rstrip("0").rstrip(".")
    )  # fmt: skip


def _flatten(element: ET.Element) -> None:
    """Groups that say nothing give way to what they hold; a line feed between the rest, so that a change is a change of few lines."""
    children: list[ET.Element] = []
    for child in element:
        _flatten(child)
        bare = child.tag == f"{{{SVG}}}g" and not child.attrib
        children += list(child) if bare else [child]
    element[:] = children
    if children:
        element.text = "\n"
        for child in children:
            child.tail = "\n"
