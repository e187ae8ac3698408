"""What is guessed first is refused; what only looks a little like it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowerbird.services.identity.easy import is_easy

EASY = (
    *(
        "1234567890",
        "0123456789",
        "0987654321",
        "12345678910",
        "123456789a",
        "1234512345",
        "1111111111",
        "aaaaaaaaaaaa",
    ),
    *(
        "qwertyuiop",
        "QWERTYUIOP",
        "qwertyuiop123",
        "qwerty123456",
        "asdfghjkl123",
        "1qaz2wsx3edc",
        "1q2w3e4r5t",
        "q1w2e3r4t5",
    ),
    *(
        "zxcvbnmasdfghjkl",
        "qazwsxedcrfv",
        "qwertzuiop",
        "azertyuiop",
        "abcdefghij",
        "abcd1234abcd1234",
        "a1b2c3d4e5",
        "147258369147",
    ),
    *(
        "password123",
        "Password1!",
        "P@ssw0rd123",
        "passwordpassword",
        "password2024",
        "!!password!!",
        "iloveyou123",
        "iloveyou!!",
    ),
    *(
        "letmein2024",
        "welcome12345",
        "Welcome2026!",
        "princess123",
        "football2023",
        "sunshine2024",
        "superman123",
        "dragon12345",
    ),
    *(
        "administrator",
        "Administrator1",
        "admin123456",
        "bowerbird1",
        "Bowerbird2026!",
        "pinterest123",
        "changeme123",
        "abcabcabcabc",
    ),
    *(
        "testtest123",
        "hellohello1",
        "secret12345",
        "loveyou1234",
        "trustno1trustno1",
        "monkey12345",
        "shadow2020!",
        "121212121212",
    ),
)
FINE = (
    *(
        "a long enough password",
        "a long enough one",
        "correct horse battery",
        "ada keeps a secret",
        "Tr0ub4dor&3xyz",
        "kitchen lamp oak",
    ),
    *(
        "passwordless sauna",
        "my dragon ate it",
        "welcome to the bower",
        "7c1f0b9e2a",
        "\u043f\u0430\u0440\u043e\u043b\u044c \u0434\u043b\u044f \u043c\u0435\u043d\u044f",
        "\u65e5\u672c\u8a9e\u306e\u9577\u3044\u8a00\u8449\u3067\u3059",
    ),
    *("qwerty is not it", "9x-Lamp_Oak-31", "summer rain in Oslo", "blue4moon8hat"),
)


@pytest.mark.parametrize("password", EASY)
def test_it_is_refused(password: str) -> None:
    assert is_easy(password)


@pytest.mark.parametrize("password", FINE)
def test_it_is_taken(password: str) -> None:
    assert not is_easy(password)


@given(st.text(max_size=200))
def test_any_text_is_judged(password: str) -> None:
    assert is_easy(password) in {True, False}


def test_judging_is_quick_whatever_is_typed() -> None:
    for password in ("a" * 199 + "b", "1234" * 50, "love" * 50, "ab" * 99 + "c", "qwer1234" * 25, "!" * 200):
        assert is_easy(password) in {True, False}
