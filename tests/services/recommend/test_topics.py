"""Topics cover what the model knows, each class once, and a picture is of the topic that its labels agree on."""

from collections import Counter
from pathlib import Path

import pytest

from bowerbird.contracts.vision import Label
from bowerbird.services.recommend.topics import PROBABILITY_MIN, TOPICS, UNKNOWN, load, numbers, topic_of

NAMES = Path(__file__).parents[3] / "tools" / "model" / "labels.txt"
CLASSES = 1000


def classes() -> list[str]:
    """Return the names of the model's classes, in order."""
    lines = NAMES.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def seen(**probabilities: float) -> list[Label]:
    """Return labels by the names of their classes."""
    known = classes()
    return [Label(known.index(name), name, probability) for name, probability in probabilities.items()]


def named(labels: list[Label]) -> str:
    """Return the name of the topic of labels."""
    return dict([*TOPICS, (UNKNOWN, "")])[topic_of(labels)]


def test_every_class_is_in_one_place() -> None:
    catalogue = load()
    placed = Counter(numbers(catalogue.silent))
    for topic in catalogue.topics:
        placed.update(numbers(topic.classes))
    assert {number for number, times in placed.items() if times > 1} == set()
    assert sorted(placed) == list(range(CLASSES))
    assert len(classes()) == CLASSES


def test_topics_are_numbered_and_named_once() -> None:
    assert [number for number, _ in TOPICS] == list(range(1, len(TOPICS) + 1))
    assert len({name.casefold() for _, name in TOPICS}) == len(TOPICS)
    assert all(topic.classes for topic in load().topics)


def test_numbers_are_what_is_meant_by_classes() -> None:
    assert numbers([7, (9, 11), (3, 3)]) == [7, 9, 10, 11, 3]


@pytest.mark.parametrize(
    ("label", "topic"),
    [
        ("beagle", "Dogs"),
        ("tabby", "Cats"),
        ("toucan", "Birds"),
        ("sports car", "Cars"),
        ("castle", "Architecture"),
        ("pizza", "Food and cooking"),
        ("greenhouse", "Gardens and parks"),
        ("violin", "Music"),
        ("alp", "Mountains and landscapes"),
        ("carton", ""),
    ],
)
def test_a_sure_label_speaks_for_its_topic(label: str, topic: str) -> None:
    assert named(seen(**{label: 0.9})) == topic


def test_labels_of_a_topic_speak_together() -> None:
    dogs = {"beagle": 0.2, "basset": 0.2, "bloodhound": 0.2}
    assert named(seen(tabby=0.35, **dogs)) == "Dogs"
    assert named(seen(tabby=0.7, **dogs)) == "Cats"


def test_what_is_not_sure_is_of_no_topic() -> None:
    assert topic_of([]) == UNKNOWN
    just, less = PROBABILITY_MIN, PROBABILITY_MIN - 0.01
    assert (named(seen(beagle=just)), named(seen(beagle=less))) == ("Dogs", "")
    assert named(seen(beagle=less, tabby=less)) == ""
    assert named(seen(carton=0.9, crate=0.9, beagle=less)) == ""
    assert topic_of([Label(CLASSES, "a class of another model", 0.9)]) == UNKNOWN


def test_of_two_as_sure_it_is_always_the_same() -> None:
    labels = seen(tabby=0.5, beagle=0.5)
    assert named(labels) == named(labels[::-1]) == "Dogs"
