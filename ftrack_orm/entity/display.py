"""Show entities and lists of entities in consoles and notebooks; nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ftrack_orm.console import prepare_console
from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.state import EntityState
from ftrack_orm.entity.tracking import key_of, linked
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.tables import html_table, printable, text_table
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.types import TextPrinter

ROWS_SHOWN: Final = 20
"""The most rows of a table."""

_TEXT_COLUMNS: Final = 7
_HTML_COLUMNS: Final = 12
_CELL_WIDTH: Final = 40

_NAMES: Final = ("name", "username", "label", "key", "content")
"""Attributes that can name an entity; the first with a value is used."""

_PARENTS: Final = ("parent", "asset", "version", "container")
"""Links to the entity above; the first whose target is in memory is used."""

_LEVELS: Final = 30
"""The most names in a path, since new entities may be parents of each other."""

_LEFT_OUT: Final = frozenset(
    {
        "context_type",
        "created_at",
        "created_by",
        "link",
        "link_",
        "parent",
        "project",
        "sort",
        "thumbnail_url",
    }
)
"""Attributes that a table leaves out: the path shows the parents, others are long."""


class Table(NamedTuple):
    """The cells of a table of entities."""

    heading: str
    columns: list[str]
    rows: list[list[str]]
    note: str


# -- names -------------------------------------------------------------------------


def label(entity: Entity) -> str:
    """Return the name of an entity, else the start of its key."""
    values = vars(entity)
    for name in _NAMES:
        value = values.get(name)
        if isinstance(value, str) and value:
            return printable(value, _CELL_WIDTH)
    version = values.get("version")
    if type(version) is int:
        return f"v{version:03}"
    return ", ".join(map(short_key, key_of(entity) or ("new",)))


def short_key(part: object) -> str:
    """Return the start of a UUID; other parts of keys are returned whole."""
    text = printable(str(part), _CELL_WIDTH)
    return f"{text[:8]}…" if len(text) == 36 and text.count("-") == 4 else text


def path(entity: Entity) -> str:
    """Return the names of an entity and of those above it that are in memory."""
    names = [label(entity)]
    above = _above(entity)
    while above is not None and len(names) < _LEVELS:
        names.append(label(above))
        above = _above(above)
    return "/".join(reversed(names))


def _above(entity: Entity) -> Any:
    attributes = type(entity).__ftrack__.attributes
    for name in _PARENTS:
        link = attributes.get(name)
        if link is not None and link.kind is AttributeKind.LINK:
            target = linked(entity, link)
            if target is not None and target is not NOT_LOADED:
                return target
    return None


# -- values ------------------------------------------------------------------------


def loaded_values(entity: Entity) -> dict[str, str]:
    """Return the loaded values as text by name; a link has the name of its target."""
    return dict(_loaded_values(entity))


def _loaded_values(entity: Entity) -> Iterator[tuple[str, str]]:
    values = vars(entity)
    type_info = type(entity).__ftrack__
    shown: set[str] = set()
    for attribute in type_info.attributes.values():
        links = type_info.links_by_foreign_key.get(attribute.name, ())
        for link in links if attribute.name in values else ():
            target = linked(entity, link)
            if target is not NOT_LOADED and link.name not in shown:
                shown.update((link.name, attribute.name))
                yield link.name, "-" if target is None else label(target)
        if attribute.name in values and attribute.name not in shown:
            text = _value(attribute, values[attribute.name])
            if text is not None:
                yield attribute.name, text
    for name in values.keys() - type_info.attributes.keys():
        yield name, value_text(values[name])


def _value(attribute: AttributeInfo, value: Any) -> str | None:
    """Return the text of a value, ``None`` for one that is not loaded."""
    match attribute.kind:
        case AttributeKind.LINK:
            return label(value) if hasattr(type(value), "__ftrack__") else str(value)
        case AttributeKind.COLLECTION if value.is_loaded:
            names = ", ".join(map(label, value[:5]))
            return f"{len(value):,}: {names}{', …' if len(value) > 5 else ''}"
        case AttributeKind.SCALAR:
            return value_text(value)
        case AttributeKind.MAPPED if value.is_loaded:
            return value_text(value)
    return None


def value_text(value: object) -> str:
    """Return a value as a cell of a table."""
    match value:
        case None:
            return "-"
        case str():
            return printable(value, _CELL_WIDTH)
        case datetime():
            return value.isoformat(" ", "seconds")
        case MappedValues():
            return value_text(value.values_by_key)
        case Mapping() if value:
            items = (f"{key}={value_text(item)}" for key, item in value.items())
            return printable(", ".join(items))
        case _:
            return printable(repr(value))


# -- one entity --------------------------------------------------------------------


def print_entity(entity: Entity, printer: TextPrinter) -> None:
    """Print the loaded values of an entity; inside another value its `repr`."""
    prepare_console()
    if is_nested(printer):
        printer.text(repr(entity))
        return
    values = loaded_values(entity)
    width = max(map(len, values), default=0)
    lines = [f"  {name.ljust(width)}  {text}" for name, text in values.items()]
    printer.text("\n".join([_title(entity), *lines]))


def entity_html(entity: Entity) -> str:
    """Return the loaded values of an entity as a table."""
    prepare_console()
    rows = [(name, text) for name, text in loaded_values(entity).items()]
    return html_table(_title(entity), ("Attribute", "Value"), rows)


def _title(entity: Entity) -> str:
    state = entity.__ftrack_state__.state
    suffix = "" if state is EntityState.PERSISTENT else f" ({state.value})"
    return f"{type(entity).__name__} {path(entity)}{suffix}"


def is_nested(printer: TextPrinter) -> bool:
    """Return whether the printer is inside another value, such as a list."""
    return len(getattr(printer, "stack", ())) > 1


# -- lists -------------------------------------------------------------------------


def entity_table(
    entities: Sequence[Entity], heading: str, note: str, most_columns: int
) -> Table:
    """Return the table of entities: their paths, then the values that all may have."""
    shown = entities[:ROWS_SHOWN]
    values = [loaded_values(entity) for entity in shown]
    types = {type(entity).__name__ for entity in shown}
    columns = _columns(shown, values)[: most_columns - 1]
    rows = [
        [
            path(entity)
            if len(types) == 1
            else f"{type(entity).__name__} {path(entity)}",
            *(texts.get(column, "") for column in columns),
        ]
        for entity, texts in zip(shown, values, strict=True)
    ]
    first = types.pop() if len(types) == 1 else "Entity"
    return Table(heading, [first, *columns], rows, note)


def _columns(
    entities: Sequence[Entity], values: Sequence[Mapping[str, str]]
) -> list[str]:
    """Return the columns that distinguish entities, links first."""
    links: dict[str, None] = {}
    scalars: dict[str, None] = {}
    for entity, texts in zip(entities, values, strict=True):
        type_info = type(entity).__ftrack__
        hidden = {*type_info.python_primary_key, *_NAMES, *_LEFT_OUT}
        for name, text in texts.items():
            attribute = type_info.attributes.get(name)
            is_id = name.endswith("_id")
            if name in hidden or is_id or text in ("", "-") or attribute is None:
                continue
            is_link = attribute.kind is AttributeKind.LINK
            (links if is_link else scalars)[name] = None
    return [*links, *(name for name in scalars if name not in links)]


def more_text(omitted: int) -> str:
    """Return the line below a table that does not show all rows."""
    return f"… and {omitted:,} more" if omitted > 0 else ""


def table_text(table: Table) -> str:
    """Return a table as lines of text."""
    body = text_table(table.columns, table.rows) if table.rows else ""
    return "\n".join(filter(None, (table.heading, body, table.note)))


def print_entities(
    entities: Sequence[Entity], printer: TextPrinter, *, cycle: bool
) -> None:
    """Print a list of entities as a table; inside another value as a list."""
    prepare_console()
    if cycle or is_nested(printer) or not entities:
        texts = [repr(entity) for entity in entities[:ROWS_SHOWN]]
        texts += filter(None, [more_text(len(entities) - ROWS_SHOWN)])
        printer.text(f"[{', '.join(texts)}]")
        return
    printer.text(table_text(_list_table(entities, _TEXT_COLUMNS)))


def entities_html(entities: Sequence[Entity]) -> str:
    """Return a list of entities as a table."""
    prepare_console()
    return html_table(*_list_table(entities, _HTML_COLUMNS))


def _list_table(entities: Sequence[Entity], most_columns: int) -> Table:
    plural = "entity" if len(entities) == 1 else "entities"
    heading = f"{len(entities):,} {plural}"
    note = more_text(len(entities) - ROWS_SHOWN)
    return entity_table(entities, heading, note, most_columns)
