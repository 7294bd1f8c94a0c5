"""What is to be played, and which of a player's texts takes it."""

from __future__ import annotations

import pytest

from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from inference.told_texts import told_texts


def _texts(*names: str) -> tuple[Parameter, ...]:
    return tuple(Parameter(name, ParameterKind.STRING) for name in names)


_ZONE = Parameter("zone", ParameterKind.STRING, choices=("GARDEN", "HALL", "ALL_ROOMS"))
_PLAYER = FunctionSignature(
    "startMedia", "", (*_texts("songTitle", "artist_name", "album", "genre", "playlist", "station"), _ZONE)
)
_SEEKER = FunctionSignature("play", "", _texts("query", "playlist"))
_KEEPER = FunctionSignature("save", "", _texts("playlist_name", "song"))
_WASHER = FunctionSignature("start", "", _texts("title", "note"))


def _told(text: str, function: FunctionSignature) -> dict[str, str]:
    sentence = prepare(text)
    found = ((each.name, told_texts(each, function, sentence)) for each in function.parameters)
    return {name: sentence.original(told[0]) for name, told in found if told}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("play some reggae in the garden", {"genre": "reggae"}),
        ("put on techno please", {"genre": "techno"}),
        ("Put on a bit of relaxing music", {"genre": "relaxing"}),
        ("play country songs on shuffle", {"genre": "country"}),
        ("play some Mozart", {"artist_name": "Mozart"}),
        ("Play something by Nina Simone", {"artist_name": "Nina Simone"}),
        ("play songs from Abba in the hall", {"artist_name": "Abba"}),
        ("Play Paper Boats by The Herons", {"songTitle": "Paper Boats", "artist_name": "The Herons"}),
        ("Play Walking on the Moon", {"songTitle": "Walking on the Moon"}),
        (
            "play the song Lemon Tree by Fools Garden in the hall",
            {"songTitle": "Lemon Tree", "artist_name": "Fools Garden"},
        ),
        ("I want to hear Lemon Tree in all rooms", {"songTitle": "Lemon Tree"}),
        ("play the album Low Tide everywhere", {"album": "Low Tide"}),
        ("play the Low Tide album by Marten Grey", {"album": "Low Tide", "artist_name": "Marten Grey"}),
        ("start my morning run playlist and shuffle it", {"playlist": "morning run"}),
        ("play the playlist called Sunday at 9", {"playlist": "Sunday"}),
        ("play the station Radio Nord in the garden", {"station": "Radio Nord"}),
        ("play some music", {}),
        ("play something", {}),
        ("play the next song", {}),
        ("play it again in the hall", {}),
        ("play music in the garden", {}),
    ],
)
def test_what_is_to_be_played_goes_where_the_words_around_tell(text: str, expected: dict[str, str]) -> None:
    assert _told(text, _PLAYER) == expected


def test_a_text_for_anything_takes_what_has_none_of_its_own() -> None:
    assert _told("play some reggae", _SEEKER) == {"query": "reggae"}
    assert _told("play my gym playlist", _SEEKER) == {"playlist": "gym"}


def test_a_song_is_added_to_a_playlist() -> None:
    expected = {"playlist_name": "road trip", "song": "Paper Boats"}
    assert _told("Add Paper Boats to my road trip playlist", _KEEPER) == expected
    assert _told("add this song to the road trip playlist", _KEEPER) == {"playlist_name": "road trip"}


def test_what_plays_nothing_is_told_nothing() -> None:
    assert _told("start the quick wash", _WASHER) == {}
