"""Word-by-word English for German, French and Chinese."""

import copy
from typing import Any

import pytest

from firmware_api_specs.check import examine
from firmware_api_specs.data_schema import GLOSS_TAG
from firmware_api_specs.gloss import GLOSS_LIMIT, gloss, gloss_name, language_of
from firmware_api_specs.gloss_document import with_gloss
from firmware_api_specs.glossaries import LANGUAGES, Language, glossary
from firmware_api_specs.loader import load
from tests.device_agent_kit import lamp


@pytest.mark.parametrize(
    ("text", "language", "english"),
    [
        ("Öffnet das Ventil im Gewächshaus.", "de", "Open valve in greenhouse."),
        ("Oeffnet das Ventil im Gewaechshaus.", "de", "Open valve in greenhouse."),
        ("Verriegelt die Haustür", "de", "Lock house door"),
        ("Zur Ladestation", "de", "To charging station"),
        ("Nimmt mit der Kamera ein Bild auf", "de", "Record with camera picture"),
        ("Schaltet die Pumpe ein und danach wieder aus", "de", "Switch on pump and then again switch off"),
        ("Ferme tous les volets du salon", "fr", "Close all blind of living room"),
        ("Connexion au point d'accès", "fr", "Connection to access point"),
        ("Règle la luminosité de l'écran", "fr", "Set brightness of screen"),
        ("Regle la luminosite de l\u2019ecran", "fr", "Set brightness of screen"),
        ("打开或关闭卧室的灯。", "zh", "Switch on or switch off bedroom light."),
        ("设置目标温度", "zh", "Set target temperature"),
    ],
)
def test_a_note_is_read_in_its_own_language(text: str, language: str, english: str) -> None:
    assert language_of(text) == language
    assert gloss(text) == gloss(text, f"{language}-XX") == english


@pytest.mark.parametrize(
    ("name", "language", "english"),
    [
        ("bewege_zu_regal", "de", "move to shelf"),
        ("leseTemperatur", "de", "read temperature"),
        ("nimm_bild_auf", "de", "record picture"),
        ("motDePasse", "fr", "password"),
        ("arret_urgence", "fr", "emergency stop"),
        ("yidong_dao_huojia", "zh", "move to shelf"),
        ("yi_dong_dao_huo_jia", "zh", "move to shelf"),
        ("daKaiFaMen", "zh", "switch on valve"),
        ("wendu2", "zh", "temperature 2"),
        ("移动到货架", "zh", "move to shelf"),
        ("NavigateToShelf", "zh", ""),
        ("bewege_zu_regal", "en", ""),
        ("bewege_zu_regal", "es", ""),
        ("qzx", "de", ""),
    ],
)
def test_a_name_is_read_in_the_language_of_its_makers(name: str, language: str, english: str) -> None:
    assert gloss_name(name, language) == english


def test_names_units_and_numbers_stay() -> None:
    assert (
        gloss("Fährt mit 3,5 m/s zum Kessel Q-7 (Zorbax).", "de")
        == "Drive with 3,5 m/s to tank Q-7 (Zorbax)."
    )


@pytest.mark.parametrize("tag", ["en", "en-GB", "es", "ja"])
def test_a_language_without_glossary_is_left_alone(tag: str) -> None:
    assert gloss("Fährt zum Regal", tag) == "Fährt zum Regal"


def test_japanese_is_not_taken_for_chinese() -> None:
    assert gloss("ロボットを移動する") == "ロボットを移動する"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_glossary_is_wide_and_spelled_as_it_is_searched(language: Language) -> None:
    read = glossary(language)
    assert len(read.english) > 2000
    assert all(meaning.isascii() and meaning == meaning.strip() for meaning in read.english.values())
    if language == "zh":
        assert all(pinyin.isascii() and pinyin.isalpha() for pinyin in read.pinyin)
    else:
        assert all(word.isascii() and word == word.lower() for word in read.english)


def _native(action: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in action.items() if key not in {"titles", "descriptions"}}


def test_only_what_has_no_english_gets_a_gloss() -> None:
    document = lamp().document
    document["actions"]["drehe_kopf"] = _native(document["actions"]["drehe_kopf"])
    before = copy.deepcopy(document)
    glossed = with_gloss(document)
    assert document == before
    assert glossed["actions"]["drehe_kopf"]["titles"] == {GLOSS_TAG: "Head turn"}
    assert glossed["actions"]["setze_helligkeit"] == before["actions"]["setze_helligkeit"]
    description = load(document)
    assert description.document == before
    assert description.actions["drehe_kopf"].english_title == "Head turn"
    assert description.actions["drehe_kopf"].is_glossed
    assert not description.actions["setze_helligkeit"].is_glossed


def test_a_check_tells_how_a_note_is_read() -> None:
    document = lamp().document
    document["actions"]["drehe_kopf"] = _native(document["actions"]["drehe_kopf"])
    problems = examine(document, "lamp")[1]
    told = [problem for problem in problems if "Turn" in problem.allowed]
    assert [(problem.path, problem.is_error) for problem in told] == [
        ("$.actions.drehe_kopf.descriptions", False)
    ]


@pytest.mark.parametrize("wrong", [None, 3, [], "x", {"title": 3}, {"titles": []}, {"properties": 1}])
def test_what_is_no_description_is_kept_for_the_model_to_refuse(wrong: Any) -> None:
    document = {"@context": 7, "actions": {"a": wrong}, "properties": wrong}
    assert with_gloss(document) == document


def test_constants_and_forms_are_data_and_stay() -> None:
    data = {"title": "Regal", "description": "Fährt zum Regal"}
    action = {"forms": [data], "input": {"properties": {"title": {"enum": [data], "default": data}}}}
    assert with_gloss({"actions": {"a": action}})["actions"]["a"] == action


def test_a_long_text_is_cut() -> None:
    assert len(gloss("Vorlauftemperatur " * 1000, "de")) <= GLOSS_LIMIT
    assert len(gloss("启" * 5000, "zh")) <= GLOSS_LIMIT
