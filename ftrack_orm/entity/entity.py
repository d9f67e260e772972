"""`Entity`, the base class of all models."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema

from ftrack_orm.entity import copies, members, relations, subclass_fields
from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.construction import (
    construct,
    fill,
    from_data,
    update_copy,
)
from ftrack_orm.entity.core_schemas import entity_schema
from ftrack_orm.entity.metaclass import EntityMeta
from ftrack_orm.entity.naming import locate, read_only_error
from ftrack_orm.entity.serialization import shadow_values
from ftrack_orm.entity.state import EntityState, InstanceState
from ftrack_orm.entity.tracking import (
    is_new,
    key_of,
    link_key,
    start_changes,
)
from ftrack_orm.entity.type_info import FORMER_NAME
from ftrack_orm.errors.entity import (
    AttributeValueError,
    EntityError,
    EntityKeyError,
    NotLoadedError,
    UnknownAttributeError,
)
from ftrack_orm.errors.session import DetachedEntityError, InvalidArgumentError
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import NOT_LOADED, Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.effective_value import EffectiveValue
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.types import TextPrinter

_set_dict = BaseModel.__dict__["__dict__"].__set__


class Entity(BaseModel, metaclass=EntityMeta):
    """An entity of the server: a pydantic model of its loaded attributes.

    Generated classes inherit from it. Loaded scalars lie in the instance's
    ``__dict__``, links are looked up by their foreign keys, and any other attribute is
    loaded by the session when it is read. `repr`, ``==``, copies, pickles and dumps
    never load. Two entities are equal if they have the same type and key.

    Keywords of a class statement: ``entity_type`` (the name on the wire), ``key``,
    ``registry`` and the options of the type, see `TypeOptions`. A subtype inherits
    ``required``, ``immutable``, ``computed``, ``default_projections``,
    ``system_projections`` and ``metadata``; in a list of names ``...`` means the other
    names of the base. It does not inherit ``alias_for``, ``type``, ``extra`` and
    ``absent``; ``mixin`` names the base unless it is stated.
    """

    model_config = ConfigDict(defer_build=True, populate_by_name=True)

    if not TYPE_CHECKING:
        __slots__ = ("__ftrack_own__", "__ftrack_private__", "__ftrack_state__")

    if TYPE_CHECKING:
        __ftrack__: ClassVar[TypeInfo]

        # A property, because an annotation would be an argument of the constructor.
        @property
        def __ftrack_state__(self) -> InstanceState: ...

        # The metaclass handles the keywords, but type checkers look for them here.
        def __init_subclass__(cls, **options: Any) -> None: ...

    # -- identity --------------------------------------------------------------------

    if TYPE_CHECKING:
        # At run time `__getattr__` returns it, so that a type whose schema has an
        # attribute of this name can declare it.
        @property
        def entity_type(self) -> str:
            """Return the name of the concrete type on the wire, ``"Task"``.

            Three configuration types have an attribute of this name, which wins;
            ``reference.entity_type`` is the name of the type for all.
            """
            ...

    @property
    def reference(self) -> Reference:
        """Return the type and key.

        Raises:
            EntityKeyError: a part of the key is not set.
        """
        key = key_of(self)
        if key is None:
            type_info = type(self).__ftrack__
            values = {
                name: self.__dict__.get(name) for name in type_info.python_primary_key
            }
            raise EntityKeyError(type_info.name, type_info.primary_key, values)
        return Reference(type(self).__ftrack__.name, key)

    @property
    def entity_state(self) -> EntityState:
        """Return the state of the entity in its session."""
        return self.__ftrack_state__.state

    if not TYPE_CHECKING:

        def __init__(self, /, **data: Any) -> None:
            """Create an entity in no session; nothing is sent.

            Raises:
                AttributeValueError: a value is not valid for its attribute.
                UnknownAttributeError: a name is neither an attribute nor a field.
            """
            _set_dict(self, {})
            _set_state(self, InstanceState(EntityState.TRANSIENT))
            extension = type(self).__ftrack__.extension
            if extension is None:
                fill(self, data)
            else:
                build = partial(fill, self)
                extension.construct(self, data, build)

        def __eq__(self, other: object) -> bool:
            if self is other:
                return True
            if not isinstance(other, Entity):
                return NotImplemented
            key = key_of(self)
            return (
                key is not None
                and type(self).__ftrack__.name == type(other).__ftrack__.name
                and key == key_of(other)
            )

        def __getattr__(self, name: str) -> Any:
            attribute = type(self).__ftrack__.attributes.get(name)
            if attribute is not None:
                return read_missing(self, attribute)
            if name.startswith("_"):
                return super().__getattr__(name)
            type_info = type(self).__ftrack__
            if name == "entity_type":
                return type_info.name
            if name == FORMER_NAME and "entity_type" in type_info.attributes:
                return self.entity_type
            if type_info.extension is not None and name in type_info.extension.fields:
                raise NotLoadedError(
                    repr(self),
                    name,
                    f"It is a field of {type(self).__name__} that has no default, and "
                    "the server does not have it. Set it first.",
                )
            raise UnknownAttributeError(type_info.name, name, type_info.attributes)

        def __getitem__(self, name: object) -> NoReturn:
            entity_type = type(self).__ftrack__.name
            path = f"entity.{name}" if isinstance(name, str) else "entity.name"
            raise TypeError(
                f"{entity_type} has attributes and no items: write {path} in place of "
                f"entity[{name!r}]."
            )

        def __setitem__(self, name: object, value: object) -> NoReturn:
            self[name]

        def __setattr__(self, name: str, value: Any) -> None:
            attribute = type(self).__ftrack__.attributes.get(name)
            if attribute is None:
                subclass_fields.set_value(self, name, value)
            elif type(value) is attribute.fast:
                values = self.__dict__
                committed = self.__ftrack_state__.committed
                if committed is None:
                    committed = start_changes(self)
                if name not in committed:
                    committed[name] = values.get(name, NOT_LOADED)
                values[name] = value
            else:
                assign(self, attribute, value)

        def __delattr__(self, name: str) -> None:
            raise EntityError(
                f"{self!r}.{name} cannot be deleted. Set it to None, or use "
                "session.refresh() to load its value again."
            )

    def __hash__(self) -> int:
        return hash(self.reference)

    def __repr__(self) -> str:
        type_info = type(self).__ftrack__
        parts = [
            f"{name}={self.__dict__[name]!r}"
            for name in dict.fromkeys((*type_info.python_primary_key, "name"))
            if name in self.__dict__
        ]
        return f"{type(self).__name__}({', '.join(parts)})"

    __str__ = __repr__

    def __dir__(self) -> list[str]:
        """Return the schema's attributes first, then the other public names."""
        from ftrack_orm.entity.listing import entity_names

        return entity_names(self)

    def _repr_pretty_(self, printer: TextPrinter, cycle: bool) -> None:
        from ftrack_orm.entity.display import print_entity

        print_entity(self, printer)

    def _repr_html_(self) -> str:
        from ftrack_orm.entity.display import entity_html

        return entity_html(self)

    def __repr_args__(self) -> Any:
        """Yield the loaded scalars and fields for pydantic's pretty printers."""
        attributes = type(self).__ftrack__.attributes
        for name, value in self.__dict__.items():
            attribute = attributes.get(name)
            if attribute is None or attribute.kind is AttributeKind.SCALAR:
                yield name, value

    # -- pydantic's bookkeeping, derived instead of stored ----------------------------

    if not TYPE_CHECKING:

        @property
        def __pydantic_fields_set__(self) -> set[str]:
            return subclass_fields.fields_set(self, shadow_values(self))

        @__pydantic_fields_set__.setter
        def __pydantic_fields_set__(self, value: object) -> None:
            # Loaded attributes always count as set; fields of a subclass may not.
            subclass_fields.mark_set(self, value)

        @property
        def __pydantic_extra__(self) -> None:
            return None

        @__pydantic_extra__.setter
        def __pydantic_extra__(self, value: object) -> None:
            del value  # entities have no extra values

        @property
        def __pydantic_private__(self) -> dict[str, Any] | None:
            try:
                return self.__ftrack_private__
            except AttributeError:
                values = subclass_fields.private_defaults(self)
                if values is not None:
                    _set_private(self, values)
                return values

        @__pydantic_private__.setter
        def __pydantic_private__(self, value: dict[str, Any] | None) -> None:
            _set_private(self, value)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return a core schema that validates with `from_data` and dumps as a model."""
        return entity_schema(cls, source, handler, partial(from_data, cls))

    # -- copies ----------------------------------------------------------------------

    def model_copy(
        self, *, update: Mapping[str, Any] | None = None, deep: bool = False
    ) -> Self:
        """Return a detached copy of the loaded values; values of `update` are checked.

        Raises:
            AttributeValueError: a value of `update` is not valid for its attribute.
            UnknownAttributeError: a name is neither an attribute nor a field.
        """
        copied: Self = self.__deepcopy__() if deep else self.__copy__()
        if update:
            update_copy(copied, update)
        return copied

    @classmethod
    def model_construct(
        cls, _fields_set: set[str] | None = None, **values: Any
    ) -> Self:
        """Return a new entity of trusted values; scalars are not checked."""
        del _fields_set  # every value in `values` counts as set
        entity: Self = construct(cls, values)
        return entity

    def __copy__(self) -> Self:
        copied: Self = copies.shallow_copy(self)
        return copied

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        # Links become references, so that the copy does not follow them through the
        # whole session; only the values that a subclass adds are copied deeply.
        copied: Self = _rebuild(type(self), copies.dump_values(self), _is_new(self))
        copies.deepcopy_extras(self, copied, {} if memo is None else memo)
        return copied

    def __reduce_ex__(self, protocol: Any) -> Any:
        values = copies.dump_values(self)
        reduced = (_rebuild, (type(self), values, _is_new(self)))
        extras = copies.extras_of(self)
        return (*reduced, extras) if extras else reduced

    def __setstate__(self, state: Any) -> None:
        copies.set_extras(self, state)

    def clone(self, **changes: Any) -> Self:
        """Return a new entity with this one's values; `session.add` adds it.

        Copied are the scalars and links that a client may set, metadata, and the
        custom attributes that have a stored value; those with a default keep the
        default. Missing values are loaded, for the whole load group. Not copied are
        the id, collections (children, assignments, notes, versions), values that only
        the server sets, and those that it derives: a context's project, and a
        version's number. The parts of a composed key are copied: change one of them.

        Args:
            changes: values that replace copied ones, ``parent=sequence, name="sh020"``.

        Raises:
            NotLoadedError: a value is not loaded, and the entity cannot load it.
            UnknownAttributeError: a change is no attribute of the type.
            AttributeValueError, ReadOnlyAttributeError: a change is not valid.
        """
        from ftrack_orm.entity.clone import clone

        cloned: Self = clone(self, changes)
        return cloned

    def effective(self, key: str) -> EffectiveValue:
        """Return a custom attribute's value, and the entity that stores it.

        A hierarchical custom attribute has the value of the closest entity that
        stores one, from this one up to the project. The values are read for the whole
        load group, see `Session.effective`.

        Raises:
            DetachedEntityError: the entity is in no session.
            InvalidArgumentError: the key is no text; nothing was sent.
            UnknownAttributeError: the type has no custom attributes.
            UnknownKeyError: the key is not configured for the entity.
        """
        if not isinstance(key, str):
            raise InvalidArgumentError("effective()", key, "a key")
        owner = self.__ftrack_state__.owner
        if owner is None:
            raise DetachedEntityError(repr(self), "read its effective values")
        return owner.effective(self, key)

    # -- called by collections and mappings ------------------------------------------

    def __require_members__(self, collection: TrackedList[Any]) -> None:
        members.require_members(collection)

    def __add_members__(self, collection: TrackedList[Any], added: list[Any]) -> None:
        try:
            members.add_members(collection, added)
        except AttributeValueError as error:
            locate(error, self, collection._attribute)
            raise

    def __remove_members__(
        self, collection: TrackedList[Any], removed: list[Any]
    ) -> None:
        try:
            members.remove_members(collection, removed)
        except AttributeValueError as error:
            locate(error, self, collection._attribute)
            raise

    def __replace_members__(
        self, collection: TrackedList[Any], replacement: list[Any]
    ) -> None:
        members.require_members(collection)
        try:
            edit = members.MembersEdit(collection, replacement)
        except AttributeValueError as error:
            locate(error, self, collection._attribute)
            raise
        edit.write()

    def __edit_rows__(
        self, attribute: AttributeInfo, rows: Any, edits: Mapping[Any, Any]
    ) -> None:
        relations.edit_rows(self, attribute, rows, edits)

    def __load_rows__(self, attribute: AttributeInfo) -> None:
        owner = self.__ftrack_state__.owner
        if owner is not None:
            owner.load(self, attribute)


_set_state = Entity.__dict__["__ftrack_state__"].__set__
_set_private = Entity.__dict__["__ftrack_private__"].__set__
_new = object.__new__


def adopt(entity_class: type[Any], values: dict[str, Any], state: InstanceState) -> Any:
    """Return an entity whose ``__dict__`` is `values` itself, without any check."""
    entity = _new(entity_class)
    _set_dict(entity, values)
    _set_state(entity, state)
    return entity


def _is_new(entity: Entity) -> bool:
    return entity.__ftrack_state__.state is EntityState.TRANSIENT


def _rebuild(entity_class: type[Any], values: dict[str, Any], new: bool) -> Any:
    return copies.restore(entity_class, values, new=new)


def assign(entity: Entity, attribute: AttributeInfo, value: Any) -> None:
    """Check and set an attribute that ``__setattr__`` cannot set directly.

    Raises:
        AttributeValueError: the value is not valid; nothing was changed.
        DetachedEntityError: the value belongs to another session.
        ReadOnlyAttributeError: only the server sets the attribute, or it is part of
            the key of an existing entity.
        ValidationError: a validator of a subclass rejects the value; nothing was
            changed.
    """
    type_info = type(entity).__ftrack__
    is_key = attribute.server_name in type_info.primary_key
    if attribute.read_only or (is_key and not is_new(entity)):
        raise read_only_error(entity, attribute)
    extension = type_info.extension
    if extension is None:
        relations.assign(entity, attribute, value)
        return
    value = extension.validate_value(entity, attribute, value)
    if not extension.is_checked_after_assignment:
        relations.assign(entity, attribute, value)
        return
    from ftrack_orm.entity.assignment_undo import undo_of

    is_iterable = hasattr(value, "__iter__") and not isinstance(value, str | Mapping)
    if attribute.kind is AttributeKind.COLLECTION and is_iterable:
        value = list(value)
    write = relations.prepare(entity, attribute, value)
    undo = undo_of(entity, attribute, value)
    write()
    extension.after_assignment(entity, undo)


def read_missing(entity: Entity, attribute: AttributeInfo) -> Any:
    """Return the value of an attribute that is not loaded.

    An existing entity loads it from its session; a new entity returns the initial
    value.

    Raises:
        NotLoadedError: the entity is detached, or only the server has the value.
    """
    state = entity.__ftrack_state__
    owner = state.owner
    if owner is not None and not is_new(entity):
        return owner.load(entity, attribute)
    if state.state is EntityState.DETACHED:
        raise NotLoadedError(
            repr(entity),
            attribute.name,
            "The entity is detached, so it cannot load. Get it from a session, or "
            "load the attribute before it leaves.",
        )
    if owner is not None and attribute.kind is AttributeKind.LINK:
        key = link_key(entity, attribute)
        if key is not None and key is not NOT_LOADED:
            # A new entity may refer to an existing target by its foreign key.
            return owner.load(entity, attribute)
    return relations.initial_value(entity, attribute)
