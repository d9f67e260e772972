"""Turn the differences of a comparison into edits of a planner's entities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ftrack_orm.migrations.planner import Planner
from ftrack_orm.studio.attribute_config import CONFIG_SETTINGS, config_text
from ftrack_orm.studio.diff import Difference, merged
from ftrack_orm.studio.entity_types import ATTRIBUTES
from ftrack_orm.studio.model import (
    Attribute,
    Definition,
    Key,
    Kind,
    LinkAttribute,
    ProjectSchema,
    folded,
)
from ftrack_orm.studio.scopes import entity_type_of
from ftrack_orm.studio.server_studio import ServerStudio


class Writer:
    """Edits the entities of a planner until the server has the wanted settings.

    Attributes:
        problems: differences that cannot be applied, each with the next step.
    """

    def __init__(self, plan: Planner, server: ServerStudio) -> None:
        """Store the arguments; nothing is edited.

        Args:
            plan: collects the edits.
            server: the configuration, read by the planner's session.
        """
        self.plan = plan
        self.server = server
        self.problems: list[str] = []
        self._added: dict[tuple[Kind, Key], Any] = {}

    def write(self, difference: Difference) -> None:
        """Edit or add the entity of a difference that is not a project schema."""
        wanted = difference.wanted
        if wanted is None or isinstance(wanted, ProjectSchema):
            return
        result = merged(wanted, difference.found)
        try:
            if difference.action == "create":
                self._create(result)
            else:
                self._update(difference, result)
        except LookupError as error:
            self.problems.append(f"{wanted.title}: {error.args[0]}")

    # -- entities ------------------------------------------------------------------

    def entity(self, kind: Kind, name: str) -> Any:
        """Return the entity of a name, on the server or added by this plan.

        Raises:
            LookupError: there is none.
        """
        key = kind, folded((name,))
        added = self._added.get(key)
        if added is not None:
            return added
        entity_id = self.server.ids.get(key)
        if entity_id is None:
            raise LookupError(
                f"there is no {kind} {name!r} on the server, and no plan to create it"
            )
        return self.server.rows[ATTRIBUTES[kind][0]][entity_id]

    def found(self, definition: Definition) -> Any:
        """Return the entity of a definition that the server has."""
        key = definition.kind, folded(definition.natural_key)
        return self.server.rows[ATTRIBUTES[definition.kind][0]][self.server.ids[key]]

    def add(self, entity_type: str, /, **values: Any) -> Any:
        """Add an entity to the plan and return it."""
        entity_class: Any = self.plan.session.model(entity_type)
        return self.plan.add(entity_class(**values))

    def register(self, definition: Definition, entity: Any) -> None:
        """Let later definitions of this plan refer to an added entity by name."""
        self._added[definition.kind, folded(definition.natural_key)] = entity

    def _create(self, wanted: Definition) -> None:
        entity_type, names = ATTRIBUTES[wanted.kind]
        if isinstance(wanted, Attribute | LinkAttribute):
            values = self._attribute_values(wanted)
        else:
            if wanted.kind == "setting":
                raise LookupError("the server has no such setting, and files make none")
            settings = {
                name: getattr(wanted, name) for name in wanted.identity
            } | wanted.settings()
            values = self._values(names, settings)
            if wanted.kind == "status":
                self._complete_status(values)
        self.register(wanted, self.add(entity_type, **values))

    def _update(self, difference: Difference, result: Definition) -> None:
        if difference.found is None:
            return
        entity = self.found(difference.found)
        _, names = ATTRIBUTES[difference.kind]
        changed = {change.name: change.file for change in difference.changes}
        if isinstance(result, Attribute | LinkAttribute):
            values = self._attribute_changes(result, changed, entity)
        else:
            values = self._values(names, changed)
        for name, value in values.items():
            setattr(entity, name, value)
        self.register(result, entity)

    def _values(
        self, names: Mapping[str, str], settings: Mapping[str, Any]
    ) -> dict[str, Any]:
        values = {
            names.get(name, name): value
            for name, value in settings.items()
            if name != "state"
        }
        if "state" in settings:
            values["state"] = self._state(str(settings["state"]))
        return values

    def _state(self, short: str) -> Any:
        for state in self.server.rows["State"].values():
            if short.casefold() in (state.short.casefold(), state.name.casefold()):
                return state
        shorts = ", ".join(
            sorted(each.short for each in self.server.rows["State"].values())
        )
        raise LookupError(f"there is no state {short!r}; write one of {shorts}")

    def _complete_status(self, values: dict[str, Any]) -> None:
        if "state" not in values:
            raise LookupError('a new status needs a state, such as "IN_PROGRESS"')
        values.setdefault("is_active", True)

    # -- custom attributes ---------------------------------------------------------

    def _attribute_values(self, wanted: Attribute | LinkAttribute) -> dict[str, Any]:
        if not wanted.label:
            raise LookupError("a new custom attribute needs a label")
        is_hierarchical = isinstance(wanted, Attribute) and wanted.hierarchical
        scope = "Project" if is_hierarchical or wanted.on is None else wanted.on
        values: dict[str, Any] = {
            "key": wanted.key,
            "label": wanted.label,
            "entity_type": entity_type_of(scope),
            "sort": wanted.sort or 0,
            **self._object_type("object_type", scope),
            **self._shared(wanted, wanted.settings()),
        }
        if wanted.project is not None:
            values["project_id"] = self._project(wanted.project)
        if isinstance(wanted, LinkAttribute):
            return {
                **values,
                "config": "{}",
                "entity_type_to": entity_type_of(wanted.to, is_target=True),
                **self._object_type("object_type_to", wanted.to),
                "one_to_one": bool(wanted.one_to_one),
            }
        if wanted.type is None:
            raise LookupError('a new custom attribute needs a type, such as "text"')
        values |= {
            "type_id": self._attribute_type(wanted.type),
            "is_hierarchical": wanted.hierarchical,
            "config": config_text(wanted),
        }
        if wanted.default is not None:
            values["default"] = _default(wanted.default)
        return values

    def _attribute_changes(
        self,
        result: Attribute | LinkAttribute,
        changed: Mapping[str, Any],
        entity: Any,
    ) -> dict[str, Any]:
        for name in ("type", "key", "on", "to", "hierarchical"):
            if name in changed:
                raise LookupError(
                    f"the server cannot change {name} of a custom attribute in place "
                    "(FM202). Add a second attribute and move the values: "
                    "ftrack-orm migrate new --recipe retype"
                )
        values = self._shared(result, changed)
        values |= {name: changed[name] for name in ("label", "sort") if name in changed}
        if changed.get("project", "") is None:
            values["project_id"] = None
        elif "project" in changed:
            raise LookupError(
                "an attribute of all projects cannot become one of a single project"
            )
        if isinstance(result, LinkAttribute):
            if "one_to_one" in changed:
                values["one_to_one"] = changed["one_to_one"]
            return values
        if not set(CONFIG_SETTINGS).isdisjoint(changed):
            values["config"] = config_text(result, entity.config)
        if "default" in changed:
            values["default"] = _default(changed["default"])
        return values

    def _shared(
        self, wanted: Attribute | LinkAttribute, settings: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the values of group and roles, as far as `settings` has them."""
        values: dict[str, Any] = {}
        if "group" in settings and wanted.group is not None:
            values["group"] = self.entity("attribute_group", wanted.group)
        for name in ("read", "write"):
            if name in settings:
                values[f"{name}_security_roles"] = self._roles(settings[name])
        return values

    def _roles(self, names: Sequence[str]) -> list[Any]:
        roles = {
            role.name.casefold(): role
            for role in self.server.rows["SecurityRole"].values()
        }
        if "*" in names:
            return list(roles.values())
        for name in names:
            if name.casefold() not in roles:
                raise LookupError(f"there is no security role {name!r} on the server")
        return [roles[name.casefold()] for name in names]

    def _object_type(self, attribute: str, scope: str) -> dict[str, Any]:
        if entity_type_of(scope) != "task":
            return {}
        return {attribute: self.entity("object_type", scope)}

    def _attribute_type(self, name: str) -> str:
        return _id_of(self.server.rows["CustomAttributeType"], name, "attribute type")

    def _project(self, name: str) -> str:
        # Only the projects with attributes of their own are in the rows.
        project_class: Any = self.plan.session.model("Project")
        projects = self.plan.select(project_class)
        found = projects.where(project_class.name == name).first()
        if found is None:
            raise LookupError(f"there is no project {name!r} on the server")
        return str(found.id)


def _id_of(rows: Mapping[str, Any], name: str, noun: str) -> str:
    for key, row in rows.items():
        if row.name.casefold() == name.casefold():
            return key
    raise LookupError(f"there is no {noun} {name!r} on the server")


def _default(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
