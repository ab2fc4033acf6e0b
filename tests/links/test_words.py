"""Words: the same reading of what is kept and what is asked."""

from __future__ import annotations

import pytest

from linkhold.links import words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Quick-Brown fox", ["the", "quick", "brown", "fox"]),
        ("Straße, Łódź & Ærø", ["strasse", "lodz", "aero"]),
        ("café cafe\u0301 CAFÉ", ["cafe", "cafe", "cafe"]),
        ("node.js 3.11 C++", ["node", "js", "3", "11", "c"]),
        ("l'amour don’t", ["l", "amour", "don", "t"]),
        ("snake_case", ["snake", "case"]),
        ("🎉 party 👩‍💻 ☕️", ["🎉", "party", "👩", "💻", "☕"]),
        ("Москва́ Ёлка", ["москва", "елка"]),
        ("हिन्दी", ["हिन्दी"]),
        ("Ｆｕｌｌ　ｗｉｄｔｈ", ["full", "width"]),
        ("東京都庁", ["東京都庁"]),
        ("東京tower塔", ["東京", "tower", "塔"]),
        ("İstanbul ISPARTA ısı", ["istanbul", "isparta", "isi"]),
        ("!!! ... —", []),
        ("", []),
        ("\u202eabc\u0000def", ["abc", "def"]),
    ],
)
def test_a_text_is_read_as_words(text: str, found: list[str]) -> None:
    assert [run.text for run in words.runs(text)] == found


def test_a_word_without_end_counts_by_its_beginning() -> None:
    (run,) = words.runs("a" * 100_000)
    assert run.text == "a" * words.LONGEST_WORD


@pytest.mark.parametrize(("run", "pairs"), [("東", ["東"]), ("東京", ["東京"]), ("東京都", ["東京", "京都"])])
def test_a_run_without_spaces_is_found_by_its_pairs(run: str, pairs: list[str]) -> None:
    assert words.pairs(run) == pairs


def test_inflections_have_a_stem_in_common() -> None:
    assert len({words.stem(word) for word in ("connect", "connected", "connecting", "connections")}) == 1
    assert words.stem("москва") == "москва"
    assert words.stem("v8") == "v8"
