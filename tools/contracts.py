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
