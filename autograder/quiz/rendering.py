"""Markdown of a question as HTML: formulas for MathJax or as MathML, or as plain text where an LMS has nothing better."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from html import escape
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

Math = Literal["mathjax", "mathml"]
"""`\\\\( … \\\\)` that the LMS turns into formulas, or MathML that the browser shows by itself."""

_SPANISH_COMMA = re.compile(r"<mn>(\d+)</mn><mrow><mo>(?:,|&#x0002C;)</mo></mrow><mn>(\d+)</mn>")


_SIGN = re.compile(
    # A minus with something to subtract from it is an operator; after one of these, or first, it is a sign.
    r"(<mo[^>]*>(?:&#x00028;|\(|\[|\{|&#x0002C;|,|&#x0003D;|=|&#x02208;|&#x000B7;|&#x022C5;)</mo>|<mrow>|<mtd>|<math[^>]*><mrow>)"
    r"<mo>(&#x02212;|−)</mo>"
)
_ONLY_HEAD = re.compile(r"<thead>((?:(?!</thead>).)*)</thead>\s*</table>", re.DOTALL)
_PUNCTUATED = re.compile(r"(<math(?:(?!<math).)*?</math>)([.,;:?!)]+)", re.DOTALL)


@lru_cache(maxsize=8192)
def html(markdown: str, math: Math = "mathjax") -> str:
    """`markdown` as well-formed XHTML; a single paragraph comes without `<p>`. HTML in it is text."""
    parser = _parser(math)
    tokens = parser.parse(markdown)
    if [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]:
        tokens = tokens[1:2]
    found = str(parser.renderer.render(tokens, parser.options, {})).strip()
    # XHTML's tables must have a body, and may do without a head.
    found = _ONLY_HEAD.sub(r"<tbody>\1</tbody>\n</table>", found)
    # Browsers break lines after a formula, also before a full stop.
    return _PUNCTUATED.sub(r'<span class="together">\1\2</span>', found) if math == "mathml" else found


def plain(markdown: str) -> str:
    """`markdown` without its marks, as one line; formulas keep their TeX."""
    return " ".join(_words(_parser("mathjax").parse(markdown)).split())


def is_plain(markdown: str) -> bool:
    """Whether nothing is lost when `markdown` becomes plain text."""
    tokens = _parser("mathjax").parse(markdown)
    inline = [child.type for token in tokens for child in token.children or ()]
    paragraph = [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    return paragraph and set(inline) <= {"text", "softbreak", "code_inline"}


@cache
def _parser(math: Math) -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True}).enable("table")
    dollarmath_plugin(parser, allow_labels=False, double_inline=True)
    formula = _mathml if math == "mathml" else _mathjax

    def inline(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
        return formula(tokens[index].content, False)

    def block(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
        return f"<p>{formula(tokens[index].content, True)}</p>\n"

    parser.add_render_rule("math_inline", inline)
    parser.add_render_rule("math_inline_double", lambda self, tokens, index, *_: formula(tokens[index].content, True))
    parser.add_render_rule("math_block", block)
    return parser


def _mathjax(tex: str, display: bool) -> str:
    left, right = (r"\[", r"\]") if display else (r"\(", r"\)")
    return left + escape(tex.strip(), quote=False) + right


def _mathml(tex: str, display: bool) -> str:
    from latex2mathml.converter import convert

    found = convert(tex.strip(), display="block" if display else "inline")
    found = _SIGN.sub(r'\1<mo form="prefix">\2</mo>', found)
    # As an operator between two numbers the comma would get a space after it.
    return _SPANISH_COMMA.sub(r"<mn>\1,\2</mn>", found)


def _words(tokens: Any) -> str:
    found = []
    for token in tokens:
        if token.children:
            found.append(_words(token.children))
        elif token.type in ("softbreak", "hardbreak", "paragraph_close"):
            found.append(" ")
        else:
            found.append(token.content)
    return "".join(found)
