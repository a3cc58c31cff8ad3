"""An autograder for deep-learning courses: student code and hidden tests never share a process."""

import sys

# jsonschema, which nbformat imports, takes 2.5 s of CPU in every process to build the grammars of RFC 3987 from this package, for
# formats such as "iri" that no schema of a notebook asks for. Without it, it leaves those formats unchecked and imports at once.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
