"""The session's methods that find entities by the words of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from ftrack_orm.session.argument_checks import (
    require_entities,
    require_entity_class,
    require_texts,
)
from ftrack_orm.session.base import SessionBase
from ftrack_orm.session.result_types import UserT

if TYPE_CHECKING:
    from ftrack_orm.entity.custom_keys import InheritsValues
    from ftrack_orm.entity.effective_value import EffectiveValue
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.inheriting import GeneratedKeys, Inheriting, KeysOf
    from ftrack_orm.query.criterion import Criterion
    from ftrack_orm.query.path import Path

E = TypeVar("E", bound="Entity")
K = TypeVar("K")


class LookUps(SessionBase, Generic[UserT]):
    """The session's look-ups; none of them writes to the server."""

    @property
    def me(self) -> UserT:
        """Return the `User` that requests authenticate as, requested once.

        Raises:
            NoResultError: the server shows no user of that name.
        """
        user: UserT = self._core.look_ups.current_user.entity()
        return user

    def find(self, entity_class: type[E], *criteria: Criterion, **values: object) -> E:
        """Return the only entity that satisfies all conditions.

        Statuses, types, priorities and other reference data are read whole, in one
        request for each type, and kept: further look-ups send nothing, until the
        session writes, refreshes or expires such entities. Any other type is one
        query. The values on the server count, not the session's edits. Servers
        compare text without regard to case; among several matches, the one with the
        same case is returned.

        Args:
            entity_class: the class to search.
            criteria: conditions, ``Status.name == "Approved"``.
            values: values by attribute, ``name="Approved"``; a link takes an entity.

        Raises:
            NoResultError: there is none; `suggestions` has similar values.
            MultipleResultsError: there are several; `keys` lists them.
            CriterionError: there is no condition, or one is about another type.
            UnknownAttributeError, AttributeValueError: a value is wrong; nothing was
                sent.
        """
        from ftrack_orm.session.find import find

        require_entity_class("find()", entity_class)
        self._core.use(entity_class)
        found: E = find(self._core, entity_class, criteria, values)
        return found

    def find_or_none(
        self, entity_class: type[E], *criteria: Criterion, **values: object
    ) -> E | None:
        """Return the only entity that satisfies all conditions, ``None`` without one.

        Like `find`.

        Raises:
            MultipleResultsError: there are several; `keys` lists them.
            CriterionError: there is no condition, or one is about another type.
            UnknownAttributeError, AttributeValueError: a value is wrong; nothing was
                sent.
        """
        from ftrack_orm.session.find import find_or_none

        require_entity_class("find_or_none()", entity_class)
        self._core.use(entity_class)
        found: E | None = find_or_none(self._core, entity_class, criteria, values)
        return found

    def find_or_add(
        self,
        entity_class: type[E],
        rows: Iterable[Mapping[str, object] | E],
        by: Iterable[Path[Any] | type[Entity] | str] | Path[Any] | str,
    ) -> list[E]:
        """Return the entity of each row, in order; the missing ones become pending.

        Existing entities are read with one query, which is split when it is long. An
        entity that is found gets the other values of its row; a row without a match
        becomes a new entity that `commit` creates. Rows with the same identifying
        values give the same entity: the later values win. Nothing is read for rows
        below a new entity, or below one whose collection of them is loaded. Entities
        that were added or edited in this session match by their present values.

        Args:
            entity_class: the class of the entities.
            rows: mappings from attributes to values, or new entities. Values of
                ``custom_attributes`` and ``metadata`` are mappings, and their other
                keys stay as they are.
            by: the attributes that identify an entity, ``(Shot.parent, Shot.name)``.

        Raises:
            IdentificationError: a row lacks an identifying value.
            MultipleResultsError: several entities match a row; `keys` lists them.
            CriterionError: `by` has an attribute that cannot identify an entity.
            UnknownAttributeError, AttributeValueError, ReadOnlyAttributeError: a row
                is wrong. After each of these errors the session is unchanged.
        """
        from ftrack_orm.session.find_or_add import find_or_add

        require_entity_class("find_or_add()", entity_class)
        self._core.use(entity_class)
        return find_or_add(self._core, entity_class, rows, by)

    # Not the last, whose parameter pyright names for every wrong key.
    @overload
    def effective(
        self, entities: Iterable[Inheriting[K]], keys: GeneratedKeys[K]
    ) -> list[dict[str, EffectiveValue]]: ...
    @overload
    def effective(
        self, entities: Iterable[Inheriting[K]], keys: KeysOf[K]
    ) -> list[dict[str, EffectiveValue]]: ...
    # For pyright, which does not find the keys that several types share.
    @overload
    def effective(
        self, entities: Iterable[InheritsValues[K]], keys: KeysOf[K]
    ) -> list[dict[str, EffectiveValue]]: ...
    def effective(
        self, entities: Iterable[Any], keys: Any
    ) -> list[dict[str, EffectiveValue]]:
        """Return the values of custom attributes, inherited ones included.

        A hierarchical custom attribute has the value of the closest entity that
        stores one, from the entity itself up to its project; any other custom
        attribute the value of the entity itself. Two requests read the ancestors and
        the stored values of thousands of entities, whatever the depth; the first use
        in a session also reads the configurations. The values are kept until the
        session writes, refreshes or expires. Edits of the session count.

        Args:
            entities: the entities, of any types.
            keys: the keys of the custom attributes. With a studio's package type
                checkers refuse a key that an entity's type does not list.

        Returns:
            For each entity, in order, the values by key and the entities that store
            them.

        Raises:
            UnknownAttributeError: a type has no custom attributes.
            UnknownKeyError: a key is not configured for an entity.
            DetachedEntityError: an entity is not in this session; nothing was sent.
            InvalidArgumentError: `keys` is no list of texts; nothing was sent.
        """
        owners = require_entities(entities, "effective()")
        names = require_texts("effective()", keys, "keys")
        return self._core.look_ups.effective_values.of(owners, names)
