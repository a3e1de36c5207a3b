"""Contracts of the house that import-linter has no kind for."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expressions_to_modules

_ROOT = "immis."


def _home_of_models(module: str) -> str:
    """The domain whose models a module keeps (``immis.leases`` of ``immis.leases.models``); empty where none."""
    _root, *parts = module.split(".")
    keeps = module.startswith(_ROOT) and any(part == "models" or part.endswith("_models") for part in parts)
    return _ROOT + parts[0] if keeps else ""


class OwnModels(Contract):  # type: ignore[misc]
    """Models are imported inside their own domain alone; whoever else wants its records asks its selectors.

    Domains are named nowhere: one that is added keeps its models from its first day. ``besides`` are the packages that
    may see the models of all.
    """

    type_name = "own_models"

    besides = fields.ListField(subfield=fields.ModuleExpressionField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Faults are sentences: who imports which models, and in which line."""
        free = {module.name for module in module_expressions_to_modules(graph, self.besides, as_packages=True)}
        faults = []
        for models in sorted(filter(_home_of_models, graph.modules)):
            inside = f"{_home_of_models(models)}."
            for importer in sorted(graph.find_modules_that_directly_import(models) - free):
                if not importer.startswith(inside):
                    lines = [row["line_number"] for row in graph.get_import_details(importer=importer, imported=models)]
                    faults.append(f"{importer} imports {models} (line {', '.join(map(str, lines))})")
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the faults."""
        for fault in check.metadata["faults"]:
            output.print_error(fault)


class OnlyThese(Contract):  # type: ignore[misc]
    """A package imports of the house nothing but what is named, and no ``outside`` package at all.

    What it may not see is named nowhere: a domain that is added is closed to it from its first day.
    """

    type_name = "only_these"

    packages = fields.ListField(subfield=fields.ModuleExpressionField())
    may_import = fields.ListField(subfield=fields.ModuleExpressionField())
    outside = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Faults are sentences: who imports what."""
        inside = {module.name for module in module_expressions_to_modules(graph, self.packages, as_packages=True)}
        seen = inside | {m.name for m in module_expressions_to_modules(graph, self.may_import, as_packages=True)}
        faults = [
            f"{importer} imports {imported}"
            for importer in sorted(inside & graph.modules)
            for imported in sorted(graph.find_modules_directly_imported_by(importer) - seen)
            if imported.startswith(_ROOT) or imported in (self.outside or ())
        ]
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the faults."""
        for fault in check.metadata["faults"]:
            output.print_error(fault)
