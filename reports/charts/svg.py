"""A matplotlib SVG made small and fit for a page with a strict policy: no style, no ids but those used, ink as the page's own colour."""

import re
from xml.etree import ElementTree as ET

SVG, HREF = "http://www.w3.org/2000/svg", "{http://www.w3.org/1999/xlink}href"
FONTS = "system-ui, 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif"

SIZE = 11
"""Of text that says no other, in pixels."""

LIGHT, DARK = ("#1f2328", "#ffffff"), ("#e6edf3", "#0d1117")
"""Ink and paper of a chart that stands in a file of its own."""

_NUMBER = re.compile(r"-?\d+\.\d+")
_STEP = re.compile(r"([MLz])(?: (-?[\d.]+) (-?[\d.]+))?")
_LOOK = ("fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "stroke-opacity")
_STYLE = (*_LOOK, "text-anchor")
_DEFAULTS = frozenset({("stroke-width", "1"), ("text-anchor", "start"), ("opacity", "1"), ("stroke", "none"), ("fill", "currentColor")})


def reduced(svg: str, name: str, alt: str, lang: str, *, ink: str) -> str:
    """The SVG as an element of a page: `alt` is its name for those who cannot see it, `ink` becomes the colour of the text around it."""
    ET.register_namespace("", SVG)
    root = ET.fromstring(svg.replace(ink, "currentColor"))  # noqa: S314 — what matplotlib has just written
    for parent in list(root.iter()):
        for child in [each for each in parent if each.tag.rpartition("}")[2] in ("metadata", "style", "clipPath")]:
            parent.remove(child)
    for element in root.iter():
        _plain(element)
    _shorten_references(root, name)
    _flatten(root)
    width, height = (f"{float(part):.0f}" for part in root.attrib["viewBox"].split()[2:])
    root.attrib.clear()
    root.attrib.update({
        "class": "chart", "viewBox": f"0 0 {width} {height}", "width": width, "height": height, "role": "img", "lang": lang,
        "aria-label": alt, "font-family": FONTS, "font-size": str(SIZE), "fill": "currentColor",
    })  # fmt: skip
    return ET.tostring(root, encoding="unicode").replace("&#10;", "\n").replace(" />", "/>")


def standalone(svg: str) -> str:
    """The same as a file: with its own paper and ink, which follow the reader's preference for light or dark."""
    (ink, paper), (dark_ink, dark_paper) = LIGHT, DARK
    style = f"svg{{color:{ink};background:{paper}}}@media(prefers-color-scheme:dark){{svg{{color:{dark_ink};background:{dark_paper}}}}}"
    head, _, rest = svg.partition(">")
    return f"{head}>\n<style>{style}</style>{rest}\n"


def _plain(element: ET.Element) -> None:
    """Style as attributes, numbers with two decimals, no clipping and no white space between elements."""
    attributes = dict(element.attrib)
    attributes.pop("clip-path", None)
    for part in attributes.pop("style", "").split(";"):
        key, _, value = (each.strip() for each in part.partition(":"))
        if key == "font-size" and value != f"{SIZE}px":
            attributes[key] = value.removesuffix("px")
        elif key in _STYLE and (key, value) not in _DEFAULTS:
            attributes[key] = value
    if "transform" in attributes:
        attributes["transform"] = re.sub(r"rotate\(-?0 [^)]*\)|translate\(0 0\)", "", attributes["transform"]).strip()
    if "d" in attributes:
        attributes["d"] = _compact(attributes["d"])
    element.attrib.clear()
    element.attrib.update({key: _NUMBER.sub(_short, value) for key, value in attributes.items() if value})
    element.text = element.text if element.text and element.text.strip() else None
    element.tail = None


def _compact(d: str) -> str:
    """A path of straight lines in steps from point to point, each stroke on a line of its own; one with curves as it is."""
    if "C" in d or "Q" in d:
        return " ".join(d.split())
    parts: list[str] = []
    x = y = 0.0
    start = (x, y)
    for command, *place in _STEP.findall(d):
        if command == "z":
            parts[-1:] = ["z"] if (x, y) == start else [*parts[-1:], "z"]  # closing draws the step back by itself
            continue
        to_x, to_y = (round(float(each), 2) for each in place)
        right, down = to_x - x, to_y - y
        if command == "M":
            start = (to_x, to_y)
            parts.append(f"{chr(10) if parts else ''}M{_tidy(to_x)} {_tidy(to_y)}")
        elif abs(right) < 0.005 or abs(down) < 0.005:
            parts.append(f"v{_tidy(down)}" if abs(right) < 0.005 else f"h{_tidy(right)}")
        else:
            parts.append(f"l{_tidy(right)} {_tidy(down)}".replace(" -", "-"))
        x, y = to_x, to_y
    return "".join(parts)


def _tidy(value: float) -> str:
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


def _short(found: re.Match[str]) -> str:
    return _tidy(float(found[0]))


def _shorten_references(root: ET.Element, name: str) -> None:
    """What is referred to is numbered, other ids go; marks of one look say it once, on the group around them."""
    targets = dict.fromkeys(each.attrib[HREF][1:] for each in root.iter() if HREF in each.attrib)
    numbers = {target: f"{name}-{number}" for number, target in enumerate(targets)}
    for element in root.iter():
        identity = element.attrib.pop("id", "")
        if identity in numbers:
            element.attrib["id"] = numbers[identity]
            for key in _LOOK:
                element.attrib.pop(key, None)  # the one who uses it says how it looks
        reference = element.attrib.pop(HREF, "")
        if reference:
            element.attrib["href"] = f"#{numbers[reference[1:]]}"
    for group in root.iter(f"{{{SVG}}}g"):
        marks = [each for each in group if each.tag == f"{{{SVG}}}use"]
        for key in _LOOK if marks else ():
            if shared := max([each.attrib.pop(key, "") for each in marks]):
                group.attrib[key] = shared


def _flatten(element: ET.Element) -> None:
    """Groups that say nothing give way to what they hold; each element on a line of its own, so that a change is a change of few lines."""
    children: list[ET.Element] = []
    for child in element:
        _flatten(child)
        bare = child.tag == f"{{{SVG}}}g" and not child.attrib
        empty = not len(child) and child.tag in (f"{{{SVG}}}g", f"{{{SVG}}}defs")
        children += list(child) if bare else [] if empty else [child]
    element[:] = children
    for child in children:
        child.tail = "\n"
    if children:
        element.text = "\n"
