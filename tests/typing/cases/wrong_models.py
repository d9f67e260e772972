# ruff: noqa
# fmt: off
"""Results have the classes of the session's models."""

from datetime import date

from ftrack_models import AssetVersion, Context, CustomAttributeConfiguration, Shot, Task
from ftrack_orm import Session


def results(session: Session, shot: Shot, version: AssetVersion) -> None:
    component, place, upload = session.create_component("plate.png")
    component.data.sise  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    place.data.resource_identifyer  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    shot.thumbnail = place.data  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    a: str = component.data.size  # E: mypy[assignment] pyright[reportAssignmentType]
    job = session.encode_media(component.data, version=version)
    job.state  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    b: int = session.delayed_job("DELETE").status  # E: mypy[assignment] pyright[reportAssignmentType]
    Session(models=5)  # E: mypy[arg-type] pyright[reportArgumentType]
    session.model("Task", Context).nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.model("Task", "Context")  # E: mypy[call-overload] pyright[reportArgumentType]
    session.model("Task", str)  # E: mypy[type-var] pyright[reportArgumentType]
    c: type[Task] = session.model("Task", Context)  # E: mypy[arg-type] pyright[reportAssignmentType]


def keys(session: Session) -> None:
    session.ensure(Task, {"name": "lighting"}, [Task.nmae])  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.ensure(Task, {"name": "lighting"}, [5])  # E: mypy[list-item] pyright[reportArgumentType, reportCallIssue]
    session.ensure(Task, {"name": "lighting"}, Task.name)  # E: mypy[call-overload] pyright[reportArgumentType, reportCallIssue]


def configurations(config: CustomAttributeConfiguration) -> None:
    config.entity_type = 5  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    config.entity_type_  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    CustomAttributeConfiguration.entity_type.like(5)  # E: mypy[arg-type] pyright[reportArgumentType]


def custom_attributes(shot: Shot) -> None:
    shot.custom_attributes.read("fstart", float).upper()  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    a: str = shot.custom_attributes.read("fstart", float)  # E: mypy[assignment] pyright[reportAssignmentType]
    shot.custom_attributes.read("fstart")  # E: mypy[call-arg] pyright[reportCallIssue]
    shot.custom_attributes.read("fstart", "float")  # E: mypy[arg-type] pyright[reportArgumentType]
    shot.custom_attributes["fstart"] = object()  # E: mypy[assignment] pyright[reportArgumentType]
    shot.custom_attributes["shot"] = shot  # E: mypy[assignment] pyright[reportArgumentType]
    shot.custom_attributes[5]  # E: mypy[call-overload] pyright[reportArgumentType, reportCallIssue]
    Shot.custom_attributes["fstart"] > shot  # E: mypy[operator] pyright[reportOperatorIssue]
    shot.metadata["frames"] + 1  # E: mypy[operator] pyright[reportOperatorIssue]
    b: int = shot.metadata.read("frames", str)  # E: mypy[assignment] pyright[reportAssignmentType]
