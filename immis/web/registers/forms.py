"""The form of an act, out of its declaration: it asks for the act's own fields and shows what stands in them."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from immis import clock
from immis.clock import INDIA
from immis.core.access.permissions import Actor
from immis.core.papers.files import type_of
from immis.core.papers.uploads import keep
from immis.registers.declaration import Act, Field, Register
from immis.registers.selectors import may_read
from immis.registers.services import Unfit
from immis.web.registers.words import fault_text
from immis.web.shell import wording
from immis.web.shell.fields import DayInput, InstantInput
from immis.web.shell.uploads import DocumentField

TABLE_ROWS = 8  # empty rows that a form offers behind those that are filled


class ActForm(forms.Form):
    """One act's fields; what the declaration demands is judged by the service, so that every door judges alike."""

    def __init__(
        self, *args: Any, register: Register, act: Act, viewer: Actor, entry: Any = None,
        preset: Mapping[str, Any] | None = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(*args, **kwargs)
        self.register, self.act, self.entry, self.preset = register, act, entry, dict(preset or {})
        values = entry.values if entry else {}
        for name in act.fields:
            field = register.fields[name]
            if not field.rule and name not in self.preset and (entry is None or may_read(viewer, field, entry)):
                self._add(field, values.get(name))
        if act.reason:
            self.fields["act_reason"] = forms.CharField(
                label=_("Reason") if act.reason == "needed" else _("Remark"),
                max_length=1000,
                required=False,
                widget=forms.Textarea({"rows": 2}),
            )
        if entry is not None:
            self.fields["act_revision"] = forms.IntegerField(widget=forms.HiddenInput, initial=entry.revision)

    def _add(self, field: Field, value: Any) -> None:
        if field.type == "table":
            for row in range(len(value or ()) + TABLE_ROWS):
                for column in field.columns:
                    kept = (value or [])[row].get(column.name) if row < len(value or ()) else None
                    self.fields[f"{field.name}.{row}.{column.name}"] = _control(column, kept, f" {row + 1}")
            return
        self.fields[field.name] = _control(field, value)
        if field.type == "yes_no":
            remark = value.get("remark", "") if value else ""
            self.fields[f"{field.name}.remark"] = forms.CharField(
                label=_("Remark: %(field)s") % {"field": wording.name_of(field.title)}, required=False,
                max_length=field.most, initial=remark,
            )  # fmt: skip

    def parts(self) -> list[dict[str, Any]]:
        """The form as it is drawn: fields one by one, and each table as rows of which the filled and the first open."""
        parts: list[dict[str, Any]] = []
        tables: dict[str, dict[str, Any]] = {}
        for bound in self:
            name, _dot, rest = bound.name.partition(".")
            field = self.register.fields.get(name)
            if field is None or field.type != "table":
                parts.append({"field": bound})
                continue
            if name not in tables:
                tables[name] = {"title": wording.name_of(field.title), "help": _help(field), "rows": {}}
                parts.append(tables[name])
            number = int(rest.partition(".")[0])
            row = tables[name]["rows"].setdefault(number, {"number": number + 1, "fields": [], "open": number == 0})
            row["fields"].append(bound)
            row["open"] = row["open"] or bool(bound.value() or bound.errors)
        return parts

    def given(self) -> dict[str, Any]:
        """What was sent, by field, as the service reads it."""
        body: dict[str, Any] = {}
        for name in self.act.fields:
            field = self.register.fields[name]
            if name in self.preset:
                body[name] = self.preset[name]
            elif field.type == "table":
                body[name] = self._rows(field)
            elif field.type == "yes_no":
                answer = self.cleaned_data.get(name)
                remark = self.cleaned_data.get(f"{name}.remark", "")
                body[name] = {"answer": answer, "remark": remark} if answer else None
            elif field.type in ("photo", "file"):
                if file := self.cleaned_data.get(name):
                    body[name] = _kept(file)
            elif name in self.fields:
                body[name] = self.cleaned_data.get(name)
        return body

    def _rows(self, field: Field) -> list[dict[str, Any]]:
        rows: dict[str, dict[str, Any]] = {}
        for name in self.fields:
            table, _dot, rest = name.partition(".")
            if table == field.name:
                row, _dot, column = rest.partition(".")
                rows.setdefault(row, {})[column] = self.cleaned_data.get(name)
        return [row for row in rows.values() if any(row.values())]

    def take(self, unfit: Unfit) -> None:
        """Show each fault at its field."""
        for name, (code, allowed) in unfit.faults.items():
            at, text = "act_reason" if name == "reason" else name, fault_text(code, allowed)
            if at in self.fields:
                self.add_error(at, text)
            else:  # a table has no control of its own
                field = self.register.fields.get(name)
                self.add_error(None, f"{wording.name_of(field.title)}: {text}" if field else text)


def _help(field: Field) -> str:
    return wording.name_of(field.help) if field.help else ""


def _control(field: Field, value: Any, numbered: str = "") -> forms.Field:
    """A control that says whether the declaration demands the field; whether it is there the service judges."""
    control = _bare_control(field, value, numbered)
    control.needed = field.required and field.show_if is None
    return control


def _bare_control(field: Field, value: Any, numbered: str) -> forms.Field:
    words = {
        "label": wording.name_of(field.title) + numbered,
        "help_text": _help(field),
        "required": False,
    }
    if field.type == "choice":
        choices = [("", "—"), *((name, wording.name_of(each)) for name, each in (field.choices or {}).items())]
        return forms.ChoiceField(choices=choices, initial=value, **words)
    if field.type == "yes_no":
        choices = [("", "—"), ("yes", _("yes")), ("no", _("no")), ("na", _("not applicable"))]
        return forms.ChoiceField(choices=choices, initial=value.get("answer") if value else None, **words)
    if field.type in ("photo", "file"):
        control = DocumentField(required=False)
        control.label = words["label"]
        return control
    if field.type == "day":
        return forms.CharField(widget=DayInput, initial=value, max_length=40, **words)
    if field.type == "instant":
        return forms.CharField(widget=InstantInput, initial=_local(value), max_length=40, **words)
    if field.type == "text" and field.most > 200:
        return forms.CharField(widget=forms.Textarea({"rows": 3}), initial=value, max_length=field.most, **words)
    return forms.CharField(initial=_typed(field, value), max_length=max(field.most, 40), **words)


def _local(value: str | None) -> str | None:
    from datetime import datetime

    return datetime.fromisoformat(value).astimezone(INDIA).strftime("%Y-%m-%dT%H:%M") if value else None


def _typed(field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field.type == "money":
        return f"{value // 100}.{value % 100:02d}"
    return ", ".join(map(str, value)) if field.type == "point" else value


def _kept(file: Any) -> Mapping[str, Any]:
    content = file.read()
    return {
        "sha256": keep(content, at=clock.now()),
        "name": file.name[-120:],
        "type": type_of(content),
        "size": len(content),
    }
