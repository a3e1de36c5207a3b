"""How forms and their fields are drawn: label, hint, control and error tied together, and what is to be corrected."""

from typing import Any

from django import template
from django.forms import BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect

register = template.Library()


#: So many boxes of a group stand before "show all".
FOLDED = 12


@register.inclusion_tag("components/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """``{% field form.name %}``: label, hint, control and error in words, tied together for a screen reader."""
    widget = bound.field.widget
    described = [
        f"{bound.id_for_label}_{part}" for part, there in (("hint", bound.help_text), ("error", bound.errors)) if there
    ]
    attrs: dict[str, str] = {"aria-describedby": " ".join(described)} if described else {}
    if bound.errors:
        attrs["aria-invalid"] = "true"
    kind = "control"
    if isinstance(widget, CheckboxInput):
        kind = "check"
    elif isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        kind = "group"
    elif isinstance(widget, FileInput):
        kind = "file"
    optional = not getattr(bound.field, "needed", bound.field.required)
    if not optional and not bound.field.required and kind not in ("group", "file"):
        attrs["aria-required"] = "true"
    control = bound.as_widget(attrs=attrs)
    return {
        "field": bound,
        "control": control,
        "kind": kind,
        "hidden": bound.is_hidden,
        "optional": optional,
        "many": len(getattr(bound.field, "choices", ())) > FOLDED if kind == "group" else False,
        "takes_photo": "capture" in widget.attrs,
    }


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: Any) -> dict[str, Any]:
    """``{% error_summary form %}``: what is to be corrected, each line leading to its field; nothing where all is well.

    A filter that was read from the address says nothing.
    """
    lines = [("", "", error) for error in form.non_field_errors()]
    for name, problems in form.errors.items():
        if name in form.fields:
            bound = form[name]
            lines.append((_first_control(bound), bound.label, " ".join(map(str, problems))))
    return {"lines": lines}


def _first_control(bound: BoundField) -> str:
    """The id of what is filled in: of a group its first button."""
    grouped = isinstance(bound.field.widget, RadioSelect | CheckboxSelectMultiple)
    return f"{bound.auto_id}_0" if grouped else bound.id_for_label


@register.inclusion_tag("components/form.html", takes_context=True)
def form_fields(context: Any, form: Any) -> dict[str, Any]:
    """``{% form_fields form %}``: the form's own errors and every field by ``field``."""
    return {"form": form}
