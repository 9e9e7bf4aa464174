"""JSON schemas for those who need one: the library that knows them is imported with the first."""

from collections.abc import Mapping
from typing import Any

from rejoinder.services.model_ports import AnswerShape


class ShapesOnDemand:
    """The port `AnswerShapes`."""

    def of(self, schema: dict[str, Any]) -> AnswerShape:
        """As the port says."""
        from rejoinder.adapters.json_schema import JsonSchemas

        return JsonSchemas().of(schema)


def problems(value: Any, schema: Mapping[str, Any]) -> list[str]:
    """What is wrong with a value by a schema; none when it fits. It blocks."""
    from rejoinder.adapters.json_schema import problems as found

    return found(value, dict(schema))
