"""Make the font that charts are laid out with: `python -m reports.fonts.make_subset NotoSansCJK-Regular.ttc`.

It keeps the characters of both locales, of the names in capabilities.yaml and of printable ASCII. The source is the file of Debian's
package fonts-noto-cjk, under the SIL Open Font License 1.1, whose text stands beside the subset. The same source gives the same bytes.
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]
from fontTools.ttLib import TTCollection, TTFont  # type: ignore[import-untyped]

from probes.claims import Claims
from probes.claims_file import load_claims
from probes.claims_texts import Bilingual
from reports.fonts import FAMILY, FILE
from reports.text import LANGUAGES, texts

SOURCE = "Noto Sans CJK SC"
NAMES = {1: FAMILY, 2: "Regular", 3: f"{FAMILY}, a subset of {SOURCE}", 4: FAMILY, 6: FAMILY.replace(" ", "") + "-Regular"}
"""Entries of the name table that say what the font is called; licence and copyright stay as they are."""

KEPT = frozenset({*NAMES, 0, 5, 7, 8, 9, 11, 13, 14})


def characters(claims: Claims) -> str:
    """Every character that a label may need, sorted."""
    names: list[Bilingual] = [each.name for each in claims.groups.values()]
    names += [each.name for each in claims.capabilities.values()] + [each.name for each in claims.providers.values()]
    found = {chr(code) for code in range(0x20, 0x7F)} | {"…", "×"}
    for language in LANGUAGES:
        found.update("".join(texts(language).texts.values()), *(getattr(name, language) for name in names))
    return "".join(sorted(letter for letter in found if letter.isprintable()))


def make(source: Path, wanted: str, out: Path) -> None:
    """Write the subset. Raises ValueError where the source lacks the face or a letter."""
    fonts = TTCollection(source).fonts if source.suffix == ".ttc" else [TTFont(source)]
    font = next((each for each in fonts if each["name"].getDebugName(1) == SOURCE), None)
    if font is None:
        raise ValueError(f"{source} has no {SOURCE}")
    lacking = [letter for letter in wanted if ord(letter) not in font.getBestCmap() and letter.isalnum()]
    if lacking:
        raise ValueError(f"{source} lacks {''.join(lacking)}")
    subsetter = Subsetter(Options(hinting=False, desubroutinize=True, layout_features=["kern"], name_IDs=list(KEPT), notdef_outline=True))
    subsetter.populate(text=wanted)
    subsetter.subset(font)
    _rename(font)
    font.recalcTimestamp = False
    font.save(out)


def _rename(font: TTFont) -> None:
    table = font["name"]
    table.names = [each for each in table.names if each.nameID in KEPT and each.langID == 0x409]
    for number, text in NAMES.items():
        table.setName(text, number, 3, 1, 0x409)
    face = font["CFF "].cff
    face.fontNames[0] = NAMES[6]
    face.topDictIndex[0].FamilyName, face.topDictIndex[0].FullName = FAMILY, FAMILY


if __name__ == "__main__":
    make(Path(sys.argv[1]), characters(load_claims(Path(__file__).parents[2] / "capabilities.yaml")), FILE)
