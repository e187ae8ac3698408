"""Pictures whose subject a classifier knows, and pictures full of corners, drawn from formulas."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 448


def clock() -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), (225, 215, 200))
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 40, 408, 408), fill=(60, 35, 20))
    draw.ellipse((62, 62, 386, 386), fill="white")

    def at(angle: float, reach: float) -> tuple[float, float]:
        return 224 + reach * math.sin(angle), 224 - reach * math.cos(angle)

    for hour in range(12):
        angle = hour * math.pi / 6
        draw.text(at(angle, 135), str(hour or 12), fill="black", anchor="mm", font_size=34)
        draw.line((*at(angle, 152), *at(angle, 160)), fill="black", width=5)
    draw.line((224, 224, *at(5.2, 80)), fill="black", width=10)
    draw.line((224, 224, *at(1, 120)), fill="black", width=6)
    return image


def crossword() -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(image)
    random = np.random.default_rng(3)
    for top in range(0, SIDE, 30):
        for left in range(0, SIDE, 30):
            black = random.random() < 0.2
            draw.rectangle((left, top, left + 30, top + 30), fill="black" if black else "white", outline="black")
            if not black and random.random() < 0.3:
                draw.text((left + 3, top + 1), str(random.integers(1, 60)), fill="black", font_size=9)
            if not black and random.random() < 0.6:
                letter = chr(65 + int(random.integers(0, 26)))
                draw.text((left + 15, top + 17), letter, fill=(20, 20, 90), anchor="mm", font_size=18)
    return image


def traffic_light() -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), (120, 165, 215))
    draw = ImageDraw.Draw(image)
    draw.rectangle((214, 330, 234, 448), fill=(70, 70, 70))
    draw.rounded_rectangle((150, 40, 298, 340), 24, fill=(25, 25, 25))
    for middle, colour in ((90, (255, 40, 30)), (190, (90, 70, 10)), (290, (10, 70, 30))):
        draw.ellipse((182, middle - 42, 266, middle + 42), fill=colour)
    return image


KNOWN = {"wall clock": (892, clock), "crossword puzzle": (918, crossword), "traffic light": (920, traffic_light)}
"""By ImageNet's name: the class's number, and who draws it."""


def starry(width: int, height: int, seed: int) -> Image.Image:
    """Return a field of stars, of which each looks like each other, with a bright one in the midst."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (width, height), "black")
    draw = ImageDraw.Draw(image)
    for _ in range(300):
        x, y, size = random.integers(0, width), random.integers(0, height), random.exponential(1.2)
        draw.ellipse((x - size, y - size, x + size, y + size), fill=(int(random.integers(60, 256)),) * 3)
    draw.ellipse((width / 2 - 9, height / 2 - 9, width / 2 + 9, height / 2 + 9), fill="white")
    return image.filter(ImageFilter.GaussianBlur(0.8))


def cluttered(width: int, height: int, seed: int) -> Image.Image:
    """Return a picture full of corners; seeds give pictures that have nothing in common."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (width, height), tuple(int(v) for v in random.integers(90, 200, 3)))
    draw = ImageDraw.Draw(image)
    for _ in range(160):
        x, y = random.integers(0, width), random.integers(0, height)
        corners = [
            (float(x + dx), float(y + dy)) for dx, dy in random.integers(-60, 60, (int(random.integers(3, 6)), 2))
        ]
        draw.polygon(corners, fill=tuple(int(v) for v in random.integers(0, 256, 3)))
    return image
