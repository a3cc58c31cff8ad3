"""From what students hand in to cells that are ready to be run: files, documents, a match with the template."""

from autograder.intake.document import Document, RawCell, read
from autograder.intake.files import Handed, apart, collect
from autograder.intake.match import Prepared, identify, prepare
from autograder.intake.names import slug

__all__ = ["Document", "Handed", "Prepared", "RawCell", "apart", "collect", "identify", "prepare", "read", "slug"]
