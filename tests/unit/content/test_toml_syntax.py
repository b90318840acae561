"""A fault of TOML is said in plain words: where it is, what was found, what to write."""

import pytest

from statuspage.content.loading.toml_source import parse_toml

FAULTS = {
    'name = "Payments\nrole = "api"': "services.toml:1: This is not valid TOML at character 17: the text does not end",
    "name =": "services.toml:1: This is not valid TOML: nothing follows “name =”",
    "name = Payments": "services.toml:1: This is not valid TOML at character 8: the value is missing or is no value",
    'name "Payments"': "services.toml:1: This is not valid TOML at character 6: “=” is missing",
    'name = "Pay"ments"': "services.toml:1: This is not valid TOML at character 13: a quotation mark is missing or one",
    'name = "a" role = "b"': "services.toml:1: This is not valid TOML at character 12: something follows the value",
    "a = 1\n[[service]\n": "services.toml:2: This is not valid TOML at character 10: this line begins with “[[”",
    "[a]\n[a]": "services.toml:2: This is not valid TOML at character 3: the table 'a' is already above",
    "a = [1, 2": "services.toml:1: This is not valid TOML: a list does not end",
    "a = 1\na = 2\nb = 3": "services.toml:2: This is not valid TOML at character 6: this key has a value already",
    'a = "\\d"': "services.toml:1: This is not valid TOML at character 8: a backslash in quotation marks",
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_named_with_its_place_and_what_to_write(text: str):
    _, errors = parse_toml("services.toml", text.encode())
    assert [str(error)[: len(FAULTS[text])] for error in errors] == [FAULTS[text]]


def test_a_reason_without_plain_words_is_quoted_from_the_parser():
    _, errors = parse_toml("services.toml", b'a = "\\u12"')
    assert [str(error) for error in errors] == [
        "services.toml:1: This is not valid TOML at character 8: Invalid hex value. Fix this line or the one above it."
    ]
