"""The base of all declared mappings: every fault of a mapping at once, in our own words."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, ValidationInfo, model_validator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import InitErrorDetails, core_schema

from sim.inputs.faults import known_or_nearest, shortened
from sim.inputs.leaves import FAULT, Names, fault
from sim.inputs.marks import ScalarNode, describe

Loc = tuple[int | str, ...]
Found = list[tuple[Loc, str]]
KEY = "[key]"  # ends the place of a fault that is the key's own, as pydantic has it

_WANTED = {
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "list_type": "a list",
}


class Strict(BaseModel):
    """A mapping with known keys.

    ``structure`` sees the keys as written, whatever their values; ``agreement`` sees values that are all sound.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    @classmethod
    def structure(cls, written: dict[str, Any], names: Names | None) -> Found:  # noqa: ARG003 -- for heirs
        """Faults in how the keys go together."""
        return []

    def agreement(self, names: Names | None) -> Found:  # noqa: ARG002 -- for heirs
        """Faults in how the values go together, and with the world."""
        return []

    @model_validator(mode="wrap")
    @classmethod
    def _collect(cls, written: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        found = cls.structure(written, info.context) if isinstance(written, dict) else []
        result: Self | None = None
        try:
            result = handler(written)
        except ValidationError as error:
            told = error.errors(include_url=False)
            found = [cls._worded(each["type"], each["loc"], each) for each in told] + found
        else:
            found = found + result.agreement(info.context)
        if result is None or found:
            raise ValidationError.from_exception_data(
                cls.__name__,
                [InitErrorDetails(type=fault(message), loc=loc, input=None) for loc, message in found],
            )
        return result

    @classmethod
    def _worded(cls, kind: str, loc: Loc, error: Any) -> tuple[Loc, str]:
        if kind == FAULT:
            return loc, str(error["ctx"]["message"])
        if kind == "extra_forbidden":
            name, known = str(loc[-1]), [field.alias or name for name, field in cls.model_fields.items()]
            return (*loc, KEY), f"unknown key {shortened(name)}{known_or_nearest(name, known)}"
        if kind == "missing":
            return loc[:-1], f"{loc[-1]} is missing"
        came = error["input"]
        node = describe(came) if isinstance(came, ScalarNode) else "a list" if isinstance(came, list) else "a mapping"
        return loc, f"{_WANTED.get(kind, 'something else')} is wanted here, not {node}"


class FileJsonSchema(GenerateJsonSchema):
    """JSON Schema of files: a key that may be left out is no key that may be null, and unknown names are refused."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Just the inner schema."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Without the default, which no file can state."""
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, _schema: Any) -> bool:
        """No titles: they would only repeat the keys."""
        return False

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A mapping with names for keys."""
        return {
            "type": "object",
            "propertyNames": self.generate_inner(schema["keys_schema"]),
            "additionalProperties": self.generate_inner(schema["values_schema"]),
        }
