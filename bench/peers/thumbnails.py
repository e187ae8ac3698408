"""The usual pipeline for pictures: Django with easy-thumbnails, at its defaults, three aliases by width.

As its manual has it: a photo in the storage, aliases in the settings, `generate_all_aliases` after an upload. Nothing
is tuned: quality 85, JPEG, the processors that it comes with. The database, in which it notes sources and thumbnails,
is SQLite in memory, and the storage a folder.
"""

import tempfile
from pathlib import Path
from typing import Any, Final

import django
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command

WIDTHS: Final = (236, 474, 736)


class Thumbnails:
    """A Django of its own in this process; one a process."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        settings.configure(
            INSTALLED_APPS=["django.contrib.contenttypes", "easy_thumbnails"],
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
            MEDIA_ROOT=self._folder.name,
            MEDIA_URL="/media/",
            DEFAULT_AUTO_FIELD="django.db.models.AutoField",
            THUMBNAIL_ALIASES={"": {str(width): {"size": (width, 0)} for width in WIDTHS}},
            USE_TZ=True,
        )
        django.setup()
        call_command("migrate", verbosity=0)
        self._number = 0

    def make(self, data: bytes) -> list[int]:
        """Store a photo and make its thumbnails; return their widths."""
        from easy_thumbnails.alias import aliases  # noqa: PLC0415 - wants a Django that is set up
        from easy_thumbnails.files import get_thumbnailer  # noqa: PLC0415 - as above

        self._number += 1
        name = default_storage.save(f"photo-{self._number}.jpg", ContentFile(data))
        thumbnailer: Any = get_thumbnailer(default_storage, relative_name=name)
        return [thumbnailer.get_thumbnail(options).width for options in aliases.all().values()]

    def close(self) -> None:
        """Remove what was stored."""
        self._folder.cleanup()

    def stored(self) -> list[Path]:
        """Return the files."""
        return sorted(Path(self._folder.name).rglob("*.jpg"))
