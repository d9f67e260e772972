"""Parse attribute annotations as text, without evaluating them.

Evaluation would import the target of every link: generated modules import the names
inside an annotation for type checkers only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ftrack_orm.types import JSON


class Annotation:
    """A parsed annotation; ``"Attr[str | None]"`` gives ``Attr``, ``str``, true.

    Attributes:
        head: the name before the brackets.
        inner: the first name inside the brackets.
        nullable: whether the value may be ``None``.
        text: the whole annotation.
    """

    __slots__ = ("head", "inner", "nullable", "text")

    def __init__(self, head: str, inner: str, nullable: bool, text: str) -> None:
        self.head = head
        self.inner = inner
        self.nullable = nullable
        self.text = text

    def literal_values(self) -> tuple[JSON, ...]:
        """Return the values inside ``Literal[...]``, in order."""
        # Few programs check an enumerated value, and none does at import.
        import ast

        for node in ast.walk(ast.parse(self.text, mode="eval")):
            if isinstance(node, ast.Subscript) and _is_literal(ast.unparse(node.value)):
                values = ast.literal_eval(node.slice)
                return values if isinstance(values, tuple) else (values,)
        return ()


def read_annotation(annotation: Any) -> Annotation:
    """Return the parts of an annotation."""
    text = annotation if isinstance(annotation, str) else str(annotation)
    head, _, inner = text.partition("[")
    head = _bare(head)
    nullable = (
        head == "OptionalRef"
        or "None" in inner.replace("|", " ").replace("]", " ").replace(",", " ").split()
    )
    first = inner.partition("[")[0].partition("|")[0].strip("] '\"")
    return Annotation(head, _bare(first), nullable, text)


UNANNOTATED = Annotation("Attr", "None", True, "")
"""The annotation of an attribute that is not annotated, or not bound to a class yet."""


def _bare(name: str) -> str:
    # The generator writes an alias where an attribute of the class hides a name:
    # `_Name` for an import, `_Name_` for a class.
    return name.rpartition(".")[2].strip("_")


def _is_literal(name: str) -> bool:
    return _bare(name) == "Literal"
